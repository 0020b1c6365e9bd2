package components

import (
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// memcachedID is the id of user and group memcache in the image.
const memcachedID = 11211

const memcachedPort = 11211

// objectCacheName is the name of all that belongs to a wiki's object cache, and where Pods find it.
func objectCacheName(wiki string) string { return wiki + "-objectcache" }

// objectCacheAddress is where MediaWiki finds its object cache.
func objectCacheAddress(wiki string) string {
	return fmt.Sprintf("%s:%d", objectCacheName(wiki), memcachedPort)
}

type objectCacheArgs struct {
	ObjectCacheArgs
	namespace pulumi.StringInput
	timeouts  TimeoutsArgs
}

// objectCache is the part in which MediaWiki keeps what it can make again: parsed pages, messages, rows it has read. It is memcached.
// https://www.mediawiki.org/wiki/Manual:Caching
type objectCache struct {
	pulumi.ResourceState

	known corev1.HostAliasInput // its address
}

func newObjectCache(ctx *pulumi.Context, wiki string, args *objectCacheArgs, opts ...pulumi.ResourceOption) (*objectCache, error) {
	c := &objectCache{}
	if err := ctx.RegisterComponentResource(ObjectCacheToken, wiki, c, opts...); err != nil {
		return nil, err
	}
	name := objectCacheName(wiki)
	child := []pulumi.ResourceOption{pulumi.Parent(c), args.timeouts.resourceOption()}
	labels := pulumi.StringMap{"app": pulumi.String(name)}
	// memcached asks nobody who they are.
	if err := newPolicy(ctx, name, args.namespace, labels, fromTiers(wiki, pulumi.Int(memcachedPort)), nil, child...); err != nil {
		return nil, err
	}
	if err := newBudget(ctx, name, args.namespace, labels, child...); err != nil {
		return nil, err
	}
	service, err := newInnerService(ctx, name, args.namespace, labels, []int{memcachedPort}, true, child...)
	if err != nil {
		return nil, err
	}
	c.known = known(service, name)
	if _, err := appsv1.NewDeployment(ctx, name, &appsv1.DeploymentArgs{
		Metadata: lasting(args.namespace, name),
		Spec: &appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(1),
			Selector: &metav1.LabelSelectorArgs{MatchLabels: labels},
			// Of two at a time, each would keep what the other was told to forget.
			Strategy: &appsv1.DeploymentStrategyArgs{Type: pulumi.String("Recreate")},
			Template: &corev1.PodTemplateSpecArgs{Metadata: &metav1.ObjectMetaArgs{Labels: labels}, Spec: memcachedPod(args)},
		},
	}, child...); err != nil {
		return nil, err
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{})
}

func memcachedPod(args *objectCacheArgs) *corev1.PodSpecArgs {
	spec := restrictedPod(memcachedID)
	spec.TerminationGracePeriodSeconds = pulumi.Int(5)
	spec.Containers = corev1.ContainerArray{&corev1.ContainerArgs{
		Name:  pulumi.String("memcached"),
		Image: args.Image.ToStringOutput().ToStringPtrOutput(),
		Command: pulumi.ToStringArray([]string{
			"memcached", fmt.Sprintf("--port=%d", memcachedPort), fmt.Sprintf("--memory-limit=%d", args.Size),
			"--max-item-size=4m", // a large page, compressed
			"--threads=2",
		}),
		Ports:           corev1.ContainerPortArray{corev1.ContainerPortArgs{ContainerPort: pulumi.Int(memcachedPort)}},
		SecurityContext: restrictedContainer(),
		Resources:       args.need().resources(),
		// There is no readiness probe: a kubelet that starts calls a Pod unready until its first probe, and meanwhile a wiki that cannot
		// reach it could not have it forget what has changed.
		LivenessProbe: tcpProbe(probeTiming{period: 20, timeout: 5, failures: 3}, memcachedPort),
	}}
	return spec
}
