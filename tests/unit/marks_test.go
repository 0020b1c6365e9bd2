package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	batchv1 "k8s.io/api/batch/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestEveryObjectNamesItsStackAndCanBeAdopted(t *testing.T) {
	for name, args := range map[string]*components.MediaWikiStackArgs{"wiki": wikiArgs(fronted), "recipe": wikiArgs(recipe)} {
		t.Run(name, func(t *testing.T) {
			promise(t, args, func(t *testing.T, r *mocks.Recording) {
				for _, res := range objects(r) {
					assert.Equal(t, marks.Stack("mediawiki", "test"), res.Object.GetLabels()[marks.StackLabel], res)
					assert.Equal(t, "true", res.Object.GetAnnotations()["pulumi.com/patchForce"], res)
				}
			})
		})
	}
}

func TestNoObjectWithAFixedNameIsCreatedBeforeTheOldOneIsDeleted(t *testing.T) {
	promise(t, wikiArgs(fronted), func(t *testing.T, r *mocks.Recording) {
		for _, res := range objects(r) {
			if _, isJob := res.Object.(*batchv1.Job); !isJob { // its name contains a hash of its content
				assert.Equal(t, res.Object.GetName() != "", res.RegisterRPC.GetDeleteBeforeReplace(), res)
			}
		}
	})
}

func TestPreviewKnowsNoNameThatTheUpdateGenerates(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		want := generated("mediawiki-settings")
		if r.Preview {
			want = "^" + `\(unknown until the update\)` + "$"
		}
		for _, volume := range webPod(t, r).Volumes {
			switch volume.Name {
			case "settings":
				assert.Regexp(t, want, volume.ConfigMap.Name)
			case "secrets":
				assert.Regexp(t, want, volume.Secret.SecretName)
			}
		}
	})
}
