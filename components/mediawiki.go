package components

import (
	"maps"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// webID is the ID of user and group www-data in the image.
const webID = 33

// mediawiki builds the Pods that run MediaWiki: those of [parts.MediaWiki].
type mediawiki struct {
	*wiki

	settings     *settings
	database     *database
	hostAliases  corev1.HostAliasArray // of the Services that the Pods connect to
	claims       *claims
	remoteSecret pulumi.StringOutput // name of a Secret; set if backups are copied elsewhere
}

// newMediaWiki creates what Pods of several parts mount.
func newMediaWiki(
	ctx *pulumi.Context, w *wiki, settings *settings, db *database, hostAliases corev1.HostAliasArray,
) (*mediawiki, error) {
	m := &mediawiki{wiki: w, settings: settings, database: db, hostAliases: hostAliases}
	var err error
	if m.claims, err = newClaims(ctx, w); err != nil {
		return nil, err
	}
	if w.remote != nil {
		m.remoteSecret, err = newRemoteSecret(ctx, w)
	}
	return m, err
}

// pod returns a Pod with the wiki's settings, the secrets in a Secret, programs, and a /tmp of a size in MiB.
func (m *mediawiki) pod(secret pulumi.StringOutput, programs *programs, tmp int) *pod {
	return &pod{user: webID, hostAliases: m.hostAliases, volumes: corev1.VolumeArray{
		configMapVolume("settings", m.settings.configMap), secretVolume("secrets", secret), diskVolume("tmp", tmp), programs.volume(),
	}}
}

// container returns a container that runs a command with MediaWiki. env is added to the environment of every such container.
func (m *mediawiki) container(name string, env map[string]pulumi.StringInput, command ...string) *container {
	uploads, web := m.args.Wiki.Uploads, m.sizes.Web
	c := &container{name: name, image: m.args.Image, command: command, need: m.sizes.Need(name), env: map[string]pulumi.StringInput{
		"MW_CONFIG_FILE":     pulumi.String("/etc/mediawiki-stack/LocalSettings.php"),
		"MEDIAWIKI_REVISION": m.settings.revision,
		"MEDIAWIKI_MEMORY":   pulumi.Sprintf("%dM", web.RequestMemory),
		"MEDIAWIKI_OPCACHE":  pulumi.Sprintf("%d", web.Opcache),
		"MEDIAWIKI_APCU":     pulumi.Sprintf("%dM", web.APCu),
		// Beyond these limits, ImageMagick works in files.
		"MAGICK_MEMORY_LIMIT": pulumi.String("64MiB"),
		"MAGICK_MAP_LIMIT":    pulumi.String("64MiB"),
		"MAGICK_DISK_LIMIT":   pulumi.Sprintf("%dMiB", sizes.PictureDisk),
		// The limit of a form includes its other fields.
		"MEDIAWIKI_MAX_UPLOAD": pulumi.Sprintf("%dM", uploads.MaxSize),
		"MEDIAWIKI_MAX_POST":   pulumi.Sprintf("%dM", uploads.MaxSize+8),
	}}
	maps.Copy(c.env, env)
	c.mounts = corev1.VolumeMountArray{
		mount("settings", "/etc/mediawiki-stack", ""),
		mount("settings", "/usr/local/etc/php/conf.d/zz-mediawiki-stack.ini", "php.ini"),
		mount("secrets", secretsPath, ""),
		mount("tmp", "/tmp", ""),
		mount("programs", programsPath, ""),
	}
	return c
}

// program returns a container that runs one of our PHP programs. It ends within seconds of SIGTERM.
func (m *mediawiki) program(name string, env map[string]pulumi.StringInput, program string) *container {
	return m.container(name, env, "sh", programsPath+"/bin/run.sh", program)
}

// waitForMigration returns the init container that holds a Pod back until the migration has approved its image and settings.
func (m *mediawiki) waitForMigration() *container {
	return m.program("wait", nil, "wait")
}

// mountUploads mounts the uploads in a Pod's container. If only one node can mount the volume, all such Pods share that node, and none
// moves.
func (m *mediawiki) mountUploads(p *pod, c *container) {
	p.volumes = append(p.volumes, claimVolume("uploads", m.claims.uploads))
	c.mounts = append(c.mounts, mount("uploads", "/var/www/html/images", ""))
	apps := make([]string, len(parts.MediaWiki))
	for i, part := range parts.MediaWiki {
		apps[i] = part.Of(m.name)
	}
	others := &metav1.LabelSelectorArgs{MatchExpressions: metav1.LabelSelectorRequirementArray{metav1.LabelSelectorRequirementArgs{
		Key: pulumi.String("app"), Operator: pulumi.String("In"), Values: pulumi.ToStringArray(apps),
	}}}
	if m.args.Wiki.Uploads.AccessMode == ReadWriteOnce {
		p.affinity = sameNode(others)
	} else {
		p.spread, p.moves = onePerNode(others), true
	}
}
