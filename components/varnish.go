package components

import (
	"fmt"
	"slices"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// varnishID is the id of user and group varnish in the image.
const varnishID = 1000

// settingsVCL returns what differs from wiki to wiki: where it is, which image, settings and address its pages have to be made of, and
// whether anonymous readers are limited in what costs it much.
func settingsVCL(args *cacheArgs) pulumi.StringOutput {
	costly := "sub costly {\n}\n"
	if *args.Limits {
		costly = `backend wiki_costly {
	.host = "%[1]s";
	.port = "%[2]d";
	.connect_timeout = 2s;
	.first_byte_timeout = 120s;
	.max_connections = 2;
	.wait_limit = 20;
	.wait_timeout = 10s;
}

include "/etc/mediawiki-stack/limits.vcl";
`
	}
	return pulumi.Sprintf(`backend wiki {
	.host = "%[1]s";
	.port = "%[2]d";
	.connect_timeout = 2s;
	.first_byte_timeout = 120s;
}

# Each file that is on its way, or waits for others, takes memory and threads here, most of which are for pages.
backend wiki_files {
	.host = "%[1]s";
	.port = "%[5]d";
	.connect_timeout = 2s;
	.first_byte_timeout = 60s;
	.max_connections = 32;
	.wait_limit = 16;
	.wait_timeout = 10s;
}

sub vcl_backend_response {
	if (beresp.http.X-Gate != "%[3]s %[4]s") {
		set beresp.http.X-Other = "true";
	}
}

`+costly, args.backend, wikiPort, args.gate, args.url, filesPort)
}

// varnishSet replaces one Pod after the other when something changes, with nobody waiting for it: so it is a StatefulSet.
func varnishSet(name string, args *cacheArgs, labels pulumi.StringMap, config pulumi.StringOutput) *appsv1.StatefulSetArgs {
	return &appsv1.StatefulSetArgs{
		Metadata: lasting(args.namespace, name),
		Spec: &appsv1.StatefulSetSpecArgs{
			ServiceName:         pulumi.String(name),
			Replicas:            pulumi.Int(args.Replicas),
			PodManagementPolicy: pulumi.String("Parallel"), // of new Pods
			Selector:            &metav1.LabelSelectorArgs{MatchLabels: labels},
			Template: &corev1.PodTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: labels}, Spec: varnishPod(args, labels, config),
			},
		},
	}
}

func varnishPod(args *cacheArgs, labels pulumi.StringMap, config pulumi.StringOutput) *corev1.PodSpecArgs {
	spec := restrictedPod(varnishID)
	spec.TerminationGracePeriodSeconds = pulumi.Int(60)
	spec.Volumes = corev1.VolumeArray{configMapVolume("config", config), emptyVolume("work", memory), emptyVolume("tmp", memory)}
	spec.TopologySpreadConstraints = corev1.TopologySpreadConstraintArray{corev1.TopologySpreadConstraintArgs{
		LabelSelector: &metav1.LabelSelectorArgs{MatchLabels: labels},
		TopologyKey:   pulumi.String("kubernetes.io/hostname"), MaxSkew: pulumi.Int(1), WhenUnsatisfiable: pulumi.String("ScheduleAnyway"),
	}}
	check := &corev1.ContainerArgs{
		Name:            pulumi.String("check"),
		Image:           args.Image.ToStringOutput().ToStringPtrOutput(),
		Command:         pulumi.ToStringArray(append([]string{"bash", "/etc/mediawiki-stack/check.sh"}, args.storages()...)),
		SecurityContext: restrictedContainer(),
		Resources:       args.checkNeed().resources(),
		VolumeMounts:    corev1.VolumeMountArray{mount("config", "/etc/mediawiki-stack", ""), mount("tmp", "/tmp", "")},
	}
	spec.InitContainers = corev1.ContainerArray{check}
	script := func(name string) *corev1.LifecycleHandlerArgs {
		return &corev1.LifecycleHandlerArgs{Exec: &corev1.ExecActionArgs{
			Command: pulumi.ToStringArray([]string{"bash", "/etc/mediawiki-stack/" + name}),
		}}
	}
	spec.Containers = corev1.ContainerArray{&corev1.ContainerArgs{
		Name:  pulumi.String("varnish"),
		Image: args.Image.ToStringOutput().ToStringPtrOutput(),
		Command: append(pulumi.ToStringArray([]string{
			"varnishd", "-F", "-j", "none", "-n", "/var/lib/varnish/wiki", "-f", "/etc/mediawiki-stack/wiki.vcl",
			"-a", fmt.Sprintf("readers=:%d", wikiPort), "-a", fmt.Sprintf("purge=:%d", purgePort), "-T", "none",
			// Nothing is kept that does not say for how long it may be. What is not kept takes four times transit_buffer for a slow reader.
			"-p", "default_ttl=0", "-p", "transit_buffer=64k",
			// A longer header makes an answer of the wiki an error, and is an error in a request.
			"-p", "http_req_hdr_len=32k", "-p", "http_req_size=48k", "-p", "workspace_client=128k",
			"-p", "http_resp_hdr_len=64k", "-p", "http_resp_size=96k", "-p", "workspace_backend=192k",
			"-p", "thread_pools=1", "-p", "vsl_space=8M",
			// The wiki's address leads to many Pods: one that refuses a connection says nothing of the next.
			"-p", "backend_remote_error_holddown=0", "-p", "backend_local_error_holddown=0",
		}), pulumi.ToStringArray(slices.Concat(args.storages(), args.bounds()))...),
		Env: environment(map[string]pulumi.StringInput{
			"WIKI": args.backend,
			// Each of many heaps would grow to the size of the storage: of glibc, and of jemalloc.
			"MALLOC_ARENA_MAX": pulumi.String("1"), "MALLOC_CONF": pulumi.String("narenas:1"),
		}),
		Ports: corev1.ContainerPortArray{
			corev1.ContainerPortArgs{Name: pulumi.String("http"), ContainerPort: pulumi.Int(wikiPort)},
			corev1.ContainerPortArgs{Name: pulumi.String("purge"), ContainerPort: pulumi.Int(purgePort)},
		},
		SecurityContext: restrictedContainer(),
		Resources:       args.need().resources(),
		VolumeMounts: corev1.VolumeMountArray{
			mount("config", "/etc/mediawiki-stack", ""), mount("work", "/var/lib/varnish", ""), mount("tmp", "/tmp", ""),
		},
		// There is no readiness probe: a kubelet that starts calls a Pod unready until its first probe, and copies need nobody.
		Lifecycle:     &corev1.LifecycleArgs{PostStart: script("ready.sh"), PreStop: script("stop.sh")},
		LivenessProbe: tcpProbe(probeTiming{period: 20, timeout: 5, failures: 3}, wikiPort),
	}}
	return spec
}
