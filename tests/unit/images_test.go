package unit

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

// TestEveryContainerRunsAnImageThatASettingNames: advice about an image, and the day on which its series ends, are found by the name of
// its container.
func TestEveryContainerRunsAnImageThatASettingNames(t *testing.T) {
	settings, names := map[string]string{}, map[string]string{} // the image by its setting's last name, and by its key
	for _, image := range versions.Images {
		last := strings.TrimPrefix(image.Key, "images.")
		settings[last] = "example.org/" + last + ":9.0"
		names[image.Key] = settings[last]
	}
	object, err := json.Marshal(settings)
	require.NoError(t, err)
	unused := map[string]bool{}
	for _, image := range versions.Images {
		for _, container := range image.Containers {
			unused[container] = true
		}
	}
	wiki := raw(map[string]string{"images": string(object), "backups": `{"remote":"s3:https://s3.example.org/wiki","remoteKey":"A"}`})
	wiki.Values["mediawiki:remoteSecret"], wiki.Secret["mediawiki:remoteSecret"] = "secret", true
	for _, r := range []*config.Raw{wiki, raw(map[string]string{"images": string(object), "database": `{"mode":"sidecar"}`})} {
		cfg, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
		require.NoError(t, err)
		args := cfg.StackArgs("192.0.2.7")
		made, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": args})
		require.NoError(t, err)
		for _, container := range made.containers(t) {
			name := container["name"].(string)
			image, ours := versions.ImageOf(name)
			require.Truef(t, ours, "container %q is in no image's list of internal/versions", name)
			assert.Equal(t, names[image.Key], container["image"], "container %q is named by %s", name, image.Key)
			delete(unused, name)
		}
	}
	assert.Empty(t, unused, "containers that no Pod has")
}

func TestEverySettingOfAnImageIsInTheTable(t *testing.T) {
	schema, err := config.ParseSchema(projectFile(t, "Pulumi.yaml"))
	require.NoError(t, err)
	inSchema, inTable := map[string]any{}, map[string]any{}
	for _, key := range schema.Keys() {
		if strings.HasPrefix(key, "images.") {
			inSchema[key] = schema[key].Default
		}
	}
	for _, image := range versions.Images {
		inTable[image.Key] = image.Default
	}
	assert.Equal(t, inSchema, inTable)
}

// containers are those of all Pods, init containers among them.
func (r *recorder) containers(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for token, path := range podsOfWorkloads {
		for _, res := range r.all(token) {
			pod := at(t, res.Inputs.Mappable(), append(path[:len(path):len(path)], "spec")...).(map[string]any)
			for _, kind := range []string{"initContainers", "containers"} {
				list, _ := pod[kind].([]any)
				for _, container := range list {
					all = append(all, container.(map[string]any))
				}
			}
		}
	}
	return all
}
