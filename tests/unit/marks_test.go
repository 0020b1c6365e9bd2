package unit

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
)

func TestEveryObjectSaysWhoseItIsAndCanBeTakenBack(t *testing.T) {
	for name, args := range map[string]*components.MediaWikiStackArgs{"wiki": wikiArgs(), "recipe": recipeArgs()} {
		t.Run(name, func(t *testing.T) {
			promise(t, args, func(t *testing.T, r *recorder) {
				for _, res := range r.resources {
					if !strings.HasPrefix(res.TypeToken, "kubernetes:") {
						continue
					}
					metadata := at(t, res.Inputs.Mappable(), "metadata")
					what := res.TypeToken + " " + res.Name
					label := marks.Stack("mediawiki", "test")
					assert.Equal(t, label, at(t, metadata, "labels", marks.StackLabel), what)
					assert.Equal(t, "true", at(t, metadata, "annotations", "pulumi.com/patchForce"), what)
				}
			})
		})
	}
}

func TestNoObjectWithAFixedNameIsCreatedBeforeTheOldOneIsDeleted(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		fixed := 0
		for _, res := range r.resources {
			if !strings.HasPrefix(res.TypeToken, "kubernetes:") || res.TypeToken == jobToken {
				continue
			}
			_, named := at(t, res.Inputs.Mappable(), "metadata").(map[string]any)["name"]
			assert.Equal(t, named, res.RegisterRPC.GetDeleteBeforeReplace(), "%s %s", res.TypeToken, res.Name)
			if named {
				fixed++
			}
		}
		require.Equal(t, 27, fixed)
	})
}

func TestPreviewKnowsNoNameThatTheUpdateChooses(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		volumes := at(t, r.named(t, deploymentToken, "mediawiki-app"), "spec", "template", "spec", "volumes")
		if r.preview {
			assert.Nil(t, at(t, volumes, 0, "configMap", "name"))
			assert.Nil(t, at(t, volumes, 1, "secret", "secretName"))
			return
		}
		assert.Equal(t, "mediawiki-settings-0a1b2c3d", at(t, volumes, 0, "configMap", "name"))
		assert.Equal(t, "mediawiki-settings-0a1b2c3d", at(t, volumes, 1, "secret", "secretName"))
	})
}
