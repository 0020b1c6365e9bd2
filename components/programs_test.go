package components

import (
	"encoding/json"
	"io/fs"
	"path"
	"testing"
	"testing/fstest"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// objectsOf returns the inputs of the objects of a wiki whose Pods get these files, by kind and name.
func objectsOf(t *testing.T, with fs.FS) map[string]string {
	t.Helper()
	embedded := files
	files = with
	defer func() { files = embedded }()
	registered, err := mocks.Run(func(ctx *pulumi.Context) error {
		_, err := NewMediaWikiStack(ctx, "mediawiki", &MediaWikiStackArgs{
			Namespace: pulumi.String("wiki"), CreateNamespace: true, MasterSecret: pulumi.String("0123456789-0123456789-0123456789"),
			NodeHost: pulumi.String("192.0.2.7"),
		})
		return err
	}, mocks.Options{})
	require.NoError(t, err)
	found := map[string]string{}
	for _, res := range registered.Resources {
		if res.Object != nil {
			inputs, err := json.Marshal(res.Object)
			require.NoError(t, err)
			found[res.String()] = string(inputs)
		}
	}
	return found
}

func TestChangedFileChangesOnlyWhatRunsIt(t *testing.T) {
	all := fstest.MapFS{}
	require.NoError(t, fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, file)
		all[file] = &fstest.MapFile{Data: text}
		return err
	}))
	before := objectsOf(t, all)
	web := []string{"ConfigMap mediawiki-app", "Deployment mediawiki-app"}
	jobs := []string{"ConfigMap mediawiki-jobs", "Deployment mediawiki-jobs"}
	migration := []string{"ConfigMap mediawiki-migration", "Job mediawiki-migration"}
	backups := []string{"ConfigMap mediawiki-backup", "CronJob mediawiki-backup", "CronJob mediawiki-drill"}
	pages := []string{
		"ConfigMap mediawiki-settings", "Job mediawiki-migration", "Deployment mediawiki-app", "Deployment mediawiki-jobs",
		"CronJob mediawiki-backup", "CronJob mediawiki-drill", "ConfigMap mediawiki-cache", "StatefulSet mediawiki-cache",
	}
	for file, want := range map[string][]string{
		"bin/backup.php":        backups,
		"bin/restore.php":       backups,
		"bin/jobs.sh":           jobs,
		"bin/migrate.php":       migration,
		"bin/wait.php":          append(web[:2:2], jobs...),
		"health/healthz.php":    web,
		"sidecars/database.sh":  append(migration[:2:2], backups...),
		"src/Archive.php":       append(migration[:2:2], backups...),
		"src/Upgrade.php":       migration,
		"src/DumpImport.php":    backups,
		"web/LocalSettings.php": pages,
		"web/OwnedSettings.php": pages,
		"web/site.conf":         pages,
	} {
		t.Run(file, func(t *testing.T) {
			changed := fstest.MapFS{}
			for name, text := range all {
				changed[name] = text
			}
			file := "files/mediawiki/" + file
			changed[file] = &fstest.MapFile{Data: append(all[file].Data[:len(all[file].Data):len(all[file].Data)], '\n')}
			var differ []string
			for name, object := range objectsOf(t, changed) {
				if object != before[name] {
					differ = append(differ, name)
				}
			}
			assert.ElementsMatch(t, want, differ)
		})
	}
}

func TestEveryProgramIsMounted(t *testing.T) {
	used := map[string]bool{}
	for _, paths := range [][]string{webPrograms, jobsPrograms, migrationPrograms, backupPrograms} {
		keys := map[string]bool{}
		found := programFiles(files, paths)
		for file := range found {
			used[file], keys[path.Base(file)] = true, true
		}
		assert.Len(t, keys, len(found), "each file has a key of its own in its ConfigMap: %v", found)
	}
	for _, folder := range []string{"bin", "health", "sidecars", "src"} {
		entries, err := fs.ReadDir(files, "files/mediawiki/"+folder)
		require.NoError(t, err)
		for _, entry := range entries {
			assert.True(t, used[folder+"/"+entry.Name()], "%s/%s is in a ConfigMap", folder, entry.Name())
		}
	}
}
