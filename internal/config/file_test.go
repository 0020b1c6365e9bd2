package config_test

import (
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// captured returns what the program has of a stack with this file. The engine has replaced values that should be objects by defaults.
func captured(t *testing.T, file string, engine map[string]string) *config.Raw {
	t.Helper()
	project := projectFile(t, "Pulumi.yaml")
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("Pulumi.yaml", project, 0o600))
	require.NoError(t, os.WriteFile("Pulumi.test.yaml", []byte("config:\n"+file), 0o600))
	engine["mediawiki:masterSecret"] = masterSecret
	var r config.Raw
	r.Capture(&pulumi.RunInfo{
		Project: "mediawiki", Stack: "test", Config: engine, ConfigSecretKeys: []string{"mediawiki:masterSecret"},
	})
	return &r
}

func TestValueWhereAnObjectBelongsIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, engine, key, found, fix string }{
		"a number": {
			"  mediawiki:web: 5\n", `{"apcu":0,"opcache":0,"requestMemory":0,"workers":0}`, "web", `"5"`,
			"pulumi config rm web && pulumi config set --path web.KEY 5",
		},
		"a text": {
			"  mediawiki:mail: smtp.example.org\n", `{"from":"","host":"","port":25,"user":""}`, "mail", `"smtp.example.org"`,
			"pulumi config rm mail && pulumi config set --path mail.KEY smtp.example.org",
		},
		"a switch": {
			"  mediawiki:cache: false\n", `{"enabled":true}`, "cache", `"false"`,
			"pulumi config rm cache && pulumi config set --path cache.enabled false",
		},
		"a secret": {
			"  mediawiki:mail: {secure: v1:abc}\n", `{"port":25}`, "mail", "one value",
			"pulumi config rm mail && pulumi config set --path mail.KEY VALUE",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := captured(t, c.file, map[string]string{"mediawiki:" + c.key: c.engine})
			_, err := config.Load(readProject(t), r)
			var problems *config.Problems
			require.ErrorAs(t, err, &problems)
			require.Len(t, problems.List, 1)
			assert.Equal(t, c.key, problems.List[0].Key)
			assert.Contains(t, problems.List[0].Found, c.found)
			assert.Equal(t, c.fix, problems.List[0].Fix)
			assert.NotContains(t, err.Error(), "v1:abc")
		})
	}
}

func TestFileThatIsNotTheOneInUseIsNotReported(t *testing.T) {
	r := captured(t, "  mediawiki:web: 5\n", map[string]string{"mediawiki:web": `{"workers":3}`}) // of --config-file
	_, err := config.Load(readProject(t), r)
	assert.NoError(t, err)
}

func readProject(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("Pulumi.yaml")
	require.NoError(t, err)
	return text
}

func TestKeysUnderAnotherNameAreNotIgnored(t *testing.T) {
	for full, fix := range map[string]string{
		"wiki:siteName":      `sed -i 's/^\( *\)wiki:siteName:/\1mediawiki:siteName:/' Pulumi.test.yaml`,
		"Mediawiki:siteName": `sed -i 's/^\( *\)Mediawiki:siteName:/\1mediawiki:siteName:/' Pulumi.test.yaml`,
		"mediawki:port":      `sed -i 's/^\( *\)mediawki:port:/\1mediawiki:port:/' Pulumi.test.yaml`,
		"wiki:uploads":       `sed -i 's/^\( *\)wiki:uploads:/\1mediawiki:uploads:/' Pulumi.test.yaml`,
		"mediaWiki:nonesuch": "pulumi config rm mediaWiki:nonesuch",
	} {
		r := raw(nil)
		if r.Values[full] = "Soup"; full == "wiki:uploads" {
			r.Values[full] = `{"size":"4Gi"}`
		}
		_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
		require.ErrorContains(t, err, "set as "+full+", which nothing reads")
		require.ErrorContains(t, err, fix)
	}
	r := raw(map[string]string{"siteName": "Soup"})
	r.Values["wiki:siteName"], r.File = "Stew", map[string]any{"mediawiki:siteName": "Soup"}
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
	require.ErrorContains(t, err, "fix:  pulumi config rm wiki:siteName\n", "the key is set under both names")
}

func TestSettingsOfPackagesAreAllowed(t *testing.T) {
	r := raw(nil)
	for _, full := range []string{
		"kubernetes:namespace", "kubernetes:context", "kubernetes:kubeconfig", "pulumi:disable-default-providers", "aws:profile",
		"aws:region", "mysql:port", "postgresql:database", "gcp:project",
	} {
		r.Values[full] = "x"
	}
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
	assert.NoError(t, err)
}

func TestListWhereATextBelongsIsRefused(t *testing.T) {
	for key, value := range map[string]string{
		"siteName": `["Soup"]`, "language": `{"a":1}`, "mail": `{"host":["a"]}`, "database": `{"name":{"a":"b"}}`,
	} {
		_, err := load(t, map[string]string{key: value})
		require.ErrorContains(t, err, "1 problem", key)
	}
	_, err := load(t, map[string]string{
		"siteName": "[Soup]", "mail": `{"host":null}`, "memory": "4000000", "uploads": `{"maxSize":1000}`,
	})
	require.NoError(t, err)
	r := raw(nil)
	r.Values["mediawiki:masterSecret"] = `["it may look like anything"]`
	_, err = config.Load(projectFile(t, "Pulumi.yaml"), r)
	require.NoError(t, err)
}
