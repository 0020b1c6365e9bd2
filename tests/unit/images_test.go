package unit

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

// The doctor's advice about an image, and the day on which its series ends, are found by the name of its container.
func TestEveryContainerRunsAnImageThatASettingNames(t *testing.T) {
	settings, names := map[string]string{}, map[string]string{} // the image by its setting's last name, and by its key
	unused := map[string]bool{}
	for _, image := range versions.Images {
		last := strings.TrimPrefix(image.Key, "images.")
		settings[last] = "example.org/" + last + ":9.0"
		names[image.Key] = settings[last]
		for _, container := range image.Containers {
			unused[container] = true
		}
	}
	images, err := json.Marshal(settings)
	require.NoError(t, err)
	for _, args := range []*components.MediaWikiStackArgs{
		configured(t, map[string]string{
			"images": string(images), "backups": `{"remote":"s3:https://s3.example.org/wiki","remoteKey":"A"}`, "remoteSecret": "secret",
			"extensions": `["Soup"]`, "packages": `[{"name":"Soup","url":"https://example.org/Soup.zip","sha256":"` + soupHash + `"}]`,
			"monitoring": `{"enabled":true}`, "database": `{"replicas":2}`,
		}),
		configured(t, map[string]string{"images": string(images), "database": `{"mode":"sidecar"}`}),
	} {
		for _, pod := range update(t, args).Pods() {
			for _, c := range containers(pod.Spec) {
				image, ours := versions.ImageOf(c.Name)
				require.Truef(t, ours, "container %q is in no image's list of internal/versions", c.Name)
				assert.Equal(t, names[image.Key], c.Image, "container %q is named by %s", c.Name, image.Key)
				delete(unused, c.Name)
			}
		}
	}
	assert.Empty(t, unused, "containers that no Pod has")
}

// configured returns the arguments of a stack with these settings. Each setting is secret if it has to be.
func configured(t *testing.T, values map[string]string) *components.MediaWikiStackArgs {
	t.Helper()
	project, err := os.ReadFile("../../Pulumi.yaml")
	require.NoError(t, err)
	raw := &config.Raw{
		Project: "mediawiki", Stack: "test",
		Values: map[string]string{"mediawiki:masterSecret": canary},
		Secret: map[string]bool{"mediawiki:masterSecret": true, "mediawiki:remoteSecret": true},
	}
	for key, value := range values {
		raw.Values["mediawiki:"+key] = value
	}
	cfg, err := config.Load(project, raw)
	require.NoError(t, err)
	return cfg.StackArgs("192.0.2.7")
}
