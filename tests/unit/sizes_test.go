package unit

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// ofProfile is a wiki of a profile.
func ofProfile(profile string, change ...func(*components.MediaWikiStackArgs)) *components.MediaWikiStackArgs {
	return wikiArgs(append(change, func(a *components.MediaWikiStackArgs) { a.Profile = profile })...)
}

// container is the first one of a workload's Pods.
func container(t *testing.T, r *recorder, token, name string) any {
	t.Helper()
	return at(t, r.named(t, token, name), "spec", "template", "spec", "containers", 0)
}

// memoryLimit is a container's, in MiB.
func memoryLimit(t *testing.T, container any) int {
	t.Helper()
	limit, err := resource.ParseQuantity(at(t, container, "resources", "limits", "memory").(string))
	require.NoError(t, err)
	return int(limit.Value() / (1 << 20))
}

// variable is what a container finds in its environment, as a number.
func variable(t *testing.T, container any, name string) (n int) {
	t.Helper()
	for _, v := range listOf(at(t, container, "env")) {
		if at(t, v, "name") == name {
			_, err := fmt.Sscan(at(t, v, "value").(string), &n)
			require.NoError(t, err)
			return n
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

func TestWhatRunsAtOnceFitsTheMemoryOfEachProfile(t *testing.T) {
	for _, profile := range components.ProfileNames {
		t.Run(profile, func(t *testing.T) {
			promise(t, ofProfile(profile), func(t *testing.T, r *recorder) {
				web := container(t, r, deploymentToken, "mediawiki-app")
				workers, request := variable(t, web, "MEDIAWIKI_WORKERS"), variable(t, web, "MEDIAWIKI_MEMORY")
				busy := workers*request + variable(t, web, "MEDIAWIKI_OPCACHE") + variable(t, web, "MEDIAWIKI_APCU")
				assert.Greater(t, memoryLimit(t, web), busy, "a web Pod's limit, and what its workers may take")

				db := container(t, r, serverToken, "mediawiki-db")
				assert.Greater(t, memoryLimit(t, db), variable(t, db, "BUFFER_POOL")+100, "MariaDB's limit, and its buffers")
				assert.GreaterOrEqual(t, variable(t, db, "CONNECTIONS"), 2*(components.MaxReplicas+1)*workers, "while Pods are replaced")

				caches := r.named(t, serverToken, "mediawiki-cache")
				files := at(t, r.named(t, deploymentToken, "mediawiki-app"), "spec", "template", "spec", "containers", 1)
				sum := components.DefaultReplicas*(memoryLimit(t, web)+memoryLimit(t, files)) + memoryLimit(t, db) +
					memoryLimit(t, container(t, r, deploymentToken, "mediawiki-jobs")) +
					memoryLimit(t, container(t, r, deploymentToken, "mediawiki-objectcache")) +
					int(at(t, caches, "spec", "replicas").(float64))*memoryLimit(t, container(t, r, serverToken, "mediawiki-cache"))
				sizes := ofProfile(profile).Sizes(components.DefaultReplicas)
				assert.Equal(t, sum, sizes.Most, "limits of all that runs all the time")
				if sizes.Memory > 0 {
					assert.LessOrEqual(t, sum, sizes.Memory)
				}
			})
		})
	}
}

func TestEachNumberOfAProfileCanBeAnother(t *testing.T) {
	args := ofProfile(components.ProfilePi2G, func(a *components.MediaWikiStackArgs) {
		a.Memory = 8000
		a.Web = components.WebArgs{Workers: 5, RequestMemory: 150, Opcache: 70, APCu: 9}
		a.Cache.Replicas, a.Cache.Size = 3, 99
		a.ObjectCache.Size = 88
		a.Database.BufferPool, a.Database.Connections = 77, 66
	})
	promise(t, args, func(t *testing.T, r *recorder) {
		web, db := container(t, r, deploymentToken, "mediawiki-app"), container(t, r, serverToken, "mediawiki-db")
		for name, want := range map[string]int{
			"MEDIAWIKI_WORKERS": 5, "MEDIAWIKI_MEMORY": 150, "MEDIAWIKI_OPCACHE": 70, "MEDIAWIKI_APCU": 9,
		} {
			assert.Equal(t, want, variable(t, web, name), name)
		}
		assert.Equal(t, 77, variable(t, db, "BUFFER_POOL"))
		assert.Equal(t, 66, variable(t, db, "CONNECTIONS"))
		assert.EqualValues(t, 3, at(t, r.named(t, serverToken, "mediawiki-cache"), "spec", "replicas"))
		assert.Contains(t, listOf(at(t, container(t, r, serverToken, "mediawiki-cache"), "command")), "pages=malloc,99m")
		assert.Contains(t, listOf(at(t, container(t, r, deploymentToken, "mediawiki-objectcache"), "command")), "--memory-limit=88")
	})
}

func TestComponentRefusesSizesThatDoNotFit(t *testing.T) {
	tooMany := ofProfile(components.ProfilePi2G, func(a *components.MediaWikiStackArgs) { a.Replicas = pulumi.IntRef(17) })
	_, _, err := run(t, true, map[string]*components.MediaWikiStackArgs{"mediawiki": tooMany})
	require.ErrorContains(t, err, "Memory is")
	require.ErrorContains(t, err, "Database.Connections")
}

func TestGentleStorageWritesLess(t *testing.T) {
	gentle := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Storage = components.StorageGentle })
	for args, want := range map[*components.MediaWikiStackArgs]bool{wikiArgs(): false, gentle: true} {
		promise(t, args, func(t *testing.T, r *recorder) {
			command := listOf(at(t, container(t, r, deploymentToken, "mediawiki-app"), "command"))
			env := fmt.Sprint(at(t, container(t, r, serverToken, "mediawiki-db"), "env"))
			if !want {
				assert.NotContains(t, command, "-DGentle")
				assert.NotContains(t, env, "GENTLE")
				return
			}
			assert.Contains(t, command, "-DGentle", "no log of requests")
			assert.Contains(t, env, "GENTLE", "fewer writes to the disk")
		})
	}
}
