package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// withTools gives a Pod and its container the volume for backups, and MariaDB's own programs, which are not in MediaWiki's image: a
// sidecar runs them when it is asked to.
// https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
func (t *tierArgs) withTools(spec *corev1.PodSpecArgs, container *corev1.ContainerArgs) {
	tools := &corev1.ContainerArgs{
		Name:          pulumi.String("tools"),
		Image:         t.mariadb.Image.ToStringOutput().ToStringPtrOutput(),
		RestartPolicy: pulumi.String("Always"),
		Command:       pulumi.ToStringArray([]string{"bash", "/etc/mediawiki-stack/tools.sh"}),
		Env: environment(map[string]pulumi.StringInput{
			"DATABASE_HOST": t.database.host,
			"DATABASE_PORT": pulumi.Sprintf("%d", t.database.port),
			"DATABASE_NAME": t.mariadb.Name,
		}),
		SecurityContext: restrictedContainer(),
		Resources:       toolsNeed.resources(),
		VolumeMounts: corev1.VolumeMountArray{
			mount("settings", "/etc/mediawiki-stack", ""), mount("secrets", secretsPath, ""), mount("tmp", "/tmp", ""),
		},
	}
	spec.Volumes = append(spec.Volumes.(corev1.VolumeArray), claimVolume("backups", t.backups), emptyVolume("tools", memory))
	for _, c := range []*corev1.ContainerArgs{container, tools} {
		c.VolumeMounts = append(c.VolumeMounts.(corev1.VolumeMountArray),
			mount("backups", "/backups", ""), mount("tools", "/run/tools", ""))
	}
	spec.InitContainers = corev1.ContainerArray{tools}
}
