package components

import (
	"fmt"
	"maps"
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// pod is a Pod while it is put together from plain slices; template converts it.
type pod struct {
	user           int // ID of user and group
	gracePeriod    int // seconds between SIGTERM and SIGKILL; 0 for Kubernetes' default
	runsOnce       bool
	moves          bool // any node can run it; a Pod that runs once is left to its Job
	hostAliases    corev1.HostAliasArray
	volumes        corev1.VolumeArray
	initContainers []*container
	containers     []*container
	affinity       corev1.AffinityPtrInput
	spread         corev1.TopologySpreadConstraintArrayInput
}

// template returns a Pod template. The Pod fulfils the Pod Security Standard "restricted" and has no service-account token.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
func (p *pod) template(labels, annotations pulumi.StringMap) *corev1.PodTemplateSpecArgs {
	spec := &corev1.PodSpecArgs{
		AutomountServiceAccountToken: pulumi.Bool(false),
		EnableServiceLinks:           pulumi.Bool(false),
		DnsConfig:                    resolver(),
		SecurityContext: &corev1.PodSecurityContextArgs{
			RunAsNonRoot:        pulumi.Bool(true),
			RunAsUser:           pulumi.Int(p.user),
			RunAsGroup:          pulumi.Int(p.user),
			FsGroup:             pulumi.Int(p.user),
			FsGroupChangePolicy: pulumi.String("OnRootMismatch"),
			SeccompProfile:      &corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
		},
		Containers:                converted(p.containers),
		Affinity:                  p.affinity,
		TopologySpreadConstraints: p.spread,
	}
	// Empty lists would differ from what the API server stores.
	if len(p.hostAliases) > 0 {
		spec.HostAliases = p.hostAliases
	}
	if len(p.volumes) > 0 {
		spec.Volumes = p.volumes
	}
	if len(p.initContainers) > 0 {
		spec.InitContainers = converted(p.initContainers)
	}
	if p.gracePeriod > 0 {
		spec.TerminationGracePeriodSeconds = pulumi.Int(p.gracePeriod)
	}
	if p.moves && !p.runsOnce {
		spec.Tolerations = lostNode()
	}
	if p.runsOnce {
		spec.RestartPolicy = pulumi.String("Never")
	}
	metadata := &metav1.ObjectMetaArgs{Labels: labels}
	if annotations != nil {
		metadata.Annotations = annotations
	}
	return &corev1.PodTemplateSpecArgs{Metadata: metadata, Spec: spec}
}

// lostNode returns tolerations with which Kubernetes replaces a Pod on another node when its node has not answered for about 80 seconds: it
// notices after 50 seconds and then waits for 30, instead of five minutes by default. If no node of a cluster answers, no Pod is replaced.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
func lostNode() corev1.TolerationArray {
	tolerate := func(taint string) corev1.TolerationArgs {
		return corev1.TolerationArgs{
			Key: pulumi.String(taint), Operator: pulumi.String("Exists"), Effect: pulumi.String("NoExecute"),
			TolerationSeconds: pulumi.Int(30),
		}
	}
	return corev1.TolerationArray{tolerate("node.kubernetes.io/not-ready"), tolerate("node.kubernetes.io/unreachable")}
}

// resolver makes the C library look up IPv4 and IPv6 addresses one after the other, and retry after a second. By default it sends both
// queries at once; connection tracking may lose one of them, and then it waits for five seconds.
// https://man7.org/linux/man-pages/man5/resolv.conf.5.html
func resolver() *corev1.PodDNSConfigArgs {
	return &corev1.PodDNSConfigArgs{Options: corev1.PodDNSConfigOptionArray{
		corev1.PodDNSConfigOptionArgs{Name: pulumi.String("single-request")},
		corev1.PodDNSConfigOptionArgs{Name: pulumi.String("timeout"), Value: pulumi.String("1")},
		corev1.PodDNSConfigOptionArgs{Name: pulumi.String("attempts"), Value: pulumi.String("5")},
	}}
}

// hostname is the label of nodes with their names.
const hostname = "kubernetes.io/hostname"

// onePerNode spreads Pods over the nodes where that is possible. Pods of a Deployment's former revision do not count: they end when the new
// ones are ready, and counting them could put two new ones on one node. Kubernetes older than 1.27 counts them.
func onePerNode(selector metav1.LabelSelectorPtrInput) corev1.TopologySpreadConstraintArray {
	return corev1.TopologySpreadConstraintArray{corev1.TopologySpreadConstraintArgs{
		LabelSelector: selector, TopologyKey: pulumi.String(hostname),
		MaxSkew: pulumi.Int(1), WhenUnsatisfiable: pulumi.String("ScheduleAnyway"),
		MatchLabelKeys: pulumi.ToStringArray([]string{"pod-template-hash"}),
	}}
}

// sameNode schedules a Pod only to the node on which the selected Pods run.
func sameNode(selector metav1.LabelSelectorPtrInput) *corev1.AffinityArgs {
	return &corev1.AffinityArgs{PodAffinity: &corev1.PodAffinityArgs{
		RequiredDuringSchedulingIgnoredDuringExecution: corev1.PodAffinityTermArray{corev1.PodAffinityTermArgs{
			LabelSelector: selector, TopologyKey: pulumi.String(hostname),
		}},
	}}
}

// container is a container while it is put together.
type container struct {
	name    string
	image   pulumi.StringInput
	command []string
	env     map[string]pulumi.StringInput
	ports   map[string]int
	mounts  corev1.VolumeMountArray
	need    sizes.Need

	sidecar bool // an init container that runs until the others have ended
	// explains makes Kubernetes keep the end of the log as the reason of a failure.
	explains bool

	startup, readiness, liveness corev1.ProbePtrInput
	lifecycle                    corev1.LifecyclePtrInput
}

func (c *container) args() *corev1.ContainerArgs {
	args := &corev1.ContainerArgs{
		Name:    pulumi.String(c.name),
		Image:   stringPtr(c.image),
		Command: pulumi.ToStringArray(c.command),
		SecurityContext: &corev1.SecurityContextArgs{
			AllowPrivilegeEscalation: pulumi.Bool(false),
			ReadOnlyRootFilesystem:   pulumi.Bool(true),
			Capabilities:             &corev1.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
		},
		Resources:      resources(c.need),
		StartupProbe:   c.startup,
		ReadinessProbe: c.readiness,
		LivenessProbe:  c.liveness,
		Lifecycle:      c.lifecycle,
	}
	if len(c.env) > 0 {
		args.Env = environment(c.env)
	}
	if len(c.ports) > 0 {
		args.Ports = containerPorts(c.ports)
	}
	if len(c.mounts) > 0 {
		args.VolumeMounts = c.mounts
	}
	if c.sidecar {
		args.RestartPolicy = pulumi.String("Always")
	}
	if c.explains {
		args.TerminationMessagePolicy = pulumi.String("FallbackToLogsOnError")
	}
	return args
}

// resources returns a need as the resources of a container.
func resources(need sizes.Need) *corev1.ResourceRequirementsArgs {
	return &corev1.ResourceRequirementsArgs{
		Requests: pulumi.StringMap{
			"cpu": pulumi.String(fmt.Sprintf("%dm", need.CPU)), "memory": mebibytes(need.Memory), "ephemeral-storage": mebibytes(need.Disk),
		},
		Limits: pulumi.StringMap{"memory": mebibytes(need.MemoryLimit), "ephemeral-storage": mebibytes(need.DiskLimit)},
	}
}

func converted(containers []*container) corev1.ContainerArray {
	all := make(corev1.ContainerArray, len(containers))
	for i, c := range containers {
		all[i] = c.args()
	}
	return all
}

// environment returns variables in the order of their names.
func environment(variables map[string]pulumi.StringInput) corev1.EnvVarArray {
	env := make(corev1.EnvVarArray, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		env = append(env, corev1.EnvVarArgs{Name: pulumi.String(name), Value: stringPtr(variables[name])})
	}
	return env
}

// containerPorts returns ports in the order of their numbers. The name "" is for a port without a name.
func containerPorts(ports map[string]int) corev1.ContainerPortArray {
	names := slices.SortedFunc(maps.Keys(ports), func(a, b string) int { return ports[a] - ports[b] })
	all := make(corev1.ContainerPortArray, len(names))
	for i, name := range names {
		port := corev1.ContainerPortArgs{ContainerPort: pulumi.Int(ports[name])}
		if name != "" {
			port.Name = pulumi.String(name)
		}
		all[i] = port
	}
	return all
}

// mebibytes returns a quantity as the API server writes it.
func mebibytes(n int) pulumi.String {
	if n%1024 == 0 {
		return pulumi.String(fmt.Sprintf("%dGi", n/1024))
	}
	return pulumi.String(fmt.Sprintf("%dMi", n))
}
