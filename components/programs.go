package components

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// programsPath is where containers find programs, in the folders of files/mediawiki.
const programsPath = "/etc/mediawiki-programs"

// Programs that Pods of each part run. Each part has a ConfigMap with these and with the classes that they use, so that a changed program
// replaces the Pods that contain it and no others.
var (
	webPrograms       = append([]string{"health/healthz.php", "health/metrics.php"}, waitPrograms...)
	jobsPrograms      = append([]string{"bin/jobs.sh", "bin/run-jobs.php", "bin/release-job.php", "bin/check-mail.php"}, waitPrograms...)
	migrationPrograms = append([]string{
		"bin/run.sh", "bin/migrate.php", "bin/examine-settings.php", "bin/packages.php",
	}, sidecarPrograms...)
	// Operators run restore, check-import, import and list-backups with the account of the migration, see internal/operate.
	backupPrograms = append([]string{
		"bin/run.sh", "bin/backup.php", "bin/drill.php", "bin/restore.php", "bin/check-import.php", "bin/import.php",
		"bin/list-backups.php", "bin/examine-settings.php", "bin/packages.php",
	}, sidecarPrograms...)

	waitPrograms    = []string{"bin/run.sh", "bin/wait.php"}
	sidecarPrograms = []string{"sidecars/database.sh", "sidecars/scratch.sh", "sidecars/repository.sh", "sidecars/passwd"}
)

// programs is a ConfigMap with programs.
type programs struct {
	files     map[string]string // texts by path
	configMap pulumi.StringOutput
}

// newPrograms creates the ConfigMap with the programs of a part.
func newPrograms(ctx *pulumi.Context, w *wiki, part parts.Part, paths []string, opts ...pulumi.ResourceOption) (*programs, error) {
	p := &programs{files: programFiles(files, paths)}
	data := pulumi.StringMap{}
	for file, text := range p.files {
		data[path.Base(file)] = pulumi.String(text) // a key has no slash
	}
	configMap, err := corev1.NewConfigMap(ctx, part.Of(w.name), &corev1.ConfigMapArgs{Metadata: w.metadata(), Data: data}, opts...)
	if err != nil {
		return nil, err
	}
	p.configMap = nameOf(configMap, configMap.Metadata)
	return p, nil
}

// volume returns the volume with the programs, in folders.
func (p *programs) volume() corev1.VolumeArgs {
	items := make(corev1.KeyToPathArray, 0, len(p.files))
	for _, file := range slices.Sorted(maps.Keys(p.files)) {
		items = append(items, corev1.KeyToPathArgs{Key: pulumi.String(path.Base(file)), Path: pulumi.String(file)})
	}
	return corev1.VolumeArgs{Name: pulumi.String("programs"), ConfigMap: &corev1.ConfigMapVolumeSourceArgs{
		Name: p.configMap.ToStringPtrOutput(), Items: items,
	}}
}

// hash returns a hash of all programs.
func (p *programs) hash() string {
	texts := make([]string, 0, 2*len(p.files))
	for _, file := range slices.Sorted(maps.Keys(p.files)) {
		texts = append(texts, file, p.files[file])
	}
	return marks.ShortHash(texts...)
}

// comment matches lines of PHP that contain only a comment.
var comment = regexp.MustCompile(`(?m)^\s*(//|/?\*).*$`)

// word matches what may be the name of a class.
var word = regexp.MustCompile(`\w+`)

// programFiles returns the programs at these paths with all classes that they use, directly or by way of others. A class is in the file
// src/CLASS.php.
func programFiles(files fs.FS, paths []string) map[string]string {
	const folder = "files/mediawiki/"
	classes, err := fs.Glob(files, folder+"src/*.php")
	if err != nil {
		panic(err)
	}
	found := map[string]string{}
	for paths := slices.Clone(paths); len(paths) > 0; paths = paths[1:] {
		file := paths[0]
		if _, has := found[file]; has {
			continue
		}
		text, err := fs.ReadFile(files, folder+file)
		if err != nil {
			panic(err)
		}
		found[file] = string(text)
		if strings.HasSuffix(file, ".php") {
			for _, class := range word.FindAllString(comment.ReplaceAllString(string(text), ""), -1) {
				if file := "src/" + class + ".php"; slices.Contains(classes, folder+file) {
					paths = append(paths, file)
				}
			}
		}
	}
	return found
}
