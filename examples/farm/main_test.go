package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/mediawiki-stack/mediawiki-stack/examples/internal/preview"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func run(t *testing.T, wikis string) (preview.Result, error) {
	t.Helper()
	return preview.Run(t, deploy, map[string]string{"wikis": wikis, "farmSecret": "an example, not a secret"})
}

func TestProgramDeploysAFarm(t *testing.T) {
	result, err := run(t, `["handbook", "recipes"]`)
	require.NoError(t, err)
	assert.Equal(t, []string{"handbookAdminPassword", "handbookUrl", "recipesAdminPassword", "recipesUrl"}, result.Outputs)
	assert.Contains(t, result.Objects, "StatefulSet farm-database/mariadb")
	assert.Contains(t, result.Objects, "PersistentVolumeClaim farm-database/mariadb")
	for _, name := range []string{"handbook", "recipes"} {
		for _, object := range []string{
			"Namespace /" + name, "Deployment wiki-" + name + "/" + name + "-app", "Service wiki-" + name + "/" + name + "-srv",
			"Job farm-database/" + name + "-database", "NetworkPolicy farm-database/" + name + "-database",
		} {
			assert.Contains(t, result.Objects, object)
		}
		assert.NotContains(t, result.Objects, "StatefulSet wiki-"+name+"/"+name+"-db")
	}
}

func TestEachWikiHasItsOwnDatabaseAndPasswords(t *testing.T) {
	result, err := run(t, `["handbook", "recipes"]`)
	require.NoError(t, err)
	values := map[string]string{} // of secrets, with what they are for
	root := ""
	for _, secret := range mocks.All[corev1.Secret](result.Recording) {
		for key, value := range secret.StringData {
			switch {
			case key == "root-password":
				assert.Equal(t, serverNamespace, secret.Namespace, "where root's password is")
				root = value
			case key == "database.sql":
				wiki := "handbook"
				if strings.Contains(value, "recipes") {
					wiki = "recipes"
				}
				assert.NotContains(t, strings.ReplaceAll(value, "wiki_"+wiki, ""), "wiki_", "the database of another wiki")
				assert.Equal(t, 2, strings.Count(value, "ON `wiki\\_"+wiki+"`.* TO "), value)
			case strings.HasSuffix(key, "-password") && value != "":
				if other, found := values[value]; found {
					assert.Equal(t, secret.Namespace, other, "the wikis with the same %s", key)
				}
				values[value] = secret.Namespace
			}
		}
	}
	require.NotEmpty(t, root)
	assert.NotContains(t, values, root)
	assert.Len(t, values, 6, "passwords of two wikis: of two accounts and of the administrator")
}

func TestOnlyTheWikisAndTheJobsReachTheServer(t *testing.T) {
	result, err := run(t, `["handbook", "recipes"]`)
	require.NoError(t, err)
	var from []string
	for _, policy := range mocks.All[networkingv1.NetworkPolicy](result.Recording) {
		if policy.Namespace != serverNamespace || policy.Spec.PodSelector.MatchLabels["app"] != serverName {
			continue
		}
		assert.Empty(t, policy.Spec.Egress)
		for _, rule := range policy.Spec.Ingress {
			require.Len(t, rule.From, 1)
			require.Len(t, rule.Ports, 1)
			if pods := rule.From[0].PodSelector; pods != nil {
				from = append(from, pods.MatchLabels["app"])
			} else {
				from = append(from, rule.From[0].NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"])
			}
		}
	}
	assert.ElementsMatch(t, []string{"client", "wiki-handbook", "wiki-recipes"}, from)
	for _, job := range mocks.All[batchv1.Job](result.Recording) {
		if job.Namespace == serverNamespace {
			assert.Equal(t, map[string]string{"app": "client"}, job.Spec.Template.Labels)
		}
	}
}

func TestWikiWhoseNameWouldNeedQuotesIsRefused(t *testing.T) {
	for _, name := range []string{"", "9lives", "Handbook", "hand_book", "hand-book", "hand`book", strings.Repeat("a", 31)} {
		_, err := run(t, `["recipes", "`+name+`"]`)
		require.ErrorContains(t, err, "wikis[1] is ", "%q", name)
	}
}
