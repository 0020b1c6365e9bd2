package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// knownNames are the names whose addresses a Pod template is given.
func knownNames(t *testing.T, r *recorder, template any) []any {
	t.Helper()
	aliases := listOf(at(t, template, "spec", "hostAliases"))
	names := make([]any, 0, len(aliases))
	for _, alias := range aliases {
		if r.preview {
			assert.Nil(t, at(t, alias, "ip"), "it is not known yet, nor is it empty")
		} else {
			assert.Equal(t, chosenAddress, at(t, alias, "ip"), "the address of a Service")
		}
		names = append(names, listOf(at(t, alias, "hostnames"))...)
	}
	return names
}

func TestPodsOfTheWikiNeedNoDNS(t *testing.T) {
	all := []any{"mediawiki-db", "mediawiki-objectcache", "mediawiki-cache-0", "mediawiki-cache-1"}
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		for _, name := range []string{"mediawiki-app", "mediawiki-jobs"} {
			assert.Equal(t, all, knownNames(t, r, at(t, r.named(t, deploymentToken, name), "spec", "template")), name)
		}
		assert.Equal(t, all, knownNames(t, r, at(t, r.named(t, jobToken, "mediawiki-migration"), "spec", "template")))
	})
	promise(t, wikiArgs(uncached), func(t *testing.T, r *recorder) {
		assert.Equal(t, all[:2], knownNames(t, r, at(t, r.named(t, deploymentToken, "mediawiki-app"), "spec", "template")))
	})
}

func TestDatabaseElsewhereIsAskedForByName(t *testing.T) {
	promise(t, wikiArgs(uncached, external), func(t *testing.T, r *recorder) {
		web := at(t, r.named(t, deploymentToken, "mediawiki-app"), "spec", "template")
		assert.Equal(t, []any{"mediawiki-objectcache"}, knownNames(t, r, web))
	})
}
