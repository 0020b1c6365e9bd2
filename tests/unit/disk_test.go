package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func gentle(a *components.MediaWikiStackArgs) { a.Storage = components.StorageGentle }

func TestEverythingThatAPodWritesIsBounded(t *testing.T) {
	for name, args := range map[string]*components.MediaWikiStackArgs{
		"small": wikiArgs(onS3), "large": wikiArgs(ofProfile(components.ProfileLarge)), "external": wikiArgs(external),
		"gentle": wikiArgs(ofProfile(components.ProfilePi2G), gentle),
	} {
		t.Run(name, func(t *testing.T) {
			promise(t, args, func(t *testing.T, r *mocks.Recording) {
				for name, template := range r.Pods() {
					pod := template.Spec
					var limits, volumes int64
					for i, c := range containers(pod) {
						request, limit := c.Resources.Requests.StorageEphemeral(), c.Resources.Limits.StorageEphemeral()
						assert.Positive(t, request.Value(), "%s: request of %s; without it, the limit is the request", name, c.Name)
						assert.Greater(t, limit.Value(), request.Value(), "%s: limit of %s", name, c.Name)
						if i >= len(pod.InitContainers) || c.RestartPolicy != nil {
							limits += limit.Value() - 50<<20 // the kubelet keeps 50 MiB of its log
						}
					}
					for _, volume := range pod.Volumes {
						if volume.EmptyDir == nil {
							continue
						}
						require.NotNil(t, volume.EmptyDir.SizeLimit, "%s: volume %s", name, volume.Name)
						assert.Positive(t, volume.EmptyDir.SizeLimit.Value(), "%s: volume %s", name, volume.Name)
						if volume.EmptyDir.Medium == "" {
							volumes += volume.EmptyDir.SizeLimit.Value()
						}
					}
					assert.GreaterOrEqual(t, limits, volumes, "%s: a full volume is within the limits of the containers", name)
				}
			})
		})
	}
}

// sizeOfTmp returns the size limit of /tmp in a workload's Pods, in MiB.
func sizeOfTmp(t *testing.T, r *mocks.Recording, workload string) int64 {
	t.Helper()
	for _, volume := range r.Pods()[workload].Spec.Volumes {
		if volume.Name == "tmp" {
			return volume.EmptyDir.SizeLimit.Value() >> 20
		}
	}
	require.Fail(t, "has no /tmp", workload)
	return 0
}

func TestTemporaryVolumesFollowFromSizesOfTheWiki(t *testing.T) {
	args := wikiArgs(func(a *components.MediaWikiStackArgs) {
		a.Web.Workers, a.Wiki.Uploads.MaxSize = 6, 900
		a.Database.Volume.Size, a.Wiki.Uploads.Volume.Size = "40Gi", "100Gi"
	})
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		assert.GreaterOrEqual(t, sizeOfTmp(t, r, "mediawiki-app"), int64(6*2*900), "each worker has a file in pieces, and the whole")
		assert.GreaterOrEqual(t, sizeOfTmp(t, r, "mediawiki-jobs"), int64(100<<10), "an operator imports all uploads")
		assert.GreaterOrEqual(t, sizeOfTmp(t, r, "mediawiki-db"), int64(80<<10), "a query and a change of the schema sort a table")
		for _, program := range []string{"mediawiki-migration", "mediawiki-drill", "mediawiki-backup"} {
			assert.GreaterOrEqual(t, sizeOfTmp(t, r, program), int64(80<<10), "an import converts a whole database: %s", program)
		}
		assert.Equal(t, "40960", variable(container(t, databasePod(t, r), "mariadb"), "TEMPORARY"), "a query fails, and no Pod is evicted")
	})
}

func TestSizesThatAreNoneAreRefused(t *testing.T) {
	wrong := wikiArgs(func(a *components.MediaWikiStackArgs) {
		a.Database.Volume.Size, a.Wiki.Uploads.Volume.Size, a.Backups.Volume.Size = "8 GB", "0", "-1Gi"
		a.Wiki.Uploads.MaxSize = -5
	})
	err := refusal(t, wrong)
	for _, field := range []string{"Database.Volume.Size", "Wiki.Uploads.Volume.Size", "Backups.Volume.Size", "Wiki.Uploads.MaxSize"} {
		require.ErrorContains(t, err, field)
	}
}
