package plugin

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

func read(t *testing.T) *Package {
	t.Helper()
	p := &Package{}
	require.NoError(t, json.Unmarshal(Schema, p))
	return p
}

func TestPulumiAcceptsTheSchema(t *testing.T) {
	text, err := (&server{}).GetSchema(t.Context(), nil)
	require.NoError(t, err)
	var spec schema.PackageSpec
	require.NoError(t, json.Unmarshal([]byte(text.GetSchema()), &spec))
	bound, diagnostics, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	require.NoError(t, err)
	assert.Empty(t, diagnostics)
	require.Len(t, bound.Resources, 1)
	assert.Equal(t, parts.StackToken, bound.Resources[0].Token)
	assert.True(t, bound.Resources[0].IsComponent)
	assert.NotNil(t, bound.Version)
}

func TestEveryArgumentAndOutputIsDescribed(t *testing.T) {
	p := read(t)
	for path, property := range p.properties() {
		assert.NotEmptyf(t, property.Description, "%s has no comment", path)
		assert.NotContainsf(t, property.Description, "Args", "%s", path)
	}
	for token := range p.Types {
		assert.NotContains(t, token, "Args")
	}
}

func TestSecretsAreMarked(t *testing.T) {
	p := read(t)
	var secrets []string
	for path, property := range p.properties() {
		if property.Secret {
			secrets = append(secrets, path)
		}
	}
	slices.Sort(secrets)
	assert.Equal(t, []string{
		"MediaWikiStack.backups.remote.password", "MediaWikiStack.backups.remote.secret", "MediaWikiStack.database.migrationPassword",
		"MediaWikiStack.database.password", "MediaWikiStack.ingress.tls.key", "MediaWikiStack.masterSecret",
		"MediaWikiStack.wiki.adminPassword", "MediaWikiStack.wiki.mail.password", "output MediaWikiStack.adminPassword",
		"output MediaWikiStack.databasePassword",
	}, secrets)
}

func TestNestedFieldsThatAreNoInputsArePlain(t *testing.T) {
	all := maps.Collect(read(t).properties())
	for path, plain := range map[string]bool{
		"MediaWikiStack.wiki": true, "MediaWikiStack.wiki.access": true, "MediaWikiStack.wiki.uploads.maxSize": true,
		"MediaWikiStack.ingress.annotations": true, "MediaWikiStack.namespace": false, "MediaWikiStack.wiki.siteName": false,
		"MediaWikiStack.wiki.uploads.types": false, "MediaWikiStack.database.volume.storageClass": false,
	} {
		property, found := all[path]
		require.Truef(t, found, path)
		assert.Equalf(t, plain, property.Plain, path)
	}
	assert.True(t, strings.HasPrefix(all["MediaWikiStack.database.volume"].Ref, RefPrefix))
}
