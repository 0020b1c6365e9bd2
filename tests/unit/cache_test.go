package unit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

func TestReadersReachTheWikiThroughItsCaches(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, "mediawiki-cache", get[corev1.Service](t, r, "mediawiki-srv").Spec.Selector["app"])
		assert.Equal(t, "mediawiki-app", get[corev1.Service](t, r, "mediawiki-app").Spec.Selector["app"])
		if r.Preview {
			assert.Equal(t, mocks.Unknown, vcl(t, r), "the address of the web Pods is not known yet")
		} else {
			assert.Contains(t, vcl(t, r), mocks.ClusterIP)
		}
		assert.Contains(t, container(t, webPod(t, r), "mediawiki").Command, "-DCached", "Apache trusts what a cache reports of its client")
	})
}

func TestEachCacheTakesPurgesAtANameOfItsOwn(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, []any{"mediawiki-cache-0:8082", "mediawiki-cache-1:8082"}, setting(t, r, "mediawiki", "caches"))
		service := get[corev1.Service](t, r, "mediawiki-cache-1")
		assert.Equal(t, "mediawiki-cache-1", service.Spec.Selector["statefulset.kubernetes.io/pod-name"])
		assert.True(t, service.Spec.PublishNotReadyAddresses, "before it has readers")
	})
}

func TestChangedSettingsEmptyTheCaches(t *testing.T) {
	settings := func(changes ...change) string {
		r := update(t, wikiArgs(changes...))
		for _, volume := range cachePod(t, r).Volumes {
			if volume.ConfigMap != nil {
				assert.Regexp(t, generated("mediawiki-cache"), volume.ConfigMap.Name, "a change replaces it, and the Pods with it")
			}
		}
		return vcl(t, r)
	}
	plain := settings()
	assert.NotEqual(t, plain, settings(func(a *components.MediaWikiStackArgs) { a.Wiki.SiteName = pulumi.String("Team") }))
	assert.NotEqual(t, plain, settings(func(a *components.MediaWikiStackArgs) { a.SiteURL = "https://wiki.example.org" }),
		"pages contain the wiki's address")
	assert.Equal(t, plain, settings(replicas(5)), "more Pods are the same wiki")
}

func TestPrivateWikiHasNoCache(t *testing.T) {
	for name, change := range map[string]change{
		"private": func(a *components.MediaWikiStackArgs) { a.Wiki.Access = components.AccessPrivate }, "switched off": uncached,
	} {
		t.Run(name, func(t *testing.T) {
			promise(t, wikiArgs(change), func(t *testing.T, r *mocks.Recording) {
				assert.Equal(t, "mediawiki-app", get[corev1.Service](t, r, "mediawiki-srv").Spec.Selector["app"])
				assert.Empty(t, setting(t, r, "mediawiki", "caches"))
				for _, res := range r.Resources {
					assert.NotContains(t, res.Name, "mediawiki-cache", res)
				}
				assert.NotContains(t, container(t, webPod(t, r), "mediawiki").Command, "-DCached", "no client is trusted")
			})
		})
	}
}

func TestLimitsCanBeSwitchedOff(t *testing.T) {
	assert.Contains(t, vcl(t, update(t, wikiArgs())), "limits.vcl")
	without := vcl(t, update(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Cache.Limits = pulumi.BoolRef(false) })))
	assert.NotContains(t, without, "limits.vcl")
	assert.Contains(t, without, "sub costly", "which wiki.vcl calls")
}

func TestImpossibleNumberOfCachesIsRefused(t *testing.T) {
	err := refusal(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Cache.Replicas = 9 }))
	assert.ErrorContains(t, err, "Cache.Replicas is 9; set it to 1 to 8")
}

func TestAllMemoryOfVarnishIsBounded(t *testing.T) {
	for _, profile := range choices.Profiles {
		promise(t, wikiArgs(ofProfile(profile)), func(t *testing.T, r *mocks.Recording) {
			check, varnish := container(t, cachePod(t, r), "check"), container(t, cachePod(t, r), "varnish")
			stored := 0
			for _, option := range varnish.Command {
				if _, storage, found := strings.Cut(option, "=malloc,"); found {
					var size int
					_, err := fmt.Sscanf(storage, "%dm", &size)
					require.NoError(t, err)
					stored += size
					assert.Contains(t, check.Command, option, "the settings name this storage")
				}
			}
			cached := sizes.Profiles[profile].CacheSize
			assert.Greater(t, stored, cached, "uncached responses have a storage with a bound, too")
			assert.Greater(t, memoryLimit(varnish), stored+cached, "the smallest objects take as much beyond their storage as in it")
			assert.GreaterOrEqual(t, memoryLimit(check), 128, "a C compiler runs in it")
			assert.Equal(t, "1", variable(varnish, "MALLOC_ARENA_MAX"), "each heap could become as large as the storage")
		})
	}
}

func TestImagesCanBePinnedByDigest(t *testing.T) {
	pinned := "varnish:9.0.3@sha256:" + strings.Repeat("0123", 16)
	args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Cache.Image = pulumi.String(pinned) })
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, pinned, container(t, cachePod(t, r), "varnish").Image)
	})
}
