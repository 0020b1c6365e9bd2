package unit

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestEveryPodIsRestricted(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for name, template := range r.Pods() {
			pod := template.Spec
			assert.False(t, *pod.AutomountServiceAccountToken, name)
			assert.True(t, *pod.SecurityContext.RunAsNonRoot, name)
			assert.Contains(t, pod.DNSConfig.Options, corev1.PodDNSConfigOption{Name: "single-request"}, "resolver of %s", name)
			assert.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, pod.SecurityContext.SeccompProfile.Type, name)
			for _, c := range containers(pod) {
				assert.True(t, *c.SecurityContext.ReadOnlyRootFilesystem, "%s in %s", c.Name, name)
				assert.False(t, *c.SecurityContext.AllowPrivilegeEscalation, "%s in %s", c.Name, name)
				assert.Equal(t, []corev1.Capability{"ALL"}, c.SecurityContext.Capabilities.Drop, "%s in %s", c.Name, name)
				assert.NotZero(t, memoryLimit(c), "%s in %s", c.Name, name)
			}
		}
	})
}

func TestNamespaceOfAWikiIsRestrictedAndOfTheRecipeIsNot(t *testing.T) {
	enforced := func(r *mocks.Recording) string {
		for _, namespace := range mocks.All[corev1.Namespace](r) {
			return namespace.Labels["pod-security.kubernetes.io/enforce"]
		}
		return "no namespace"
	}
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) { assert.Equal(t, "restricted", enforced(r)) })
	promise(t, wikiArgs(recipe), func(t *testing.T, r *mocks.Recording) { assert.Empty(t, enforced(r)) })
}

func TestSecretsReachContainersAsFiles(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for name, template := range r.Pods() {
			for _, c := range containers(template.Spec) {
				for _, variable := range c.Env {
					fromSecret := variable.ValueFrom != nil && variable.ValueFrom.SecretKeyRef != nil
					assert.False(t, fromSecret, "%s of %s in %s", variable.Name, c.Name, name)
				}
			}
			secrets := 0
			for _, volume := range template.Spec.Volumes {
				if volume.Secret != nil {
					secrets++
				}
			}
			if name == "mediawiki-cache" || name == "mediawiki-objectcache" {
				assert.Zero(t, secrets, "%s has no secret", name)
			} else {
				assert.NotZero(t, secrets, name)
			}
		}
	})
}

func TestLivenessProbeDoesNotAskTheDatabase(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		web := container(t, webPod(t, r), "mediawiki")
		assert.Equal(t, 8081, web.LivenessProbe.TCPSocket.Port.IntValue(), "a port whose queue readers do not fill")
		assert.Equal(t, "/", web.StartupProbe.HTTPGet.Path)
		assert.Equal(t, "/?ready", web.ReadinessProbe.HTTPGet.Path)
	})
}

func TestOnlyWebPodCanBeEvicted(t *testing.T) {
	promise(t, wikiArgs(replicas(1)), func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, 1, get[policyv1.PodDisruptionBudget](t, r, "mediawiki-app").Spec.MaxUnavailable.IntValue())
	})
}

func TestPodsShareANodeOnlyIfTheirVolumeRequiresIt(t *testing.T) {
	for mode, together := range map[string]bool{components.ReadWriteOnce: true, components.ReadWriteMany: false} {
		args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Wiki.Uploads.AccessMode = mode })
		promise(t, args, func(t *testing.T, r *mocks.Recording) {
			for _, name := range []string{"mediawiki-app", "mediawiki-jobs"} {
				pod := r.Pods()[name].Spec
				assert.Equal(t, together, pod.Affinity != nil, "%s, %s", name, mode)
				assert.Equal(t, !together, pod.TopologySpreadConstraints != nil, "%s, %s", name, mode)
				for _, spread := range pod.TopologySpreadConstraints {
					assert.Equal(t, []string{"pod-template-hash"}, spread.MatchLabelKeys, "Pods of the former revision do not count")
				}
			}
		})
	}
}

func TestPodsThatAnyNodeCanRunMoveSoonAfterTheirNodeIsLost(t *testing.T) {
	all := []string{"mediawiki-app", "mediawiki-jobs", "mediawiki-objectcache", "mediawiki-db", "mediawiki-cache", "mediawiki-migration"}
	for mode, want := range map[string][]string{
		components.ReadWriteOnce: {"mediawiki-objectcache"},
		components.ReadWriteMany: {"mediawiki-app", "mediawiki-jobs", "mediawiki-objectcache"},
	} {
		args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Wiki.Uploads.AccessMode = mode })
		promise(t, args, func(t *testing.T, r *mocks.Recording) {
			for _, name := range all {
				patience := map[string]int64{}
				for _, toleration := range r.Pods()[name].Spec.Tolerations {
					assert.Equal(t, corev1.TaintEffectNoExecute, toleration.Effect)
					patience[toleration.Key] = *toleration.TolerationSeconds
				}
				if slices.Contains(want, name) {
					assert.Equal(t, map[string]int64{corev1.TaintNodeNotReady: 30, corev1.TaintNodeUnreachable: 30}, patience, name)
				} else {
					assert.Empty(t, patience, name)
				}
			}
		})
	}
}

// A Pod that waits for another one of the same node must not wait for itself.
func TestAnyPodOnTheUploadsVolumeMayStartFirst(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for name, template := range r.Pods() {
			if template.Spec.Affinity == nil {
				continue
			}
			for _, term := range template.Spec.Affinity.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution {
				for _, expression := range term.LabelSelector.MatchExpressions {
					app := template.Labels["app"]
					assert.Contains(t, expression.Values, app, "%s may be next to its own kind", name)
				}
			}
		}
	})
}
