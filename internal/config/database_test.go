package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

func TestExternalDatabaseNeedsItsHostAndPassword(t *testing.T) {
	_, err := load(t, map[string]string{"database": `{"mode":"external","migrationUser":"dba"}`})
	require.ErrorContains(t, err, "pulumi config set --path database.host mariadb.example.org")
	require.ErrorContains(t, err, "pulumi config set --secret databasePassword")
	assert.ErrorContains(t, err, "pulumi config set --secret migrationPassword")
}

func TestSettingsOfAWikiHaveNoEffectOnTheRecipe(t *testing.T) {
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(map[string]string{
		"database": `{"mode":"sidecar","size":"9Gi"}`, "siteName": "Team", "trustedProxies": `["10.1.2.3"]`, "uploads": `{"maxSize":8}`,
	}))
	var problems *config.Problems
	require.ErrorAs(t, err, &problems)
	keys := make([]string, 0, len(problems.List))
	for _, problem := range problems.List {
		keys = append(keys, problem.Key)
	}
	assert.Equal(t, []string{"database.size", "siteName", "trustedProxies", "uploads.maxSize"}, keys)
}

func TestInvalidSecretsAreRefusedAndNotPrinted(t *testing.T) {
	for name, c := range map[string]struct{ key, value, want string }{
		"administrator's too short": {"adminPassword", "hunter2", "7 characters long"},
		"two lines":                 {"databasePassword", "hunter2\nsecond", "control character"},
	} {
		t.Run(name, func(t *testing.T) {
			r := raw(map[string]string{c.key: c.value})
			r.Secret["mediawiki:"+c.key] = true
			_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}
