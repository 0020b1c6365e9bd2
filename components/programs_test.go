package components

import (
	"encoding/json"
	"io/fs"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
)

// objects is an engine that records the inputs of every Kubernetes object, by type and name. As with the real engine, another ConfigMap has
// another name.
type objects struct {
	mu    sync.Mutex
	found map[string]string
}

func (o *objects) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	inputs, err := json.Marshal(args.Inputs.Mappable())
	if err != nil {
		return "", nil, err
	}
	state := args.Inputs.Copy()
	if kind := path.Base(strings.ReplaceAll(args.TypeToken, ":", "/")); strings.HasPrefix(args.TypeToken, "kubernetes:") {
		o.mu.Lock()
		o.found[kind+" "+args.Name] = string(inputs)
		o.mu.Unlock()
		metadata := resource.PropertyMap{}
		if given, has := state["metadata"]; has {
			metadata = given.ObjectValue().Copy()
		}
		if _, named := metadata["name"]; !named {
			metadata["name"] = resource.NewStringProperty(args.Name + "-" + marks.ShortHash(string(inputs)))
		}
		state["metadata"] = resource.NewObjectProperty(metadata)
		if kind == "Service" {
			spec := state["spec"].ObjectValue()
			spec["clusterIP"] = resource.NewStringProperty("10.152.183.7")
			spec["ports"].ArrayValue()[0].ObjectValue()["nodePort"] = resource.NewNumberProperty(31234)
		}
	}
	return args.Name + "_id", state, nil
}

func (o *objects) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}

// objectsOf returns the objects of a wiki whose Pods get these files.
func objectsOf(t *testing.T, with fs.FS) map[string]string {
	t.Helper()
	embedded := files
	files = with
	defer func() { files = embedded }()
	engine := &objects{found: map[string]string{}}
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := NewMediaWikiStack(ctx, "mediawiki", &MediaWikiStackArgs{
			Namespace: pulumi.String("wiki"), CreateNamespace: true, MasterSecret: pulumi.String("0123456789-0123456789-0123456789"),
			NodeHost: pulumi.String("192.0.2.7"),
		})
		return err
	}, pulumi.WithMocks("mediawiki", "test", engine)))
	return engine.found
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

func TestEveryProgramIsSomewhere(t *testing.T) {
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
