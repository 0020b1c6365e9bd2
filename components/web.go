package components

import (
	"slices"
	"strconv"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// web is the part that renders pages: the Pods of MediaWiki, and the Service in front of the wiki.
type web struct {
	pulumi.ResourceState

	front *frontService
}

func newWeb(ctx *pulumi.Context, w *wiki, mw *mediawiki, migration *migration, ingress *ingress) (*web, error) {
	web := &web{}
	if err := w.register(ctx, parts.Web, web); err != nil {
		return nil, err
	}
	name, child := parts.Web.Of(w.name), w.childOf(web, migration.first())
	metadata := w.stableMetadata(parts.Service(w.name), frontAwait(w.args))
	var err error
	if web.front, err = newFrontService(ctx, w, metadata, w.front(), parts.WikiPort, child...); err != nil {
		return nil, err
	}
	if err := newNetworkPolicy(ctx, w, parts.Web, child...); err != nil {
		return nil, err
	}
	if err := newPodDisruptionBudget(ctx, w, parts.Web, child...); err != nil {
		return nil, err
	}
	programs, err := newPrograms(ctx, w, parts.Web, webPrograms, child...)
	if err != nil {
		return nil, err
	}
	pod := webPod(mw, ingress, web.front.url, programs)
	// A new Pod is ready before an old one ends.
	rolling := &appsv1.RollingUpdateDeploymentArgs{MaxSurge: pulumi.Int(1), MaxUnavailable: pulumi.Int(0)}
	replicas, scaled := w.args.replicas()
	if err := w.newDeployment(ctx, name, &appsv1.DeploymentArgs{
		Metadata: w.workloadMetadata(name, w.args.Image),
		Spec: &appsv1.DeploymentSpecArgs{
			Selector:                w.selector(parts.Web),
			Replicas:                pulumi.Int(replicas),
			Strategy:                &appsv1.DeploymentStrategyArgs{Type: pulumi.String("RollingUpdate"), RollingUpdate: rolling},
			ProgressDeadlineSeconds: w.args.Timeouts.createSeconds(),
			Template:                pod.template(w.podLabels(parts.Web, w.args.Image), scraped(parts.HealthPort)),
		},
	}, slices.Concat(child, scaled)...); err != nil {
		return nil, err
	}
	if err := newAutoscaler(ctx, w, child...); err != nil {
		return nil, err
	}
	return web, ctx.RegisterResourceOutputs(web, pulumi.Map{})
}

func webPod(mw *mediawiki, ingress *ingress, url pulumi.StringOutput, programs *programs) *pod {
	p := mw.pod(mw.settings.secret, programs, mw.sizes.WebDisk())
	p.gracePeriod = 60
	p.volumes = append(p.volumes, memoryVolume("run", sizes.SocketsMemory))
	p.initContainers = []*container{mw.waitForMigration()}
	c := webContainer(mw, url)
	mw.mountUploads(p, c)
	ingress.mountCertificate(p, c)
	p.containers = []*container{c}
	if mw.sizes.Cached() { // Varnish is the only client of this container
		p.containers = append(p.containers, filesContainer(mw.wiki))
	}
	mw.mountPackages(p, p.containers...)
	return p
}

func webContainer(mw *mediawiki, url pulumi.StringOutput) *container {
	c := mw.container("mediawiki", map[string]pulumi.StringInput{
		"MEDIAWIKI_SERVER": url, "MEDIAWIKI_WORKERS": pulumi.String(strconv.Itoa(mw.sizes.Web.Workers)),
		"TRUSTED_PROXIES": pulumi.String(mw.args.proxiesForApache()),
	}, apache(mw.wiki)...)
	mw.database.tellReplica(c)
	c.mounts = append(c.mounts,
		mount("settings", "/etc/apache2/ports.conf", "ports.conf"),
		mount("settings", "/etc/apache2/sites-available/000-default.conf", "site.conf"),
		mount("run", "/var/run/apache2", "run"),
		mount("run", "/var/lock/apache2", "lock"),
	)
	c.ports = map[string]int{"http": parts.WikiPort, "health": parts.HealthPort}
	// Ready means that the database answers and the caches are warm; alive means that Apache listens, whatever its workers wait for.
	c.startup = httpProbe(probeTiming{period: 1, timeout: 10, failures: 300}, "/", parts.HealthPort)
	// After a kubelet restart, a Pod is unready until its first probe, which comes within one period: so the period is short. Like a
	// reader, the probe waits for a worker: a shorter timeout would take busy Pods out of service and leave their load to the others.
	c.readiness = httpProbe(probeTiming{period: 2, timeout: 30, failures: 6}, "/?ready", parts.HealthPort)
	// The accept queue of the readers' port may be full, so this asks the other port.
	c.liveness = tcpProbe(probeTiming{period: 20, timeout: 5, failures: 6}, parts.HealthPort)
	c.lifecycle = draining()
	return c
}

// filesContainer returns the container that serves what needs no PHP. It has no secret. It drains together with the container beside it,
// with which it shares /tmp.
func filesContainer(w *wiki) *container {
	args := w.args
	uploads := readOnly(mount("uploads", "/var/www/html/images", ""))
	return &container{
		name:    "files",
		image:   args.Image,
		command: append(apache(w), "-DFiles", "-f", "/etc/mediawiki-stack/files.conf"),
		env:     map[string]pulumi.StringInput{"TRUSTED_PROXIES": pulumi.String(args.proxiesForApache())},
		ports:   map[string]int{"files": parts.FilesPort},
		need:    w.sizes.Need("files"),
		mounts: corev1.VolumeMountArray{
			mount("settings", "/etc/mediawiki-stack", ""), mount("tmp", "/tmp", ""), uploads, mount("run", "/var/run/apache2", "files"),
		},
		liveness:  tcpProbe(probeTiming{period: 20, timeout: 5, failures: 6}, parts.FilesPort),
		lifecycle: draining(),
	}
}

// draining gives every node time to learn that the Pod is ending, and idle connections time to close, before Apache stops listening.
func draining() *corev1.LifecycleArgs {
	return &corev1.LifecycleArgs{PreStop: onExec("sh", "-c", "touch /tmp/draining; sleep 8")}
}

// scraped returns the annotations that commonly tell Prometheus where a Pod has metrics.
func scraped(port int) pulumi.StringMap {
	return pulumi.StringMap{
		"prometheus.io/scrape": pulumi.String("true"), "prometheus.io/port": pulumi.String(strconv.Itoa(port)),
	}
}

// apache returns the command that serves the wiki.
func apache(w *wiki) []string {
	args := w.args
	command := []string{"docker-php-entrypoint", "apache2-foreground"}
	for _, option := range []struct {
		name string
		set  bool
	}{
		{"-DPrivate", args.Wiki.Access == AccessPrivate},
		{"-DCached", args.cached()},
		{"-DProxied", args.proxiesForApache() != ""},
		{"-DGentle", args.Storage == StorageGentle},
		{"-DSitemap", args.hasSitemap()},
	} {
		if option.set {
			command = append(command, option.name)
		}
	}
	return slices.Concat(command, args.frontApache(), w.pictures.apache())
}
