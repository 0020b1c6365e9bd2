package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// A stack that an earlier version created keeps these Services: their addresses are in Pods.
func TestServicesThatMovedInTheTreeAreNotReplaced(t *testing.T) {
	const wiki = "urn:pulumi:test::mediawiki::" + parts.StackToken
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		former := map[string]parts.Part{
			"mediawiki-app": parts.Web, "mediawiki-cache-0": parts.Cache, "mediawiki-cache-1": parts.Cache,
		}
		for _, res := range r.Resources {
			part, moved := former[res.Name]
			if !moved || res.Kind() != "Service" {
				continue
			}
			delete(former, res.Name)
			aliases := res.RegisterRPC.GetAliases()
			if assert.Len(t, aliases, 1, res) {
				assert.Equal(t, wiki+"$"+part.Token()+"::mediawiki", aliases[0].GetSpec().GetParentUrn(), res)
			}
		}
		assert.Empty(t, former, "Services that do not exist")
	})
}
