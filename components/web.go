package components

import (
	"maps"
	"strconv"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Ports of a web Pod: the readers' and the kubelet's, as ports.conf has them, and that of files.conf.
const (
	wikiPort   = 8080
	healthPort = 8081
	filesPort  = 8083
)

type wikiArgs struct {
	tierArgs
	replicas int
	address  addressArgs
}

// newWiki makes the web part of an installed wiki.
func newWiki(ctx *pulumi.Context, name string, args *wikiArgs, opts ...pulumi.ResourceOption) (*web, error) {
	w := &web{}
	if err := ctx.RegisterComponentResource(WebToken, name, w, opts...); err != nil {
		return nil, err
	}
	child := args.child(w)
	labels := pulumi.StringMap{"app": pulumi.String(name + "-app")}
	metadata := lasting(args.namespace, name+"-srv")
	maps.Copy(metadata.Annotations.(pulumi.StringMap), serviceAwait(args.address))
	front := labels
	if args.cached {
		front = pulumi.StringMap{"app": pulumi.String(cacheName(name))}
		backend, err := newInnerService(ctx, name+"-app", args.namespace, labels, []int{wikiPort, filesPort}, false, child...)
		if err != nil {
			return nil, err
		}
		w.backend = clusterIP(backend)
	}
	if err := w.newService(ctx, name+"-srv", args.address, metadata, front, wikiPort, child...); err != nil {
		return nil, err
	}
	if err := newPolicy(ctx, name+"-app", args.namespace, labels, args.readersAndPrometheus(),
		append(args.egress(), args.outward()...), child...); err != nil {
		return nil, err
	}
	if err := newBudget(ctx, name+"-app", args.namespace, labels, child...); err != nil {
		return nil, err
	}
	deployment := wikiDeployment(name, args, labels, w.url)
	if _, err := appsv1.NewDeployment(ctx, name+"-app", deployment, child...); err != nil {
		return nil, err
	}
	return w, ctx.RegisterResourceOutputs(w, pulumi.Map{})
}

// serviceAwait has the provider not wait for Pods behind the Service: they wait for its address themselves.
func serviceAwait(args addressArgs) pulumi.StringMap {
	if args.Type == ServiceLoadBalancer && args.siteURL == "" {
		return pulumi.StringMap{"pulumi.com/waitFor": pulumi.String("jsonpath={.status.loadBalancer.ingress}")}
	}
	return pulumi.StringMap{"pulumi.com/skipAwait": pulumi.String("true")}
}

func wikiDeployment(name string, args *wikiArgs, labels pulumi.StringMap, url pulumi.StringOutput) *appsv1.DeploymentArgs {
	// A new Pod is there before an old one goes.
	rolling := &appsv1.RollingUpdateDeploymentArgs{MaxSurge: pulumi.Int(1), MaxUnavailable: pulumi.Int(0)}
	return &appsv1.DeploymentArgs{
		Metadata: lasting(args.namespace, name+"-app"),
		Spec: &appsv1.DeploymentSpecArgs{
			Selector:                &metav1.LabelSelectorArgs{MatchLabels: labels},
			Replicas:                pulumi.Int(args.replicas),
			Strategy:                &appsv1.DeploymentStrategyArgs{Type: pulumi.String("RollingUpdate"), RollingUpdate: rolling},
			ProgressDeadlineSeconds: args.timeouts.createSeconds(),
			Template: &corev1.PodTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: labels, Annotations: scraped()},
				Spec:     wikiPod(name, args, url),
			},
		},
	}
}

func wikiPod(name string, args *wikiArgs, url pulumi.StringOutput) *corev1.PodSpecArgs {
	spec := args.pod(args.settings.secret)
	spec.Volumes = append(spec.Volumes.(corev1.VolumeArray), emptyVolume("run", memory))
	spec.TerminationGracePeriodSeconds = pulumi.Int(60)
	spec.InitContainers = args.waiting()
	container := args.container("mediawiki", map[string]pulumi.StringInput{
		"MEDIAWIKI_SERVER": url, "MEDIAWIKI_WORKERS": pulumi.String(strconv.Itoa(args.web.Workers)),
		"TRUSTED_PROXIES": pulumi.String(args.proxiesForApache()),
	}, args.apache()...)
	container.VolumeMounts = append(container.VolumeMounts.(corev1.VolumeMountArray),
		mount("settings", "/etc/apache2/ports.conf", "ports.conf"),
		mount("settings", "/etc/apache2/sites-available/000-default.conf", "site.conf"),
		mount("run", "/var/run/apache2", "run"),
		mount("run", "/var/lock/apache2", "lock"),
	)
	container.Ports = corev1.ContainerPortArray{
		corev1.ContainerPortArgs{Name: pulumi.String("http"), ContainerPort: pulumi.Int(wikiPort)},
		corev1.ContainerPortArgs{Name: pulumi.String("health"), ContainerPort: pulumi.Int(healthPort)},
	}
	container.Resources = args.web.need().resources()
	// Ready needs the database and warm caches; alive means that Apache listens, whatever its workers wait for.
	container.StartupProbe = httpProbe(probeTiming{period: 1, timeout: 10, failures: 300}, "/", healthPort)
	// A kubelet that starts calls a Pod unready until its first probe, which it makes within a period: so the period is short. A probe
	// waits for a worker, as readers do: without a Pod that has much to do the others would have more.
	container.ReadinessProbe = httpProbe(probeTiming{period: 2, timeout: 30, failures: 6}, "/?ready", healthPort)
	// The readers' port has a queue that may be full.
	container.LivenessProbe = tcpProbe(probeTiming{period: 20, timeout: 5, failures: 6}, healthPort)
	container.Lifecycle = draining()
	args.withUploads(name, spec, container)
	spec.Containers = corev1.ContainerArray{container}
	if args.cached { // by which alone files are asked for there
		spec.Containers = corev1.ContainerArray{container, filesContainer(args)}
	}
	return spec
}

// filesContainer sends what needs no PHP, and has no secret. It drains as the container beside it does, which it shares /tmp with.
func filesContainer(args *wikiArgs) *corev1.ContainerArgs {
	uploads := mount("uploads", "/var/www/html/images", "")
	uploads.ReadOnly = pulumi.Bool(true)
	return &corev1.ContainerArgs{
		Name:    pulumi.String("files"),
		Image:   args.image.ToStringOutput().ToStringPtrOutput(),
		Command: pulumi.ToStringArray(append(args.apache(), "-DFiles", "-f", "/etc/mediawiki-stack/files.conf")),
		Env:     environment(map[string]pulumi.StringInput{"TRUSTED_PROXIES": pulumi.String(args.proxiesForApache())}),
		Ports: corev1.ContainerPortArray{
			corev1.ContainerPortArgs{Name: pulumi.String("files"), ContainerPort: pulumi.Int(filesPort)},
		},
		SecurityContext: restrictedContainer(),
		Resources:       filesNeed.resources(),
		VolumeMounts: corev1.VolumeMountArray{
			mount("settings", "/etc/mediawiki-stack", ""), mount("tmp", "/tmp", ""), uploads,
			mount("run", "/var/run/apache2", "files"),
		},
		LivenessProbe: tcpProbe(probeTiming{period: 20, timeout: 5, failures: 6}, filesPort),
		Lifecycle:     draining(),
	}
}

// draining gives every node time to hear that the Pod is going, and idle connections time to end, before Apache stops listening.
func draining() *corev1.LifecycleArgs {
	return &corev1.LifecycleArgs{PreStop: &corev1.LifecycleHandlerArgs{Exec: &corev1.ExecActionArgs{
		Command: pulumi.ToStringArray([]string{"sh", "-c", "touch /tmp/draining; sleep 8"}),
	}}}
}

// scraped are the annotations by which Prometheus is usually told where a Pod has metrics.
func scraped() pulumi.StringMap {
	return pulumi.StringMap{
		"prometheus.io/scrape": pulumi.String("true"), "prometheus.io/port": pulumi.String(strconv.Itoa(healthPort)),
	}
}

// apache is the command that serves the wiki.
func (args *wikiArgs) apache() []string {
	command := []string{"docker-php-entrypoint", "apache2-foreground"}
	if args.wiki.Access == AccessPrivate {
		command = append(command, "-DPrivate")
	}
	if args.cached {
		command = append(command, "-DCached")
	}
	if args.proxiesForApache() != "" {
		command = append(command, "-DProxied")
	}
	if args.storage == StorageGentle {
		command = append(command, "-DGentle")
	}
	return command
}
