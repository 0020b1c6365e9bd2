package unit

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

func TestEveryObjectHasTheStandardLabels(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		components := map[string]bool{}
		for _, res := range r.resources {
			if res.Inputs["metadata"].IsNull() {
				continue // a component, or the provider
			}
			labels := typed[metav1.PartialObjectMetadata](t, res).Labels
			assert.NotEmpty(t, labels["app.kubernetes.io/name"], res.Name)
			assert.Equal(t, "mediawiki", labels["app.kubernetes.io/instance"], res.Name)
			assert.Equal(t, "mediawiki-stack", labels["app.kubernetes.io/part-of"], res.Name)
			assert.Equal(t, "pulumi", labels["app.kubernetes.io/managed-by"], res.Name)
			components[labels["app.kubernetes.io/component"]] = true
		}
		for _, part := range parts.All {
			assert.True(t, components[part.Component()], "objects of %s", part)
		}
	})
}

func TestPodsHaveTheLabelsOfTheirPart(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		db := oneTyped[appsv1.StatefulSet](t, r, serverToken, "mediawiki-db")
		assert.Equal(t, "11.8.8", db.Labels["app.kubernetes.io/version"])
		assert.Equal(t, map[string]string{
			"app": "mediawiki-db", "app.kubernetes.io/name": "mariadb", "app.kubernetes.io/instance": "mediawiki",
			"app.kubernetes.io/component": "database", "app.kubernetes.io/part-of": "mediawiki-stack",
			"app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/version": "11.8.8",
		}, db.Spec.Template.Labels)
		assert.Equal(t, map[string]string{"app": "mediawiki-db"}, db.Spec.Selector.MatchLabels, "selectors are immutable")
		job := oneTyped[batchv1.Job](t, r, jobToken, "mediawiki-migration")
		assert.Equal(t, "1.43.9", job.Labels["app.kubernetes.io/version"])
		assert.Equal(t, map[string]string{"app": "mediawiki-migration"}, job.Spec.Template.Labels, "so is a Job's template")
	})
}

func TestVersionIsWhatALabelCanHold(t *testing.T) {
	for image, want := range map[string]string{
		"mediawiki:1.43.9": "1.43.9", "localhost:5000/mediawiki": "", "localhost:5000/mediawiki:1.43-debian13": "1.43-debian13",
		"mediawiki:1.43.9@sha256:0123456789": "1.43.9", "mediawiki@sha256:0123456789": "", "mediawiki:1.43_": "1.43",
	} {
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{
			"mediawiki": wikiArgs(func(a *components.MediaWikiStackArgs) { a.Image = pulumi.String(image) }),
		})
		require.NoError(t, err)
		web := oneTyped[appsv1.Deployment](t, r, deploymentToken, "mediawiki-app")
		assert.Equal(t, want, web.Spec.Template.Labels["app.kubernetes.io/version"], image)
	}
}

func TestRecipeHasNoLabelsThatItsArticleDoesNotHave(t *testing.T) {
	promise(t, recipeArgs(), func(t *testing.T, r *recorder) {
		for _, res := range r.all(deploymentToken) {
			deployment := typed[appsv1.Deployment](t, res)
			assert.Equal(t, []string{marks.StackLabel}, keys(deployment.Labels))
			assert.Equal(t, map[string]string{"app": "mediawiki-app"}, deployment.Spec.Template.Labels)
		}
	})
}

func keys(labels map[string]string) []string {
	all := make([]string, 0, len(labels))
	for key := range labels {
		all = append(all, key)
	}
	return all
}
