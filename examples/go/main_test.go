package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/examples/internal/preview"
)

func TestProgramDeploysOneWiki(t *testing.T) {
	result, err := preview.Run(t, deploy, map[string]string{"masterSecret": "an example, not a secret"})
	require.NoError(t, err)
	assert.Equal(t, []string{"adminPassword", "url"}, result.Outputs)
	for _, object := range []string{
		"Namespace /team",
		"Deployment team-wiki/team-app", "Deployment team-wiki/team-jobs", "Deployment team-wiki/team-objectcache",
		"Job team-wiki/team-migration", "Service team-wiki/team-srv",
		"StatefulSet team-wiki/team-cache", "StatefulSet team-wiki/team-db",
		"PersistentVolumeClaim team-wiki/team-backups", "PersistentVolumeClaim team-wiki/team-db",
		"PersistentVolumeClaim team-wiki/team-uploads",
	} {
		assert.Contains(t, result.Objects, object)
	}
}
