package unit

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// dependsOn reports whether a resource is created or updated after another one, given as the end of its type and name.
func dependsOn(res *mocks.Resource, other string) bool {
	return strings.Contains(strings.Join(res.RegisterRPC.GetDependencies(), " ")+" ", ":"+strings.Replace(other, " ", "::", 1)+" ")
}

func TestAFailedMigrationChangesNothingThatReadersReach(t *testing.T) {
	// What the migration needs, and what is the same for any settings. New ConfigMaps and Secrets do not touch the old ones.
	before := map[string]bool{}
	for _, id := range []string{
		"StatefulSet mediawiki-db", "Service mediawiki-db", "NetworkPolicy mediawiki-db",
		"Deployment mediawiki-objectcache", "Service mediawiki-objectcache", "NetworkPolicy mediawiki-objectcache",
		"PodDisruptionBudget mediawiki-objectcache", "Service mediawiki-cache-0", "Service mediawiki-cache-1",
		"NetworkPolicy mediawiki-migration", "Job mediawiki-migration",
	} {
		before[id] = true
	}
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for _, res := range objects(r) {
			switch res.Object.(type) {
			case *corev1.Namespace, *corev1.PersistentVolumeClaim, *corev1.ConfigMap, *corev1.Secret:
			default:
				if !before[res.String()] {
					assert.True(t, dependsOn(res, "Job mediawiki-migration"), "%s changes after the migration", res)
				}
			}
		}
	})
}

func TestJobRunnerStartsWhileNodesLearnOfTheCaches(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for _, res := range r.Resources {
			if res.String() == "Deployment mediawiki-jobs" {
				assert.True(t, dependsOn(res, "StatefulSet mediawiki-cache"), "so that up does not end the moment the caches are ready")
				return
			}
		}
		assert.Fail(t, "no job runner")
	})
}

func TestPodsOfAWikiWaitForTheMigration(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		revisions := map[string]bool{}
		for name, template := range r.Pods() {
			for _, c := range containers(template.Spec) {
				for _, v := range c.Env {
					if v.Name == "MEDIAWIKI_REVISION" {
						revisions[v.Value] = true
					}
				}
			}
			if name == "mediawiki-app" || name == "mediawiki-jobs" {
				assert.Equal(t, "wait", template.Spec.InitContainers[0].Name, name)
			}
		}
		assert.Len(t, revisions, 1, "all have the same revision")
	})
}

func TestMigrationRunsForAnotherSettingOrImageButNotForAnotherPort(t *testing.T) {
	job := func(changes ...change) string {
		return get[batchv1.Job](t, update(t, wikiArgs(changes...)), "mediawiki-migration").Name
	}
	plain := job()
	require.Regexp(t, generated("mediawiki-migration"), plain)
	names := map[string]bool{plain: true}
	for _, change := range []change{
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
	assert.Equal(t, plain, job(replicas(5)))
}

func TestMigrationIsRetriedOnlyIfItWasKilled(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		job := get[batchv1.Job](t, r, "mediawiki-migration")
		assert.Zero(t, *job.Spec.BackoffLimit)
		assert.Equal(t, corev1.RestartPolicyNever, job.Spec.Template.Spec.RestartPolicy)
		var ignored []batchv1.PodFailurePolicyOnExitCodesRequirement
		for _, rule := range job.Spec.PodFailurePolicy.Rules {
			if rule.Action == batchv1.PodFailurePolicyActionIgnore && rule.OnExitCodes != nil {
				ignored = append(ignored, *rule.OnExitCodes)
			}
		}
		require.Len(t, ignored, 1, "exit codes that do not count as a failure")
		assert.Equal(t, "migration", *ignored[0].ContainerName)
		assert.Equal(t, []int32{128, 137, 143}, ignored[0].Values)
		assert.Equal(t, "true", job.Annotations["pulumi.com/replaceUnready"])
	})
}

func TestRolloutStartsAPodBeforeItEndsOne(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		rolling := get[appsv1.Deployment](t, r, "mediawiki-app").Spec.Strategy.RollingUpdate
		assert.Zero(t, rolling.MaxUnavailable.IntValue())
		assert.Equal(t, 1, rolling.MaxSurge.IntValue())
	})
}
