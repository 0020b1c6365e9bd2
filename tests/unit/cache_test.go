package unit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// purged are the addresses at which the wiki tells of changes.
func purged(t *testing.T, r *recorder) string {
	t.Helper()
	return at(t, r.named(t, configMapToken, "mediawiki-settings"), "data", "wiki.json").(string)
}

func TestReadersReachTheWikiByWayOfItsCaches(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		assert.Equal(t, "mediawiki-cache", at(t, r.named(t, serviceToken, "mediawiki-srv"), "spec", "selector", "app"))
		assert.Equal(t, "mediawiki-app", at(t, r.named(t, serviceToken, "mediawiki-app"), "spec", "selector", "app"))
		if !r.preview { // of a new wiki it does not know the address
			assert.Contains(t, at(t, r.named(t, configMapToken, "mediawiki-cache"), "data", "settings.vcl"), chosenAddress)
		}
		assert.Contains(t, listOf(at(t, r.named(t, deploymentToken, "mediawiki-app"),
			"spec", "template", "spec", "containers", 0, "command")), "-DCached", "Apache believes what a cache says of its client")
		callers := at(t, r.named(t, policyToken, "mediawiki-app"), "spec", "ingress", 0)
		assert.Equal(t, "mediawiki-cache", at(t, callers, "from", 0, "podSelector", "matchLabels", "app"), "and nobody else's word")
	})
}

func TestEachCacheHearsOfChangesAtANameOfItsOwn(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		assert.Contains(t, purged(t, r), `"caches":["mediawiki-cache-0:8082","mediawiki-cache-1:8082"]`)
		names := r.named(t, serviceToken, "mediawiki-cache-1")
		assert.Equal(t, "mediawiki-cache-1", at(t, names, "spec", "selector", "statefulset.kubernetes.io/pod-name"))
		assert.Equal(t, true, at(t, names, "spec", "publishNotReadyAddresses"), "before it has readers")
		ingress := listOf(at(t, r.named(t, policyToken, "mediawiki-cache"), "spec", "ingress"))
		require.Len(t, ingress, 2)
		assert.NotContains(t, ingress[0], "from", "everybody reads")
		assert.EqualValues(t, 8080, at(t, ingress[0], "ports", 0, "port"))
		assert.Len(t, listOf(at(t, ingress[1], "from")), 4, "the wiki's Pods tell of changes")
		assert.EqualValues(t, 8082, at(t, ingress[1], "ports", 0, "port"))
	})
}

func TestCachesOfOtherSettingsBeginEmpty(t *testing.T) {
	vcl := func(change ...func(*components.MediaWikiStackArgs)) string {
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs(change...)})
		require.NoError(t, err)
		assert.Contains(t, fmt.Sprint(at(t, r.named(t, serverToken, "mediawiki-cache"), "spec", "template", "spec", "volumes", 0)),
			"mediawiki-cache-0a1b2c3d", "a ConfigMap that is replaced when it changes, and Pods with it")
		return at(t, r.named(t, configMapToken, "mediawiki-cache"), "data", "settings.vcl").(string)
	}
	plain := vcl()
	assert.NotEqual(t, plain, vcl(func(a *components.MediaWikiStackArgs) { a.Wiki.SiteName = pulumi.String("Team") }))
	assert.NotEqual(t, plain, vcl(func(a *components.MediaWikiStackArgs) { a.SiteURL = "https://wiki.example.org" }),
		"pages have the wiki's address in them")
	assert.Equal(t, plain, vcl(func(a *components.MediaWikiStackArgs) { a.Replicas = pulumi.IntRef(5) }), "more Pods are the same wiki")
}

func TestPrivateWikiHasNoCache(t *testing.T) {
	for name, change := range map[string]func(*components.MediaWikiStackArgs){
		"private": func(a *components.MediaWikiStackArgs) { a.Wiki.Access = components.AccessPrivate }, "switched off": uncached,
	} {
		t.Run(name, func(t *testing.T) {
			promise(t, wikiArgs(change), func(t *testing.T, r *recorder) {
				assert.Equal(t, "mediawiki-app", at(t, r.named(t, serviceToken, "mediawiki-srv"), "spec", "selector", "app"))
				assert.Contains(t, purged(t, r), `"caches":[]`)
				for _, res := range r.resources {
					assert.NotContains(t, res.Name, "mediawiki-cache", res.TypeToken)
				}
				assert.NotContains(t, listOf(at(t, r.named(t, deploymentToken, "mediawiki-app"),
					"spec", "template", "spec", "containers", 0, "command")), "-DCached", "nobody's word is believed")
			})
		})
	}
}

func TestLimitsCanBeSwitchedOff(t *testing.T) {
	vcl := func(limits *bool) any {
		args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Cache.Limits = limits })
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": args})
		require.NoError(t, err)
		return at(t, r.named(t, configMapToken, "mediawiki-cache"), "data", "settings.vcl")
	}
	assert.Contains(t, vcl(nil), "limits.vcl")
	assert.NotContains(t, vcl(pulumi.BoolRef(false)), "limits.vcl")
	assert.Contains(t, vcl(pulumi.BoolRef(false)), "sub costly", "which wiki.vcl calls")
}

func TestImpossibleNumberOfCachesIsRefused(t *testing.T) {
	_, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{
		"mediawiki": wikiArgs(func(a *components.MediaWikiStackArgs) { a.Cache.Replicas = 9 }),
	})
	assert.ErrorContains(t, err, "Cache.Replicas is 9; set it to 1 to 8")
}

func TestWhatVarnishKeepsHasBounds(t *testing.T) {
	for _, profile := range components.ProfileNames {
		promise(t, ofProfile(profile), func(t *testing.T, r *recorder) {
			pod := at(t, r.named(t, serverToken, "mediawiki-cache"), "spec", "template", "spec")
			check, varnish := at(t, pod, "initContainers", 0), at(t, pod, "containers", 0)
			stored := 0
			for _, option := range listOf(at(t, varnish, "command")) {
				var size int
				if _, storage, found := strings.Cut(option.(string), "=malloc,"); found {
					_, err := fmt.Sscanf(storage, "%dm", &size)
					require.NoError(t, err)
					stored += size
					assert.Contains(t, listOf(at(t, check, "command")), option, "the settings name this storage")
				}
			}
			cached := components.Profiles[profile].CacheSize
			assert.Greater(t, stored, cached, "what is not kept has a storage with a bound too")
			assert.Greater(t, memoryLimit(t, varnish), stored+cached, "an object of the smallest takes as much beyond its storage as in it")
			assert.GreaterOrEqual(t, memoryLimit(t, check), 128, "a C compiler runs in it")
			assert.Equal(t, 1, variable(t, varnish, "MALLOC_ARENA_MAX"), "heaps of which each could become as large as the storage")
		})
	}
}

func TestImagesCanBePinnedByDigest(t *testing.T) {
	pinned := pulumi.String("varnish:9.0.3@sha256:" + strings.Repeat("0123", 16))
	promise(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Cache.Image = pinned }), func(t *testing.T, r *recorder) {
		assert.Equal(t, string(pinned), at(t, container(t, r, serverToken, "mediawiki-cache"), "image"), "as it was written")
	})
}
