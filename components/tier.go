package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// webID is the id of user and group www-data in the image.
const webID = 33

// tierArgs are what the parts whose Pods run MediaWiki have in common.
type tierArgs struct {
	namespace pulumi.StringInput
	image     pulumi.StringInput
	mariadb   DatabaseArgs
	settings  *settings
	database  *database
	wiki      WikiArgs
	web       WebArgs
	storage   string
	uploads   pulumi.StringOutput   // name of a claim
	backups   pulumi.StringOutput   // name of a claim
	remote    *remote               // nil if copies of backups are kept nowhere
	after     pulumi.ResourceOption // waits for the migration; nil for the migration itself
	known     corev1.HostAliasArray // addresses of what its Pods ask
	cached    bool                  // whether changes have to be told to caches
	name      string                // of the wiki
	timeouts  TimeoutsArgs

	destinations []Destination // see [MediaWikiStackArgs].Egress
}

// child returns the options of a tier's objects. None of them changes before the migration has succeeded, so that one that fails leaves
// everything as it was: not only Pods, but also what leads readers to them.
func (t *tierArgs) child(parent pulumi.Resource) []pulumi.ResourceOption {
	options := []pulumi.ResourceOption{pulumi.Parent(parent), t.timeouts.resourceOption()}
	if t.after != nil {
		options = append(options, t.after)
	}
	return options
}

func (t *tierArgs) metadata() *metav1.ObjectMetaArgs {
	return &metav1.ObjectMetaArgs{Namespace: t.namespace.ToStringOutput().ToStringPtrOutput()}
}

// pod is a Pod with the wiki's settings, and with these secrets.
func (t *tierArgs) pod(secret pulumi.StringOutput) *corev1.PodSpecArgs {
	spec := restrictedPod(webID)
	spec.HostAliases = t.known
	spec.Volumes = corev1.VolumeArray{
		configMapVolume("settings", t.settings.configMap),
		secretVolume("secrets", secret),
		emptyVolume("tmp", disk),
	}
	if t.storage == StorageGentle {
		spec.Volumes = append(spec.Volumes.(corev1.VolumeArray), emptyVolume("messages", memory))
	}
	return spec
}

// container runs a command with MediaWiki. Its environment is what it has beyond every container's.
func (t *tierArgs) container(name string, environs map[string]pulumi.StringInput, command ...string) *corev1.ContainerArgs {
	variables := map[string]pulumi.StringInput{
		"MW_CONFIG_FILE":    pulumi.String("/etc/mediawiki-stack/LocalSettings.php"),
		"MEDIAWIKI_GATE":    t.settings.gate,
		"MEDIAWIKI_MEMORY":  pulumi.Sprintf("%dM", t.web.RequestMemory),
		"MEDIAWIKI_OPCACHE": pulumi.Sprintf("%d", t.web.Opcache),
		"MEDIAWIKI_APCU":    pulumi.Sprintf("%dM", t.web.APCu),
		// ImageMagick works in files beyond that.
		"MAGICK_MEMORY_LIMIT": pulumi.String("64MiB"),
		"MAGICK_MAP_LIMIT":    pulumi.String("64MiB"),
		// PHP counts a form's other fields too.
		"MEDIAWIKI_MAX_UPLOAD": pulumi.Sprintf("%dM", t.wiki.Uploads.MaxSize),
		"MEDIAWIKI_MAX_POST":   pulumi.Sprintf("%dM", t.wiki.Uploads.MaxSize.ToIntOutput().ApplyT(func(size int) int { return size + 8 })),
	}
	for variable, value := range environs {
		variables[variable] = value
	}
	container := &corev1.ContainerArgs{
		Name:            pulumi.String(name),
		Image:           t.image.ToStringOutput().ToStringPtrOutput(),
		Command:         pulumi.ToStringArray(command),
		Env:             environment(variables),
		SecurityContext: restrictedContainer(),
		VolumeMounts: corev1.VolumeMountArray{
			mount("settings", "/etc/mediawiki-stack", ""),
			mount("settings", "/usr/local/etc/php/conf.d/zz-mediawiki-stack.ini", "php.ini"),
			mount("secrets", secretsPath, ""),
			mount("tmp", "/tmp", ""),
		},
	}
	if t.storage == StorageGentle {
		// Where LocalSettings.php has MediaWiki keep its messages.
		container.VolumeMounts = append(container.VolumeMounts.(corev1.VolumeMountArray), mount("messages", "/tmp/mediawiki", ""))
	}
	return container
}

// program runs a PHP program of ours, which ends within seconds of being asked to.
func (t *tierArgs) program(name string, environs map[string]pulumi.StringInput, program string) *corev1.ContainerArgs {
	return t.container(name, environs, "sh", "/etc/mediawiki-stack/run.sh", program)
}

// withUploads has a Pod and its container mount what users upload. Where one node alone can mount it, all such Pods share a node.
func (t *tierArgs) withUploads(name string, spec *corev1.PodSpecArgs, container *corev1.ContainerArgs) {
	spec.Volumes = append(spec.Volumes.(corev1.VolumeArray), claimVolume("uploads", t.uploads))
	container.VolumeMounts = append(container.VolumeMounts.(corev1.VolumeMountArray), mount("uploads", "/var/www/html/images", ""))
	others := &metav1.LabelSelectorArgs{MatchExpressions: metav1.LabelSelectorRequirementArray{metav1.LabelSelectorRequirementArgs{
		Key: pulumi.String("app"), Operator: pulumi.String("In"), Values: pulumi.ToStringArray(tierNames(name)),
	}}}
	if t.wiki.Uploads.AccessMode == ReadWriteOnce {
		spec.Affinity = &corev1.AffinityArgs{PodAffinity: &corev1.PodAffinityArgs{
			RequiredDuringSchedulingIgnoredDuringExecution: corev1.PodAffinityTermArray{corev1.PodAffinityTermArgs{
				LabelSelector: others, TopologyKey: pulumi.String("kubernetes.io/hostname"),
			}},
		}}
		return
	}
	spec.TopologySpreadConstraints = corev1.TopologySpreadConstraintArray{corev1.TopologySpreadConstraintArgs{
		LabelSelector: others, TopologyKey: pulumi.String("kubernetes.io/hostname"),
		MaxSkew: pulumi.Int(1), WhenUnsatisfiable: pulumi.String("ScheduleAnyway"),
	}}
}

// tierNames are the labels of all Pods that run MediaWiki.
func tierNames(name string) []string {
	return []string{name + "-app", name + "-jobs", name + "-migration", name + "-backup"}
}

// waiting is the init container that holds a Pod back until its database has been migrated.
func (t *tierArgs) waiting() corev1.ContainerArray {
	container := t.program("wait", nil, "wait")
	container.Resources = waitNeed.resources()
	return corev1.ContainerArray{container}
}
