package recipe

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
)

var (
	deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	services    = schema.GroupVersionResource{Version: "v1", Resource: "services"}
)

func TestDeploymentEqualsTheArticlesExceptListedDifferences(t *testing.T) {
	wiki.scale(t, replicas)
	article := wiki.articleObject(t, deployments, "deployment.yml")
	conforms(t, article, wiki.stored(t, deployments, wiki.deployment(t).Name), setByServer.deployment, deploymentDifferences)
}

func TestServiceEqualsTheArticlesExceptListedDifferences(t *testing.T) {
	article := wiki.articleObject(t, services, "service.yml")
	conforms(t, article, wiki.stored(t, services, wiki.ServiceName), setByServer.service, serviceDifferences)
}

func TestNothingElseIsDeployed(t *testing.T) {
	list := func(resource schema.GroupVersionResource) (names []string) {
		found, err := wiki.Objects.Resource(resource).Namespace(wiki.Name).List(t.Context(), metav1.ListOptions{})
		require.NoError(t, err)
		for _, object := range found.Items {
			names = append(names, object.GetName())
		}
		return names
	}
	core := func(resource string) schema.GroupVersionResource {
		return schema.GroupVersionResource{Version: "v1", Resource: resource}
	}
	assert.Len(t, list(deployments), 1, "Deployments")
	assert.Len(t, list(services), 1, "Services")
	assert.Len(t, list(core("secrets")), 1, "Secrets: the database's")
	assert.Equal(t, []string{"kube-root-ca.crt"}, list(core("configmaps")), "ConfigMaps: the cluster's own")
	assert.Empty(t, list(core("persistentvolumeclaims")), "claims")
	assert.Empty(t, list(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "statefulsets"}), "StatefulSets")
}

// articleObject returns one of the article's manifests as this API server would store it, with all defaults.
func (s *stack) articleObject(t *testing.T, resource schema.GroupVersionResource, file string) fields {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	manifest := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal(text, &manifest.Object))

	namespaces := s.Kube.CoreV1().Namespaces()
	namespace, err := namespaces.Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "article-"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, namespaces.Delete(context.WithoutCancel(t.Context()), namespace.Name, metav1.DeleteOptions{}))
	})
	article, err := s.Objects.Resource(resource).Namespace(namespace.Name).Create(t.Context(), manifest, metav1.CreateOptions{
		DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict,
	})
	require.NoError(t, err)
	article.SetNamespace("ARTICLE")
	return flatten(article.Object)
}

// stored returns an object of the stack as the API server stores it.
func (s *stack) stored(t *testing.T, resource schema.GroupVersionResource, name string) fields {
	t.Helper()
	object, err := s.Objects.Resource(resource).Namespace(s.Name).Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	return flatten(object.Object)
}

// conforms fails for every field that is neither equal nor listed, and for every listed one that deviates from the list.
func conforms(t *testing.T, article, ours fields, serverMade []string, listed []difference) {
	t.Helper()
	masked := func(text string) string { return strings.ReplaceAll(text, wiki.Password, "(the password)") }
	if problems := compare(article, ours, serverMade, listed); len(problems) > 0 {
		t.Errorf("different from the article (- is the article, + is ours):\n%s", masked(strings.Join(problems, "\n")))
	}
	for _, d := range listed {
		t.Logf("%s\n  - %s\n  + %s\n  because %s", d.path, show(article, d.path), masked(show(ours, d.path)), d.because)
	}
}

// TestComparisonDetectsEveryDeviation tests the comparison itself.
func TestComparisonDetectsEveryDeviation(t *testing.T) {
	article := flatten(map[string]any{"spec": map[string]any{"replicas": 2, "image": "mediawiki", "ports": []any{80}}})
	ours := flatten(map[string]any{
		"metadata": map[string]any{"uid": "1234"},
		"spec":     map[string]any{"replicas": 2, "image": "mediawiki:1.43.9", "ports": []any{80}},
	})
	serverMade := []string{"metadata.uid"}
	image := difference{"spec.image", `"mediawiki"`, `"mediawiki:1\.43\.\d+"`, "pinned"}
	require.Empty(t, compare(article, ours, serverMade, []difference{image}), "what is listed is allowed")

	with := func(path string, value any) fields {
		changed := maps.Clone(ours)
		changed[path] = value
		return changed
	}
	without := func(path string) fields {
		changed := maps.Clone(ours)
		delete(changed, path)
		return changed
	}
	for name, c := range map[string]struct {
		ours       fields
		serverMade []string
		listed     []difference
		want       string
	}{
		"a value changed":          {with("spec.replicas", 3), serverMade, []difference{image}, "spec.replicas"},
		"an additional field":      {with("spec.paused", true), serverMade, []difference{image}, "spec.paused"},
		"a missing field":          {without("spec.ports[0]"), serverMade, []difference{image}, "spec.ports[0]"},
		"a listed value changed":   {with("spec.image", "mediawiki:latest"), serverMade, []difference{image}, "spec.image"},
		"nothing listed":           {ours, serverMade, nil, "spec.image"},
		"listed, but equal":        {ours, serverMade, []difference{image, {"spec.replicas", "2", "2", "no reason"}}, "spec.replicas"},
		"listed, but absent":       {ours, serverMade, []difference{image, {"spec.gone", "1", "2", "no reason"}}, "spec.gone"},
		"not set by the server":    {without("metadata.uid"), serverMade, []difference{image}, "metadata.uid"},
		"not listed as server-set": {ours, nil, []difference{image}, "metadata.uid"},
		"a prefix of another path": {with("metadata.uidOf", 1), serverMade, []difference{image}, "metadata.uidOf"},
	} {
		t.Run(name, func(t *testing.T) {
			problems := compare(article, c.ours, c.serverMade, c.listed)
			require.Len(t, problems, 1)
			assert.Contains(t, problems[0], c.want)
		})
	}
}
