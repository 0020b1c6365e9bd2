package unit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// pods are the Pod templates of everything that runs Pods, by name.
func pods(r *recorder) map[string]map[string]any {
	found := make(map[string]map[string]any)
	for _, token := range []string{deploymentToken, serverToken, jobToken} {
		for _, res := range r.all(token) {
			found[res.Name] = res.Inputs.Mappable()["spec"].(map[string]any)["template"].(map[string]any)
		}
	}
	for _, res := range r.all(cronJobToken) {
		job := res.Inputs.Mappable()["spec"].(map[string]any)["jobTemplate"].(map[string]any)
		found[res.Name] = job["spec"].(map[string]any)["template"].(map[string]any)
	}
	return found
}

// containers are a Pod template's, those that only initialise it included.
func containers(template map[string]any) []any {
	spec := template["spec"].(map[string]any)
	all, _ := spec["initContainers"].([]any)
	return append(all, spec["containers"].([]any)...)
}

func TestEveryPodIsRestricted(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		found := pods(r)
		require.Len(t, found, 8)
		for name, template := range found {
			spec := at(t, template, "spec")
			assert.Equal(t, false, at(t, spec, "automountServiceAccountToken"), name)
			assert.Equal(t, true, at(t, spec, "securityContext", "runAsNonRoot"), name)
			assert.Equal(t, "single-request", at(t, spec, "dnsConfig", "options", 0, "name"), "%s is not held up by names", name)
			assert.Equal(t, "RuntimeDefault", at(t, spec, "securityContext", "seccompProfile", "type"), name)
			for _, container := range containers(template) {
				assert.Equal(t, true, at(t, container, "securityContext", "readOnlyRootFilesystem"), name)
				assert.Equal(t, false, at(t, container, "securityContext", "allowPrivilegeEscalation"), name)
				assert.Equal(t, []any{"ALL"}, at(t, container, "securityContext", "capabilities", "drop"), name)
				assert.NotEmpty(t, at(t, container, "resources", "limits", "memory"), name)
			}
		}
	})
}

func TestNamespaceOfAWikiIsRestrictedAndOfTheRecipeIsNot(t *testing.T) {
	enforce := func(t *testing.T, r *recorder) any {
		metadata := at(t, r.one(t, namespaceToken), "metadata").(map[string]any)
		labels, _ := metadata["labels"].(map[string]any)
		return labels["pod-security.kubernetes.io/enforce"]
	}
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) { assert.Equal(t, "restricted", enforce(t, r)) })
	promise(t, recipeArgs(), func(t *testing.T, r *recorder) { assert.Nil(t, enforce(t, r)) })
}

func TestSecretsReachContainersAsFiles(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		for name, template := range pods(r) {
			for _, container := range containers(template) {
				assert.NotContains(t, fmt.Sprint(container), "secretKeyRef", name)
			}
			volumes := fmt.Sprint(at(t, template, "spec").(map[string]any)["volumes"])
			if name == "mediawiki-cache" || name == "mediawiki-objectcache" {
				assert.NotContains(t, volumes, "secretName", "%s has no secret", name)
				continue
			}
			assert.Contains(t, volumes, "secret:", name)
		}
	})
}

func TestDataOutlivesTheStackUnlessItIsToGo(t *testing.T) {
	keeps := func(a *components.MediaWikiStackArgs) []string {
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": a})
		require.NoError(t, err)
		var kept []string
		for _, res := range r.resources {
			if res.RegisterRPC.GetRetainOnDelete() {
				kept = append(kept, res.TypeToken[strings.LastIndex(res.TypeToken, ":")+1:]+" "+res.Name)
			}
		}
		return kept
	}
	assert.ElementsMatch(t, []string{
		"Namespace mediawiki", "PersistentVolumeClaim mediawiki-backups", "PersistentVolumeClaim mediawiki-db",
		"PersistentVolumeClaim mediawiki-uploads",
	}, keeps(wikiArgs()))
	assert.Empty(t, keeps(wikiArgs(func(a *components.MediaWikiStackArgs) { a.KeepData = pulumi.BoolRef(false) })))
	assert.Empty(t, keeps(recipeArgs()), "the recipe keeps nothing, not even its namespace")
}

func TestPodsThatMountAVolumeOfOneNodeMayAllBeTheFirstThere(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		together := 0
		for name, template := range pods(r) {
			affinity, has := at(t, template, "spec").(map[string]any)["affinity"]
			if !has {
				continue
			}
			together++
			term := at(t, affinity, "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution", 0)
			tiers := at(t, term, "labelSelector", "matchExpressions", 0, "values")
			assert.Contains(t, tiers, at(t, template, "metadata", "labels", "app"), name)
		}
		assert.Equal(t, 5, together, "web, jobs, migration, backup, drill")
	})
}

func TestAFailedMigrationChangesNothingThatReadersReach(t *testing.T) {
	// What the migration needs, and what is the same for any settings; new ConfigMaps and Secrets do not touch the old ones.
	before := []string{
		namespaceToken, claimToken, configMapToken, secretToken, jobToken,
		serverToken + " mediawiki-db", serviceToken + " mediawiki-db", policyToken + " mediawiki-db",
		deploymentToken + " mediawiki-objectcache", serviceToken + " mediawiki-objectcache",
		policyToken + " mediawiki-objectcache", budgetToken + " mediawiki-objectcache",
		serviceToken + " mediawiki-cache-0", serviceToken + " mediawiki-cache-1", policyToken + " mediawiki-migration",
	}
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		for _, res := range r.resources {
			if !strings.HasPrefix(res.TypeToken, "kubernetes:") || slices.Contains(before, res.TypeToken) ||
				slices.Contains(before, res.TypeToken+" "+res.Name) {
				continue
			}
			dependencies := strings.Join(res.RegisterRPC.GetDependencies(), " ")
			assert.Contains(t, dependencies, jobToken, "%s %s changes after the migration", res.TypeToken, res.Name)
		}
	})
}

func TestUpDoesNotEndAtOnceWhenTheCachesAreReady(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		for _, res := range r.resources {
			if res.TypeToken == deploymentToken && res.Name == "mediawiki-jobs" {
				assert.Contains(t, strings.Join(res.RegisterRPC.GetDependencies(), " "), serverToken+"::mediawiki-cache",
					"the job runner starts while nodes hear of the caches")
				return
			}
		}
		assert.Fail(t, "there is no job runner")
	})
}

func TestPodsOfAWikiWaitForTheMigration(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		revisions := map[any]bool{}
		for name, template := range pods(r) {
			for _, container := range containers(template) {
				for _, variable := range listOf(container.(map[string]any)["env"]) {
					if at(t, variable, "name") == "MEDIAWIKI_REVISION" {
						revisions[at(t, variable, "value")] = true
					}
				}
			}
			if name == "mediawiki-app" || name == "mediawiki-jobs" {
				assert.Equal(t, "wait", at(t, template, "spec", "initContainers", 0, "name"), name)
			}
		}
		assert.Len(t, revisions, 1, "all have the same revision")
	})
}

func listOf(value any) []any {
	list, _ := value.([]any)
	return list
}

func TestAnotherSettingOrImageIsAnotherMigrationAndAnotherPortIsNot(t *testing.T) {
	job := func(change func(*components.MediaWikiStackArgs)) any {
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs(change)})
		require.NoError(t, err)
		return at(t, r.one(t, jobToken), "metadata", "name")
	}
	plain := job(func(*components.MediaWikiStackArgs) {})
	assert.Regexp(t, `^mediawiki-migration-[0-9a-f]{10}$`, plain)
	names := map[any]bool{plain: true}
	for _, change := range []func(*components.MediaWikiStackArgs){
		func(a *components.MediaWikiStackArgs) { a.Image = pulumi.String("mediawiki:1.43.10") },
		func(a *components.MediaWikiStackArgs) { a.Wiki.SiteName = pulumi.String("Team") },
		func(a *components.MediaWikiStackArgs) { a.SiteURL = "https://wiki.example.org" },
		func(a *components.MediaWikiStackArgs) { a.Wiki.ExtraSettings = pulumi.String("$wgA = 1;") },
		func(a *components.MediaWikiStackArgs) { a.Wiki.Extensions = pulumi.ToStringArray([]string{"Cite"}) },
	} {
		name := job(change)
		assert.False(t, names[name], "%s is new", name)
		names[name] = true
	}
	assert.Equal(t, plain, job(func(a *components.MediaWikiStackArgs) { a.Service.Port = pulumi.Int(8080) }))
	assert.Equal(t, plain, job(func(a *components.MediaWikiStackArgs) { a.Timeouts.Create = "1h" }))
	assert.Equal(t, plain, job(func(a *components.MediaWikiStackArgs) { a.Replicas = pulumi.IntRef(5) }))
}

func TestMigrationIsTriedAgainOnlyIfItWasKilled(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		job := r.one(t, jobToken)
		assert.InDelta(t, 0, at(t, job, "spec", "backoffLimit"), 0)
		assert.Equal(t, "Never", at(t, job, "spec", "template", "spec", "restartPolicy"))
		assert.Equal(t, "Ignore", at(t, job, "spec", "podFailurePolicy", "rules", 1, "action"))
		assert.Equal(t, "migration", at(t, job, "spec", "podFailurePolicy", "rules", 1, "onExitCodes", "containerName"))
		assert.Equal(t, []any{128.0, 137.0, 143.0}, at(t, job, "spec", "podFailurePolicy", "rules", 1, "onExitCodes", "values"))
		assert.Equal(t, "true", at(t, job, "metadata", "annotations", "pulumi.com/replaceUnready"))
	})
}

func TestAliveDoesNotAskTheDatabase(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		web := at(t, r.named(t, deploymentToken, "mediawiki-app"), "spec", "template", "spec", "containers", 0)
		assert.InDelta(t, 8081, at(t, web, "livenessProbe", "tcpSocket", "port"), 0, "whose queue readers do not fill")
		assert.Equal(t, "/", at(t, web, "startupProbe", "httpGet", "path"))
		assert.Equal(t, "/?ready", at(t, web, "readinessProbe", "httpGet", "path"))
	})
}

func TestRolloutStartsAPodBeforeItEndsOne(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		rolling := at(t, r.named(t, deploymentToken, "mediawiki-app"), "spec", "strategy", "rollingUpdate")
		assert.InDelta(t, 0, at(t, rolling, "maxUnavailable"), 0)
		assert.InDelta(t, 1, at(t, rolling, "maxSurge"), 0)
	})
}

func TestASinglePodCanBeEvicted(t *testing.T) {
	args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Replicas = pulumi.IntRef(1) })
	promise(t, args, func(t *testing.T, r *recorder) {
		assert.InDelta(t, 1, at(t, r.named(t, budgetToken, "mediawiki-app"), "spec", "maxUnavailable"), 0)
	})
}

func TestPodsShareANodeOnlyIfTheirVolumeDemandsIt(t *testing.T) {
	for mode, together := range map[string]bool{components.ReadWriteOnce: true, components.ReadWriteMany: false} {
		args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Wiki.Uploads.AccessMode = mode })
		promise(t, args, func(t *testing.T, r *recorder) {
			for _, name := range []string{"mediawiki-app", "mediawiki-jobs"} {
				spec := at(t, r.named(t, deploymentToken, name), "spec", "template", "spec").(map[string]any)
				assert.Equal(t, together, spec["affinity"] != nil, mode)
				assert.Equal(t, !together, spec["topologySpreadConstraints"] != nil, mode)
			}
		})
	}
}

func TestExternalDatabaseHasNoServerOfOurs(t *testing.T) {
	promise(t, wikiArgs(external), func(t *testing.T, r *recorder) {
		assert.Len(t, r.all(serverToken), 1, "that of the caches")
		assert.Len(t, r.all(claimToken), 2, "those of uploads and backups")
		assert.Contains(t, at(t, r.named(t, configMapToken, "mediawiki-settings"), "data", "wiki.json"), `"host":"mariadb.example.org"`)
	})
}
