package components

import (
	"fmt"
	"slices"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// purgePort is where a cache hears from the wiki's Pods of what has changed.
const purgePort = 8082

// cacheName is the label that all of a wiki's caches have; each has a name that begins with it.
func cacheName(wiki string) string { return wiki + "-cache" }

// cached tells whether readers are answered from copies. A private wiki has none that two readers may share.
func (args *MediaWikiStackArgs) cached() bool {
	return *args.Cache.Enabled && args.Wiki.Access != AccessPrivate
}

// caches are the addresses at which the wiki's caches hear of changes.
func (args *MediaWikiStackArgs) caches(wiki string) []string {
	if !args.cached() {
		return []string{}
	}
	addresses := make([]string, args.Cache.Replicas)
	for i := range addresses {
		addresses[i] = fmt.Sprintf("%s-%d:%d", cacheName(wiki), i, purgePort)
	}
	return addresses
}

type cacheArgs struct {
	CacheArgs
	namespace pulumi.StringInput
	gate, url pulumi.StringOutput // what cached pages have to be made of
	backend   pulumi.StringOutput // address of the Service in front of the web Pods
	after     pulumi.ResourceOption
	proxies   []string // see [ServiceArgs].TrustedProxies
}

// cache is the part that keeps copies of pages for readers who have no session: Varnish.
// https://varnish-cache.org/docs/7.7/
type cache struct {
	pulumi.ResourceState

	child []pulumi.ResourceOption
	known corev1.HostAliasArray // addresses at which its Pods hear of changes
	set   pulumi.Resource       // the Pods, when serve has made them
}

// newCache makes the part, with a Service for each of its Pods. The Pods follow with serve, when there is a wiki to ask.
func newCache(
	ctx *pulumi.Context, wiki string, replicas int, namespace pulumi.StringInput, timeouts TimeoutsArgs, opts ...pulumi.ResourceOption,
) (*cache, error) {
	c := &cache{}
	if err := ctx.RegisterComponentResource(CacheToken, wiki, c, opts...); err != nil {
		return nil, err
	}
	c.child = []pulumi.ResourceOption{pulumi.Parent(c), timeouts.resourceOption()}
	// Each Pod hears of changes at a Service of its own, which leads to it before it has readers.
	for i := range replicas {
		pod := fmt.Sprintf("%s-%d", cacheName(wiki), i)
		own := pulumi.StringMap{"statefulset.kubernetes.io/pod-name": pulumi.String(pod)}
		service, err := newInnerService(ctx, pod, namespace, own, []int{purgePort}, true, c.child...)
		if err != nil {
			return nil, err
		}
		c.known = append(c.known, known(service, pod))
	}
	return c, nil
}

// serve creates the Pods and what they need. They change with the web Pods, after the migration: caches that expect pages of settings that
// no web Pod has would keep none.
func (c *cache) serve(ctx *pulumi.Context, wiki string, args *cacheArgs) error {
	child := slices.Concat(c.child, []pulumi.ResourceOption{args.after})
	name := cacheName(wiki)
	labels := pulumi.StringMap{"app": pulumi.String(name)}
	data := varnishFiles()
	data["settings.vcl"] = pulumi.Sprintf("%s\n%s", proxiesVCL(args.proxies), settingsVCL(args))
	config, err := corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{
		Metadata: &metav1.ObjectMetaArgs{Namespace: args.namespace.ToStringOutput().ToStringPtrOutput()}, Data: data,
	}, child...)
	if err != nil {
		return err
	}
	ingress := append(fromEverywhere(wikiPort), fromTiers(wiki, pulumi.Int(purgePort))...)
	if err := newPolicy(ctx, name, args.namespace, labels, ingress, toWiki(wiki), child...); err != nil {
		return err
	}
	if err := newBudget(ctx, name, args.namespace, labels, child...); err != nil {
		return err
	}
	set := varnishSet(name, args, labels, nameOf(config, config.Metadata))
	if c.set, err = appsv1.NewStatefulSet(ctx, name, set, child...); err != nil {
		return err
	}
	return ctx.RegisterResourceOutputs(c, pulumi.Map{})
}
