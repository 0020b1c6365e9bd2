package unit

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// memoryLimit returns the limit of a container, in MiB.
func memoryLimit(c corev1.Container) int { return int(c.Resources.Limits.Memory().Value() >> 20) }

// number returns the number that the value of an environment variable begins with, such as 128 for "128M".
func number(t *testing.T, c corev1.Container, name string) (value int) {
	t.Helper()
	_, err := fmt.Sscan(variable(c, name), &value)
	require.NoError(t, err, name)
	return value
}

func TestPodsFitTheMemoryOfEachProfile(t *testing.T) {
	for _, profile := range choices.Profiles {
		t.Run(profile, func(t *testing.T) {
			args := wikiArgs(ofProfile(profile))
			promise(t, args, func(t *testing.T, r *mocks.Recording) {
				web := container(t, webPod(t, r), "mediawiki")
				workers := number(t, web, "MEDIAWIKI_WORKERS")
				busy := workers*number(t, web, "MEDIAWIKI_MEMORY") + number(t, web, "MEDIAWIKI_OPCACHE") + number(t, web, "MEDIAWIKI_APCU")
				assert.Greater(t, memoryLimit(web), busy, "a web Pod's limit, and what its workers may take")

				db := container(t, databasePod(t, r), "mariadb")
				assert.Greater(t, memoryLimit(db), number(t, db, "BUFFER_POOL")+100, "MariaDB's limit, and its buffers")
				assert.GreaterOrEqual(t, number(t, db, "CONNECTIONS"), 2*(sizes.MaxReplicas+1)*workers, "while Pods are replaced")

				sum := 0
				for _, res := range objects(r) {
					if pods, passing, isWorkload := scale(res.Object); isWorkload && !passing {
						for _, c := range r.Pods()[res.Name].Spec.Containers {
							sum += int(pods) * memoryLimit(c)
						}
					}
				}
				sums := sizes.Of(args).Sums(defaults.Replicas)
				assert.Equal(t, sum, sums.MostMemory, "limits of the containers that always run")
				if sums.Memory > 0 {
					assert.LessOrEqual(t, sum, sums.Memory)
				}
			})
		})
	}
}

func TestEachNumberOfAProfileCanBeChanged(t *testing.T) {
	args := wikiArgs(ofProfile(components.ProfilePi2G), func(a *components.MediaWikiStackArgs) {
		a.Memory = 8000
		a.Web = components.WebArgs{Workers: 5, RequestMemory: 150, Opcache: 70, APCu: 9}
		a.Cache.Replicas, a.Cache.Size = 3, 99
		a.ObjectCache.Size = 88
		a.Database.BufferPool, a.Database.Connections = 77, 66
	})
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		web, db := container(t, webPod(t, r), "mediawiki"), container(t, databasePod(t, r), "mariadb")
		for name, want := range map[string]int{
			"MEDIAWIKI_WORKERS": 5, "MEDIAWIKI_MEMORY": 150, "MEDIAWIKI_OPCACHE": 70, "MEDIAWIKI_APCU": 9,
		} {
			assert.Equal(t, want, number(t, web, name), name)
		}
		assert.Equal(t, 77, number(t, db, "BUFFER_POOL"))
		assert.Equal(t, 66, number(t, db, "CONNECTIONS"))
		assert.EqualValues(t, 3, *get[appsv1.StatefulSet](t, r, "mediawiki-cache").Spec.Replicas)
		assert.Contains(t, container(t, cachePod(t, r), "varnish").Command, "pages=malloc,99m")
		assert.Contains(t, container(t, memcachedPod(t, r), "memcached").Command, "--memory-limit=88")
	})
}

func TestSizesThatDoNotFitAreRefused(t *testing.T) {
	err := refusal(t, wikiArgs(ofProfile(components.ProfilePi2G), replicas(17)))
	require.ErrorContains(t, err, "Memory is")
	require.ErrorContains(t, err, "Database.Connections")
}

func TestGentleStorageWritesLess(t *testing.T) {
	for _, c := range []struct {
		args   *components.MediaWikiStackArgs
		gentle bool
	}{{wikiArgs(), false}, {wikiArgs(gentle), true}} {
		promise(t, c.args, func(t *testing.T, r *mocks.Recording) {
			command := fmt.Sprint(container(t, webPod(t, r), "mediawiki").Command)
			assert.Equal(t, c.gentle, variable(container(t, databasePod(t, r), "mariadb"), "GENTLE") != "", "fewer writes to the disk")
			if c.gentle {
				assert.Contains(t, command, "-DGentle", "no log of requests")
			} else {
				assert.NotContains(t, command, "-DGentle")
			}
		})
	}
}
