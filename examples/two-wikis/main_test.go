package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/examples/internal/preview"
)

func TestProgramDeploysTwoWikis(t *testing.T) {
	result, err := preview.Run(t, deploy, map[string]string{
		"handbookSecret": "an example, not a secret", "recipesSecret": "another example, not a secret",
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"handbookAdminPassword", "handbookUrl", "recipesAdminPassword", "recipesUrl"}, result.Outputs)
	for _, name := range []string{"handbook", "recipes"} {
		for _, object := range []string{
			"Namespace /" + name, "Deployment " + name + "/" + name + "-app", "Service " + name + "/" + name + "-srv",
			"StatefulSet " + name + "/" + name + "-db", "PersistentVolumeClaim " + name + "/" + name + "-db",
		} {
			assert.Contains(t, result.Objects, object)
		}
	}
}
