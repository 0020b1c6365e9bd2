package unit

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestDataOutlivesTheStackUnlessKeepDataIsFalse(t *testing.T) {
	retained := func(changes ...change) []string {
		var found []string
		for _, res := range update(t, wikiArgs(changes...)).Resources {
			if res.RegisterRPC.GetRetainOnDelete() {
				found = append(found, res.String())
			}
		}
		return found
	}
	assert.ElementsMatch(t, []string{
		"Namespace mediawiki", "PersistentVolumeClaim mediawiki-backups", "PersistentVolumeClaim mediawiki-db",
		"PersistentVolumeClaim mediawiki-uploads",
	}, retained())
	assert.Empty(t, retained(func(a *components.MediaWikiStackArgs) { a.KeepData = pulumi.BoolRef(false) }))
	assert.Empty(t, retained(recipe), "the recipe keeps nothing, not even its namespace")
}

func TestExternalDatabaseNeedsNoServerInTheCluster(t *testing.T) {
	promise(t, wikiArgs(external), func(t *testing.T, r *mocks.Recording) {
		assert.NotContains(t, r.Pods(), "mediawiki-db")
		for _, claim := range mocks.All[corev1.PersistentVolumeClaim](r) {
			assert.NotEqual(t, "mediawiki-db", claim.Name)
		}
		assert.Equal(t, "mariadb.example.org", setting(t, r, "mediawiki", "database").(map[string]any)["host"])
	})
}
