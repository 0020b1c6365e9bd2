package components_test

import (
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

func TestDefaultsOfPulumiYAMLAreThoseOfTheArguments(t *testing.T) {
	project, err := os.ReadFile("../Pulumi.yaml")
	require.NoError(t, err)
	cfg, err := config.Load(project, &config.Raw{
		Project: "mediawiki", Stack: "test",
		Values: map[string]string{"mediawiki:masterSecret": "only to load the defaults"},
		Secret: map[string]bool{"mediawiki:masterSecret": true},
	})
	require.NoError(t, err)
	configured := cfg.StackArgs("localhost").WithDefaults()
	defaults := (&components.MediaWikiStackArgs{
		Namespace: pulumi.String("mediawiki-test"), MasterSecret: configured.MasterSecret,
		CreateNamespace: true,       // the program's default; a program that uses the component may have a namespace already
		Egress:          []string{}, // the program passes an empty list for none
		Aliases:         []string{},
		Ingress:         components.IngressArgs{Annotations: map[string]string{}},
		Service:         components.ServiceArgs{TrustedProxies: []string{}},
	}).WithDefaults()
	assert.Equal(t, defaults, configured)
}
