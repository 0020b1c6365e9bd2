package sizes

import (
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Need is what a container requests, and its limits. No container has a limit of CPU.
type Need struct {
	CPU         int // in thousandths of a processor
	Memory      int // MiB, as the next three
	MemoryLimit int
	Disk        int // ephemeral storage that it uses when little happens
	DiskLimit   int // and the most that it and its volumes on disk can use
}

// Need returns what the container with this name needs. It panics for an unknown container, so that a test of any wiki finds a forgotten
// one. The recipe's containers need nothing.
func (w *Wiki) Need(container string) Need {
	switch container {
	case "mediawiki":
		return Need{CPU: 100, Memory: w.Web.request(), MemoryLimit: w.Web.limit(), Disk: 64, DiskLimit: logDisk + w.WebDisk()}
	case "files":
		return Need{CPU: 10, Memory: 8, MemoryLimit: filesMemory, Disk: 8, DiskLimit: logDisk}
	case "wait":
		return Need{CPU: 10, Memory: 32, MemoryLimit: 128, Disk: 8, DiskLimit: logDisk}
	case "jobs":
		return Need{CPU: 20, Memory: 96, MemoryLimit: w.Web.jobsLimit(), Disk: 64, DiskLimit: logDisk + w.JobsDisk()}
	case "migration":
		return Need{CPU: 100, Memory: 128, MemoryLimit: 512, Disk: 64, DiskLimit: logDisk + w.ProgramDisk()}
	case "backup", "drill":
		return Need{CPU: 50, Memory: 64, MemoryLimit: 256, Disk: 64, DiskLimit: logDisk + w.ProgramDisk()}
	case "tools", "packages", "replication":
		return Need{CPU: 20, Memory: 64, MemoryLimit: 256, Disk: 8, DiskLimit: logDisk}
	case "remote":
		return Need{CPU: 20, Memory: 64, MemoryLimit: 512, Disk: 16, DiskLimit: logDisk + w.RemoteDisk()}
	case "mariadb":
		db := w.Database
		return Need{CPU: 100, Memory: db.request(), MemoryLimit: db.limit(), Disk: 16, DiskLimit: logDisk + w.DatabaseDisk()}
	case "memcached":
		return Need{CPU: 20, Memory: w.ObjectCache.request(), MemoryLimit: w.ObjectCache.limit(), Disk: 8, DiskLimit: logDisk}
	case "varnish":
		return Need{CPU: 50, Memory: 48, MemoryLimit: w.Cache.limit(), Disk: 8, DiskLimit: logDisk}
	case "check": // runs a C compiler, before Varnish
		return Need{CPU: 10, Memory: 16, MemoryLimit: w.Cache.limit(), Disk: 8, DiskLimit: logDisk}
	case "metrics":
		return Need{CPU: 5, Memory: 12, MemoryLimit: metricsMemory, Disk: 4, DiskLimit: logDisk}
	case "mediawiki-container", "mariadb-container":
		return Need{}
	}
	panic("sizes: nothing is known of container " + container)
}

// Pods is what the Pods of one part need.
type Pods struct {
	App        string // their label "app"
	Count      int
	Surge      int    // how many more there are during a rollout
	Passing    bool   // whether they end by themselves, as those of Jobs do
	Containers []Need // those that run at the same time in each Pod
}

// Pods returns what the Pods of the wiki with this name need, in the order of [parts.All].
func (w *Wiki) Pods(name string) []Pods {
	all := make([]Pods, 0, len(parts.All))
	for _, part := range parts.All {
		pods := Pods{App: part.Of(name), Count: 1, Passing: part.RunsOnce()}
		for _, container := range part.Containers() {
			if w.runs(container.Runs) {
				pods.Containers = append(pods.Containers, w.Need(container.Name))
			}
		}
		switch {
		case len(pods.Containers) == 0:
			continue
		case part == parts.Cache:
			pods.Count = w.Cache.Replicas
		case part == parts.Web:
			pods.Count = w.MostReplicas()
			if w.Database.Mode != choices.DatabaseSidecar {
				pods.Surge = 1
			}
		}
		all = append(all, pods)
	}
	return all
}

// runs reports whether containers with this condition run beside the others of their Pods.
func (w *Wiki) runs(condition parts.Condition) bool {
	if w.Database.Mode == choices.DatabaseSidecar {
		return condition == parts.InRecipe
	}
	switch condition {
	case parts.Always:
		return true
	case parts.WithDatabase:
		return w.Database.Mode == choices.DatabaseStatefulSet
	case parts.WithReplica:
		return w.Database.Mode == choices.DatabaseStatefulSet && w.Database.Replicas > 1
	case parts.WithCache:
		return w.Cached()
	case parts.WithMonitoring:
		return w.Cached() && w.Monitoring.Enabled
	case parts.WithRemote:
		return w.Backups.Remote.Address != ""
	default:
		return false
	}
}
