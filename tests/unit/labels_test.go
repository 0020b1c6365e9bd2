package unit

import (
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

func TestEveryObjectHasTheStandardLabels(t *testing.T) {
	promise(t, wikiArgs(fronted, monitored, replicated), func(t *testing.T, r *mocks.Recording) {
		found := map[string]bool{}
		for _, res := range objects(r) {
			labels := res.Object.GetLabels()
			assert.NotEmpty(t, labels["app.kubernetes.io/name"], res)
			assert.Equal(t, "mediawiki", labels["app.kubernetes.io/instance"], res)
			assert.Equal(t, "mediawiki-stack", labels["app.kubernetes.io/part-of"], res)
			assert.Equal(t, "pulumi", labels["app.kubernetes.io/managed-by"], res)
			found[labels["app.kubernetes.io/component"]] = true
		}
		for _, part := range parts.All {
			assert.True(t, found[part.Component()], "objects of %s", part)
		}
	})
}

func TestPodsHaveTheLabelsOfTheirPart(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		db := get[appsv1.StatefulSet](t, r, "mediawiki-db")
		assert.Equal(t, "11.8.8", db.Labels["app.kubernetes.io/version"])
		assert.Equal(t, map[string]string{
			"app": "mediawiki-db", "app.kubernetes.io/name": "mariadb", "app.kubernetes.io/instance": "mediawiki",
			"app.kubernetes.io/component": "database", "app.kubernetes.io/part-of": "mediawiki-stack",
			"app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/version": "11.8.8",
		}, db.Spec.Template.Labels)
		assert.Equal(t, map[string]string{"app": "mediawiki-db"}, db.Spec.Selector.MatchLabels, "selectors are immutable")
		job := get[batchv1.Job](t, r, "mediawiki-migration")
		assert.Equal(t, "1.43.9", job.Labels["app.kubernetes.io/version"])
		assert.Equal(t, map[string]string{"app": "mediawiki-migration"}, job.Spec.Template.Labels, "so is a Job's template")
	})
}

func TestVersionIsWhatALabelCanHold(t *testing.T) {
	for image, want := range map[string]string{
		"mediawiki:1.43.9": "1.43.9", "localhost:5000/mediawiki": "", "localhost:5000/mediawiki:1.43-debian13": "1.43-debian13",
		"mediawiki:1.43.9@sha256:0123456789": "1.43.9", "mediawiki@sha256:0123456789": "", "mediawiki:1.43_": "1.43",
	} {
		r := update(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Image = pulumi.String(image) }))
		web := get[appsv1.Deployment](t, r, "mediawiki-app")
		assert.Equal(t, want, web.Spec.Template.Labels["app.kubernetes.io/version"], image)
	}
}

func TestRecipeHasNoLabelsThatItsArticleDoesNotHave(t *testing.T) {
	promise(t, wikiArgs(recipe), func(t *testing.T, r *mocks.Recording) {
		deployment := get[appsv1.Deployment](t, r, "mediawiki-app")
		assert.Equal(t, []string{marks.StackLabel}, slices.Collect(maps.Keys(deployment.Labels)))
		assert.Equal(t, map[string]string{"app": "mediawiki-app"}, deployment.Spec.Template.Labels)
	})
}
