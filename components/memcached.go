package components

import (
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// memcachedID is the ID of user and group memcache in the image.
const memcachedID = 11211

// objectCacheAddress returns the address at which MediaWiki reaches its object cache.
func objectCacheAddress(wiki string) string {
	return fmt.Sprintf("%s:%d", parts.ObjectCache.Of(wiki), parts.MemcachedPort)
}

// objectCache is the part in which MediaWiki keeps what it can compute again: parsed pages, messages, rows it has read. It is memcached.
// https://www.mediawiki.org/wiki/Manual:Caching
type objectCache struct {
	pulumi.ResourceState

	hostAlias corev1.HostAliasInput
}

func newObjectCache(ctx *pulumi.Context, w *wiki) (*objectCache, error) {
	c := &objectCache{}
	if err := w.register(ctx, parts.ObjectCache, c); err != nil {
		return nil, err
	}
	name, image, child := parts.ObjectCache.Of(w.name), w.args.ObjectCache.Image, w.childOf(c)
	// memcached has no passwords: the policy is all that protects it.
	if err := newNetworkPolicy(ctx, w, parts.ObjectCache, child...); err != nil {
		return nil, err
	}
	if err := newPodDisruptionBudget(ctx, w, parts.ObjectCache, child...); err != nil {
		return nil, err
	}
	service, err := newClusterIPService(ctx, w, name, w.labels(parts.ObjectCache), false, []int{parts.MemcachedPort}, child...)
	if err != nil {
		return nil, err
	}
	c.hostAlias = hostAlias(service, name)
	if err := w.newDeployment(ctx, name, &appsv1.DeploymentArgs{
		Metadata: w.workloadMetadata(name, image),
		Spec: &appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(1),
			Selector: w.selector(parts.ObjectCache),
			// Never run two at once: an invalidation reaches only one of them, and the other would serve stale data.
			Strategy: &appsv1.DeploymentStrategyArgs{Type: pulumi.String("Recreate")},
			Template: memcachedPod(w).template(w.podLabels(parts.ObjectCache, image), nil),
		},
	}, child...); err != nil {
		return nil, err
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{})
}

func memcachedPod(w *wiki) *pod {
	return &pod{
		user:        memcachedID,
		gracePeriod: 5,
		moves:       true,
		containers: []*container{{
			name:  "memcached",
			image: w.args.ObjectCache.Image,
			command: []string{
				"memcached", fmt.Sprintf("--port=%d", parts.MemcachedPort), fmt.Sprintf("--memory-limit=%d", w.sizes.ObjectCache.Size),
				"--max-item-size=4m", // a large page, compressed
				"--threads=2",
			},
			ports: map[string]int{"": parts.MemcachedPort},
			need:  w.sizes.Need("memcached"),
			// There is no readiness probe. After a kubelet restart, a Pod is unready until its first probe; memcached would be flushed,
			// because it could not receive invalidations in that time.
			liveness: tcpProbe(probeTiming{period: 20, timeout: 5, failures: 3}, parts.MemcachedPort),
		}},
	}
}
