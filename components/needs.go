package components

import (
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Need is what a container requests, and the limit of its memory. No container has a limit of CPU.
type Need struct {
	CPU         int // in thousandths of a processor
	Memory      int // MiB
	MemoryLimit int // MiB
}

// Needs of containers whose size does not depend on the arguments.
var (
	filesNeed     = Need{CPU: 10, Memory: 8, MemoryLimit: filesMemory}
	waitNeed      = Need{CPU: 10, Memory: 32, MemoryLimit: 128}
	toolsNeed     = Need{CPU: 20, Memory: 64, MemoryLimit: 256}
	remoteNeed    = Need{CPU: 20, Memory: 64, MemoryLimit: 512}
	migrationNeed = Need{CPU: 100, Memory: 128, MemoryLimit: 512}
	programNeed   = Need{CPU: 50, Memory: 64, MemoryLimit: 256} // of a backup and of a restore test
)

func (w WebArgs) need() Need     { return Need{CPU: 100, Memory: w.request(), MemoryLimit: w.limit()} }
func (w WebArgs) jobsNeed() Need { return Need{CPU: 20, Memory: 96, MemoryLimit: w.jobsLimit()} }
func (db DatabaseArgs) need() Need {
	return Need{CPU: 100, Memory: db.request(), MemoryLimit: db.limit()}
}
func (c CacheArgs) need() Need { return Need{CPU: 50, Memory: 48, MemoryLimit: c.limit()} }

// checkNeed leaves room for a C compiler. It runs before Varnish, so the Pod needs no more because of it.
func (c CacheArgs) checkNeed() Need { return Need{CPU: 10, Memory: 16, MemoryLimit: c.limit()} }

func (c ObjectCacheArgs) need() Need {
	return Need{CPU: 20, Memory: c.request(), MemoryLimit: c.limit()}
}

// resources returns the need as the resources of a container.
func (n Need) resources() *corev1.ResourceRequirementsArgs {
	return &corev1.ResourceRequirementsArgs{
		Requests: pulumi.StringMap{"cpu": pulumi.String(fmt.Sprintf("%dm", n.CPU)), "memory": mebibytes(n.Memory)},
		Limits:   pulumi.StringMap{"memory": mebibytes(n.MemoryLimit)},
	}
}

// PodNeeds is what the Pods of one part need.
type PodNeeds struct {
	App        string // the Pods' label "app"
	Pods       int
	Surge      int    // how many more there are during a rollout
	Passing    bool   // whether they end by themselves, as those of Jobs do
	Containers []Need // those that run at the same time in each Pod
}

// PodNeeds returns what the Pods of a wiki need that has this name and that many web Pods. The recipe's Pods request nothing.
func (args *MediaWikiStackArgs) PodNeeds(name string, replicas int) []PodNeeds {
	args = args.withDefaults()
	if args.Database.Mode == DatabaseSidecar {
		return []PodNeeds{{App: parts.Web.Of(name), Pods: replicas, Containers: []Need{{}, {}}}}
	}
	sidecars := []Need{toolsNeed}
	if args.Backups.Remote.Address != "" {
		sidecars = append(sidecars, remoteNeed)
	}
	web := []Need{args.Web.need()}
	if args.cached() {
		web = append(web, filesNeed)
	}
	needs := []PodNeeds{
		{App: parts.Web.Of(name), Pods: replicas, Surge: 1, Containers: web},
		{App: parts.Jobs.Of(name), Pods: 1, Containers: []Need{args.Web.jobsNeed()}},
		{App: parts.ObjectCache.Of(name), Pods: 1, Containers: []Need{args.ObjectCache.need()}},
		{App: parts.Migration.Of(name), Pods: 1, Passing: true, Containers: append([]Need{migrationNeed}, sidecars...)},
		{App: parts.Backups.Of(name), Pods: 1, Passing: true, Containers: append([]Need{programNeed}, sidecars...)},
	}
	if args.cached() {
		needs = append(needs, PodNeeds{App: parts.Cache.Of(name), Pods: args.Cache.Replicas, Containers: []Need{args.Cache.need()}})
	}
	if args.Database.Mode == DatabaseStatefulSet {
		needs = append(needs, PodNeeds{App: parts.Database.Of(name), Pods: 1, Containers: []Need{args.Database.need()}})
	}
	return needs
}
