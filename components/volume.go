package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// secretsPath is where a container finds its secrets, one file for each key.
const secretsPath = "/etc/mediawiki-secrets"

func claimVolume(name string, claim pulumi.StringOutput) corev1.VolumeArgs {
	return corev1.VolumeArgs{
		Name: pulumi.String(name), PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSourceArgs{ClaimName: claim},
	}
}

func configMapVolume(name string, configMap pulumi.StringOutput) corev1.VolumeArgs {
	return corev1.VolumeArgs{
		Name: pulumi.String(name), ConfigMap: &corev1.ConfigMapVolumeSourceArgs{Name: configMap.ToStringPtrOutput()},
	}
}

func secretVolume(name string, secret pulumi.StringOutput) corev1.VolumeArgs {
	return corev1.VolumeArgs{Name: pulumi.String(name), Secret: &corev1.SecretVolumeSourceArgs{
		SecretName: secret.ToStringPtrOutput(), DefaultMode: pulumi.Int(0o440),
	}}
}

// diskVolume returns a volume on the node's disk that is deleted with the Pod. Kubernetes evicts a Pod that writes more than size to it, in
// MiB.
func diskVolume(name string, size int) corev1.VolumeArgs {
	return corev1.VolumeArgs{Name: pulumi.String(name), EmptyDir: &corev1.EmptyDirVolumeSourceArgs{SizeLimit: mebibytes(size)}}
}

// memoryVolume returns a volume in memory, of a size in MiB. Its contents count towards the memory limit of the container that wrote them.
func memoryVolume(name string, size int) corev1.VolumeArgs {
	return corev1.VolumeArgs{Name: pulumi.String(name), EmptyDir: &corev1.EmptyDirVolumeSourceArgs{
		Medium: pulumi.String("Memory"), SizeLimit: mebibytes(size),
	}}
}

// mount mounts a volume, or what is at subPath in it if that is not empty.
func mount(volume, path, subPath string) corev1.VolumeMountArgs {
	args := corev1.VolumeMountArgs{Name: pulumi.String(volume), MountPath: pulumi.String(path)}
	if subPath != "" {
		args.SubPath = pulumi.String(subPath)
	}
	return args
}
