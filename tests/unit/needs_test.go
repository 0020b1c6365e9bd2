package unit

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// TestNeedsAreThoseOfThePods: what a preview asks a namespace for is what the Pods will ask for.
func TestNeedsAreThoseOfThePods(t *testing.T) {
	remote := func(a *components.MediaWikiStackArgs) {
		a.Backups.Remote = components.RemoteArgs{
			Address: "sftp://w@example.org/wiki", Secret: pulumi.String("key"), KnownHosts: pulumi.String("k"),
		}
	}
	for name, args := range map[string]*components.MediaWikiStackArgs{
		"small": wikiArgs(), "copies elsewhere": wikiArgs(remote), "uncached": wikiArgs(uncached), "external": wikiArgs(external),
		"large": wikiArgs(func(a *components.MediaWikiStackArgs) { a.Profile = components.ProfileLarge }), "recipe": recipeArgs(),
	} {
		t.Run(name, func(t *testing.T) {
			promise(t, args, func(t *testing.T, r *recorder) {
				want := map[string][]string{}
				for _, part := range args.PodNeeds("mediawiki", components.DefaultReplicas) {
					for _, need := range part.Containers {
						want[part.App] = append(want[part.App], fmt.Sprint(part.Pods, part.Passing, need))
					}
				}
				is := map[string][]string{}
				for token, path := range podsOfWorkloads {
					for _, res := range r.all(token) {
						template := at(t, res.Inputs.Mappable(), path...)
						app := at(t, template, "metadata", "labels", "app").(string)
						passing := token == jobToken || token == cronJobToken
						pods := 1
						if replicas, there := at(t, res.Inputs.Mappable(), "spec").(map[string]any)["replicas"]; there {
							pods = int(replicas.(float64))
						}
						if res.Name != "mediawiki-drill" { // which takes less than a backup, at another time
							for _, container := range runningContainers(t, template) {
								is[app] = append(is[app], fmt.Sprint(pods, passing, needOf(t, container)))
							}
						}
					}
				}
				for app := range want {
					assert.ElementsMatch(t, want[app], is[app], app)
				}
				assert.Len(t, is, len(want), "parts")
			})
		})
	}
}

// podsOfWorkloads are the paths to the templates of Pods, by the type of workload.
var podsOfWorkloads = map[string][]any{
	deploymentToken: {"spec", "template"}, serverToken: {"spec", "template"}, jobToken: {"spec", "template"},
	cronJobToken: {"spec", "jobTemplate", "spec", "template"},
}

// runningContainers are those of a Pod that run at the same time.
func runningContainers(t *testing.T, template any) []map[string]any {
	t.Helper()
	pod := at(t, template, "spec").(map[string]any)
	var found []map[string]any
	for _, c := range pod["containers"].([]any) {
		found = append(found, c.(map[string]any))
	}
	inits, _ := pod["initContainers"].([]any)
	for _, c := range inits {
		if container := c.(map[string]any); container["restartPolicy"] == "Always" {
			found = append(found, container)
		}
	}
	return found
}

func needOf(t *testing.T, container map[string]any) components.Need {
	t.Helper()
	if container["resources"] == nil {
		return components.Need{}
	}
	return components.Need{
		CPU:         quantity(t, at(t, container, "resources", "requests", "cpu"), -3),
		Memory:      quantity(t, at(t, container, "resources", "requests", "memory"), 0) >> 20,
		MemoryLimit: quantity(t, at(t, container, "resources", "limits", "memory"), 0) >> 20,
	}
}

func quantity(t *testing.T, text any, scale int) int {
	t.Helper()
	q, err := resource.ParseQuantity(text.(string))
	require.NoError(t, err)
	return int(q.ScaledValue(resource.Scale(scale)))
}
