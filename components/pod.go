package components

import (
	"fmt"
	"maps"
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// secretsPath is where a container finds what is secret, a file for each key.
const secretsPath = "/etc/mediawiki-secrets"

// Where an empty volume lies. What lies in memory counts as its container's.
const (
	disk   = ""
	memory = "Memory"
)

// restrictedPod is the beginning of a Pod that runs as the user and group of an id, with no privilege and no token.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
func restrictedPod(id int) *corev1.PodSpecArgs {
	return &corev1.PodSpecArgs{
		AutomountServiceAccountToken: pulumi.Bool(false),
		EnableServiceLinks:           pulumi.Bool(false),
		DnsConfig:                    resolver(),
		SecurityContext: &corev1.PodSecurityContextArgs{
			RunAsNonRoot:        pulumi.Bool(true),
			RunAsUser:           pulumi.Int(id),
			RunAsGroup:          pulumi.Int(id),
			FsGroup:             pulumi.Int(id),
			FsGroupChangePolicy: pulumi.String("OnRootMismatch"),
			SeccompProfile:      &corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
		},
	}
}

// resolver has a Pod ask for names one after the other and try again after a second. The C library asks for both kinds of addresses at
// once, of which connection tracking may lose one; then it waits for five seconds.
// https://man7.org/linux/man-pages/man5/resolv.conf.5.html
func resolver() *corev1.PodDNSConfigArgs {
	return &corev1.PodDNSConfigArgs{Options: corev1.PodDNSConfigOptionArray{
		corev1.PodDNSConfigOptionArgs{Name: pulumi.String("single-request")},
		corev1.PodDNSConfigOptionArgs{Name: pulumi.String("timeout"), Value: pulumi.String("1")},
		corev1.PodDNSConfigOptionArgs{Name: pulumi.String("attempts"), Value: pulumi.String("5")},
	}}
}

func restrictedContainer() *corev1.SecurityContextArgs {
	return &corev1.SecurityContextArgs{
		AllowPrivilegeEscalation: pulumi.Bool(false),
		ReadOnlyRootFilesystem:   pulumi.Bool(true),
		Capabilities:             &corev1.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
	}
}

// mebibytes is a quantity as the API server writes it.
func mebibytes(n int) pulumi.String {
	if n%1024 == 0 {
		return pulumi.String(fmt.Sprintf("%dGi", n/1024))
	}
	return pulumi.String(fmt.Sprintf("%dMi", n))
}

func environment(variables map[string]pulumi.StringInput) corev1.EnvVarArray {
	env := make(corev1.EnvVarArray, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		env = append(env, corev1.EnvVarArgs{Name: pulumi.String(name), Value: variables[name].ToStringOutput().ToStringPtrOutput()})
	}
	return env
}

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

func emptyVolume(name, medium string) corev1.VolumeArgs {
	source := &corev1.EmptyDirVolumeSourceArgs{}
	if medium != disk {
		source.Medium = pulumi.String(medium)
	}
	return corev1.VolumeArgs{Name: pulumi.String(name), EmptyDir: source}
}

// mount mounts a volume, or what is at subPath in it if that is not empty.
func mount(volume, path, subPath string) corev1.VolumeMountArgs {
	args := corev1.VolumeMountArgs{Name: pulumi.String(volume), MountPath: pulumi.String(path)}
	if subPath != "" {
		args.SubPath = pulumi.String(subPath)
	}
	return args
}

// probeTiming is how often a probe is made and how long it may take, in seconds, and how many in a row have to fail.
type probeTiming struct{ period, timeout, failures int }

func (t probeTiming) probe() *corev1.ProbeArgs {
	return &corev1.ProbeArgs{
		PeriodSeconds: pulumi.Int(t.period), TimeoutSeconds: pulumi.Int(t.timeout), FailureThreshold: pulumi.Int(t.failures),
	}
}

func execProbe(timing probeTiming, command ...string) *corev1.ProbeArgs {
	probe := timing.probe()
	probe.Exec = &corev1.ExecActionArgs{Command: pulumi.ToStringArray(command)}
	return probe
}

func httpProbe(timing probeTiming, path string, port int) *corev1.ProbeArgs {
	probe := timing.probe()
	probe.HttpGet = &corev1.HTTPGetActionArgs{Path: pulumi.String(path), Port: pulumi.Int(port)}
	return probe
}

func tcpProbe(timing probeTiming, port int) *corev1.ProbeArgs {
	probe := timing.probe()
	probe.TcpSocket = &corev1.TCPSocketActionArgs{Port: pulumi.Int(port)}
	return probe
}
