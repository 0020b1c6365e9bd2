package farm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// memory is what containers use, in MiB, by their names.
type memory map[string]float64

func (m memory) sum() float64 {
	var sum float64
	for _, used := range m {
		sum += used
	}
	return sum
}

// String lists the containers, the largest first.
func (m memory) String() string {
	containers := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return int(m[b] - m[a]) })
	for i, name := range containers {
		containers[i] = fmt.Sprintf("%s %.1f", name, m[name])
	}
	return fmt.Sprintf("%.0f MiB: %s", m.sum(), strings.Join(containers, ", "))
}

// atRest waits until the memory of all containers of the namespaces has changed by less than a hundredth for half a minute, and returns it.
func atRest(t *testing.T, namespaces ...*kube.Namespace) memory {
	t.Helper()
	const change, still = 0.01, 30 * time.Second // kubelets measure every ten seconds
	var used, steady memory
	since := time.Now()
	await.Within(t, 5*time.Minute, "memory does not change", func() error {
		used = memory{}
		for _, namespace := range namespaces {
			containers, err := namespace.WorkingSets(t.Context())
			if err != nil {
				return err
			}
			for name, more := range containers {
				used[name] += more
			}
		}
		if sum := used.sum(); sum < (1-change)*steady.sum() || sum > (1+change)*steady.sum() {
			steady, since = used, time.Now()
		}
		if time.Since(since) < still {
			return fmt.Errorf("it was %.0f MiB %s ago", steady.sum(), time.Since(since))
		}
		return nil
	})
	return used
}

// takesLessMemory compares the farm with separate wikis, which are measured one after the other, beside the farm. Before that, they are
// used in the same way.
func (f *farm) takesLessMemory(t *testing.T) {
	server := kube.Open(t, serverNamespace)
	namespaces := make([]*kube.Namespace, 1, 1+len(names))
	namespaces[0] = server
	for _, name := range names {
		namespaces = append(namespaces, f.wikis[name].Namespace)
	}
	all := atRest(t, namespaces...)
	t.Logf("the farm's %d wikis and their MariaDB: %s", len(names), all)
	shared, err := server.WorkingSet(t.Context())
	require.NoError(t, err)
	t.Logf("of which the shared MariaDB: %.0f MiB; each of the wikis: %.0f MiB", shared, (all.sum()-shared)/float64(len(names)))
	require.Len(t, all, 6, "kinds of containers")

	separate := f.separateWiki(t, "separate", nil)
	t.Logf("a separate wiki: %s", separate)
	assert.LessOrEqual(t, all.sum(), 0.6*float64(len(names))*separate.sum(), "memory of the farm, and of separate wikis")
	alike := f.separateWiki(t, "alike", map[string]any{"profile": "pi-2g", "replicas": 1})
	t.Logf("a separate wiki with the sizes of the farm's: %s", alike)
	each := all.sum() / float64(len(names))
	t.Logf("the farm takes %.0f %% of separate wikis, and %.0f %% of those with the farm's sizes",
		100*each/separate.sum(), 100*each/alike.sum())
	assert.Less(t, all.sum(), float64(len(names))*alike.sum())
}

// separateWiki deploys a wiki with its own MariaDB, uses it and returns its memory.
func (f *farm) separateWiki(t *testing.T, stack string, settings map[string]any) memory {
	t.Helper()
	namespace := kube.Open(t, "mediawiki-"+stack)
	namespace.Temporary(t)
	s := engine.NewStack(t, stack, engine.Options{Settings: settings, Secrets: map[string]string{"masterSecret": secret.New()}})
	began := time.Now()
	s.Up(t)
	t.Logf("up of a separate wiki: %s", time.Since(began).Round(time.Second))
	var outputs struct {
		URL           string `json:"url"`
		AdminPassword string `json:"adminPassword"`
	}
	s.Outputs(t, &outputs)
	f.doors.reach(t, namespace, "mediawiki", outputs.URL, outputs.AdminPassword).use(t, "Separate soup")
	used := atRest(t, namespace)
	s.Destroy(t)
	return used
}
