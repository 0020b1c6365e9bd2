package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// knownNames returns the names that a workload's Pods resolve without DNS.
func knownNames(t *testing.T, r *mocks.Recording, workload string) []string {
	t.Helper()
	address := mocks.ClusterIP
	if r.Preview {
		address = mocks.Unknown
	}
	var names []string
	for _, alias := range r.Pods()[workload].Spec.HostAliases {
		assert.Equal(t, address, alias.IP, "the address of a Service")
		names = append(names, alias.Hostnames...)
	}
	return names
}

func TestPodsOfTheWikiNeedNoDNS(t *testing.T) {
	all := []string{"mediawiki-db", "mediawiki-objectcache", "mediawiki-cache-0", "mediawiki-cache-1"}
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for _, name := range []string{"mediawiki-app", "mediawiki-jobs", "mediawiki-migration"} {
			assert.Equal(t, all, knownNames(t, r, name), name)
		}
	})
	promise(t, wikiArgs(uncached), func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, all[:2], knownNames(t, r, "mediawiki-app"))
	})
}

func TestExternalDatabaseIsFoundByDNS(t *testing.T) {
	promise(t, wikiArgs(uncached, external), func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, []string{"mediawiki-objectcache"}, knownNames(t, r, "mediawiki-app"))
	})
}
