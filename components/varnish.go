package components

import (
	"fmt"
	"slices"
	"strconv"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// varnishID is the ID of user and group varnish in the image.
const varnishID = 1000

// cached reports whether anonymous readers get cached pages.
func (args *MediaWikiStackArgs) cached() bool {
	w := sizes.Of(args)
	return w.Cached()
}

// purgeAddresses returns the addresses at which the wiki's Varnish Pods take purge requests.
func (w *wiki) purgeAddresses() []string {
	pods := w.varnishPods()
	addresses := make([]string, len(pods))
	for i, pod := range pods {
		addresses[i] = fmt.Sprintf("%s:%d", pod, parts.PurgePort)
	}
	return addresses
}

// varnishPods returns the names of the wiki's Varnish Pods.
func (w *wiki) varnishPods() []string {
	if !w.sizes.Cached() {
		return nil
	}
	pods := make([]string, w.sizes.Cache.Replicas)
	for i := range pods {
		pods[i] = fmt.Sprintf("%s-%d", parts.Cache.Of(w.name), i)
	}
	return pods
}

// newPurgeServices creates a Service for each Varnish Pod, and returns their addresses. Purge requests must reach every Pod, and must reach
// it before readers do. Web, Jobs, Migration and Backups all send them, so the Services come before these parts and belong to the stack.
func newPurgeServices(ctx *pulumi.Context, w *wiki) (corev1.HostAliasArray, error) {
	var aliases corev1.HostAliasArray
	former := pulumi.CreateURN(pulumi.String(w.name), pulumi.String(parts.Cache.Token()), w.stack.URN(),
		pulumi.String(ctx.Project()), pulumi.String(ctx.Stack()))
	formerParent := pulumi.Aliases([]pulumi.Alias{{ParentURN: former}})
	for _, pod := range w.varnishPods() {
		selector := pulumi.StringMap{"statefulset.kubernetes.io/pod-name": pulumi.String(pod)}
		service, err := newClusterIPService(ctx, w, pod, selector, true, []int{parts.PurgePort}, w.childOf(w.stack, formerParent)...)
		if err != nil {
			return nil, err
		}
		aliases = append(aliases, hostAlias(service, pod))
	}
	return aliases, nil
}

// cache is the part that serves cached pages to anonymous readers: Varnish.
// https://varnish-cache.org/docs/7.7/
type cache struct {
	pulumi.ResourceState

	pods pulumi.Resource
}

// newCache creates the Varnish Pods, and the Service at which they reach the web Pods. They change only after the migration, together with
// the web Pods: a cache that expects a revision that no web Pod has keeps pages for 5 seconds at most. It returns nil if the wiki has no
// cache.
func newCache(ctx *pulumi.Context, w *wiki, settings *settings, migration *migration, web *web) (*cache, error) {
	if !w.sizes.Cached() {
		return nil, nil
	}
	c := &cache{}
	if err := w.register(ctx, parts.Cache, c); err != nil {
		return nil, err
	}
	name, child := parts.Cache.Of(w.name), w.childOf(c, migration.first())
	formerParent := pulumi.Aliases([]pulumi.Alias{{Parent: web}})
	service, err := newClusterIPService(ctx, w, parts.Web.Of(w.name), w.labels(parts.Web), false,
		[]int{parts.WikiPort, parts.FilesPort}, append(slices.Clone(child), formerParent)...)
	if err != nil {
		return nil, err
	}
	backend := clusterIP(service)
	data := varnishFiles()
	data["settings.vcl"] = pulumi.Sprintf("%s\n%s%s",
		w.args.proxiesVCL(), w.args.frontVCL(), settingsVCL(w.args, backend, settings.revision, web.front.url))
	config, err := corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{Metadata: w.metadata(), Data: data}, child...)
	if err != nil {
		return nil, err
	}
	if err := newNetworkPolicy(ctx, w, parts.Cache, child...); err != nil {
		return nil, err
	}
	if err := newPodDisruptionBudget(ctx, w, parts.Cache, child...); err != nil {
		return nil, err
	}
	pod := varnishPod(w, nameOf(config, config.Metadata), backend)
	// A StatefulSet replaces one Pod after the other, and each Pod keeps its name.
	if c.pods, err = w.newStatefulSet(ctx, name, &appsv1.StatefulSetArgs{
		Metadata: w.workloadMetadata(name, w.args.Cache.Image),
		Spec: &appsv1.StatefulSetSpecArgs{
			ServiceName:         pulumi.String(name),
			Replicas:            pulumi.Int(w.sizes.Cache.Replicas),
			PodManagementPolicy: pulumi.String("Parallel"), // concerns new Pods only
			Selector:            w.selector(parts.Cache),
			Template:            pod.template(w.podLabels(parts.Cache, w.args.Cache.Image), w.cacheScraped()),
		},
	}, child...); err != nil {
		return nil, err
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{})
}

// cacheScraped returns the annotations of Varnish Pods; nil if they have no metrics.
func (w *wiki) cacheScraped() pulumi.StringMap {
	if !w.args.Monitoring.Enabled {
		return nil
	}
	return scraped(parts.CacheMetricsPort)
}

// varnishMetrics returns the container that serves Varnish's counters as metrics.
func varnishMetrics(w *wiki) *container {
	port := strconv.Itoa(parts.CacheMetricsPort)
	work := mount("work", "/var/lib/varnish", "")
	work.ReadOnly = pulumi.Bool(true)
	return &container{
		name:    "metrics",
		image:   w.args.Cache.Image,
		command: []string{"perl", "/etc/mediawiki-stack/metrics.pl", port, "/var/lib/varnish/wiki"},
		// Varnish's process is in another container, so varnishstat cannot see that it runs.
		env:      map[string]pulumi.StringInput{"VSM_NOPID": pulumi.String("1")},
		ports:    map[string]int{"metrics": parts.CacheMetricsPort},
		need:     w.sizes.Need("metrics"),
		mounts:   corev1.VolumeMountArray{mount("config", "/etc/mediawiki-stack", ""), work},
		liveness: tcpProbe(probeTiming{period: 20, timeout: 5, failures: 6}, parts.CacheMetricsPort),
	}
}

func varnishPod(w *wiki, config, backend pulumi.StringOutput) *pod {
	args := w.args.Cache
	p := &pod{
		user:        varnishID,
		gracePeriod: 60,
		volumes: corev1.VolumeArray{
			configMapVolume("config", config), memoryVolume("work", sizes.VarnishMemory), memoryVolume("tmp", sizes.CompileMemory),
		},
		spread: onePerNode(w.selector(parts.Cache)),
		initContainers: []*container{{
			name:    "check",
			image:   args.Image,
			command: append([]string{"bash", "/etc/mediawiki-stack/check.sh"}, storages(w.sizes.Cache)...),
			need:    w.sizes.Need("check"),
			mounts:  corev1.VolumeMountArray{mount("config", "/etc/mediawiki-stack", ""), mount("tmp", "/tmp", "")},
		}},
		containers: []*container{{
			name:    "varnish",
			image:   args.Image,
			command: varnishd(w.sizes.Cache),
			env: map[string]pulumi.StringInput{
				"WIKI": backend,
				// With several heaps, each would grow to the size of the storage. The first variable is for glibc, the other for jemalloc.
				"MALLOC_ARENA_MAX": pulumi.String("1"), "MALLOC_CONF": pulumi.String("narenas:1"),
			},
			ports: map[string]int{"http": parts.WikiPort, "purge": parts.PurgePort},
			need:  w.sizes.Need("varnish"),
			mounts: corev1.VolumeMountArray{
				mount("config", "/etc/mediawiki-stack", ""), mount("work", "/var/lib/varnish", ""), mount("tmp", "/tmp", ""),
			},
			// There is no readiness probe. After a kubelet restart, a Pod is unready until its first probe, and cached pages need no
			// other Pod.
			lifecycle: &corev1.LifecycleArgs{
				PostStart: onExec("bash", "/etc/mediawiki-stack/ready.sh"), PreStop: onExec("bash", "/etc/mediawiki-stack/stop.sh"),
			},
			liveness: tcpProbe(probeTiming{period: 20, timeout: 5, failures: 3}, parts.WikiPort),
		}},
	}
	if w.args.Monitoring.Enabled {
		p.containers = append(p.containers, varnishMetrics(w))
	}
	return p
}

// varnishd returns the command that runs Varnish.
func varnishd(cache sizes.Cache) []string {
	return slices.Concat([]string{
		"varnishd", "-F", "-j", "none", "-n", "/var/lib/varnish/wiki", "-f", "/etc/mediawiki-stack/wiki.vcl",
		"-a", fmt.Sprintf("readers=:%d", parts.WikiPort), "-a", fmt.Sprintf("purge=:%d", parts.PurgePort), "-T", "none",
		// Cache only answers that say for how long. An answer that is not cached takes memory of four times transit_buffer if its reader is
		// slow.
		"-p", "default_ttl=0", "-p", "transit_buffer=64k",
		// A longer header turns an answer of the wiki, or a request, into an error.
		"-p", "http_req_hdr_len=32k", "-p", "http_req_size=48k", "-p", "workspace_client=128k",
		"-p", "http_resp_hdr_len=64k", "-p", "http_resp_size=96k", "-p", "workspace_backend=192k",
		// The longest time that a client may send nothing: between requests, and within a form or a file on a slow line. The default of 5
		// seconds is less than a TLS proxy needs to receive one record of 16 kB at 3 kB/s. Not longer: a Pod that ends waits for idle
		// connections.
		"-p", "timeout_idle=15",
		"-p", "thread_pools=1", "-p", "vsl_space=8M",
		// The backend's address leads to many Pods: if one refuses a connection, the next may accept it.
		"-p", "backend_remote_error_holddown=0", "-p", "backend_local_error_holddown=0",
	}, storages(cache), bounds(cache))
}

// storages returns varnishd's options for what it stores. Pages and their generations have a storage each, so that neither can evict the
// other. Transient holds what is not cached: answers on their way to readers, and markers that live for a few seconds.
func storages(cache sizes.Cache) []string {
	malloc := func(name string, size int) string { return fmt.Sprintf("%s=malloc,%dm", name, size) }
	return []string{
		"-s", malloc("pages", cache.Size), "-s", malloc("generations", cache.Generations()), "-s", malloc("Transient", cache.Transient()),
	}
}

// bounds returns varnishd's options that limit what it uses beyond its storages.
func bounds(cache sizes.Cache) []string {
	return []string{
		// A new object evicts as many others as it needs. With the default of 50, a large page would not fit into a storage that is full of
		// small objects, and its reader would see an error.
		"-p", "nuke_limit=1000000",
		// Entries of this hash are freed with their objects. The default hash keeps them for minutes.
		"-h", "classic",
		// A request takes a thread, and another one while the wiki answers it; some are reserved for that. Further requests wait.
		"-p", fmt.Sprintf("thread_pool_max=%d", cache.Threads()), "-p", "thread_pool_reserve=50", "-p", "thread_queue_limit=1000",
	}
}
