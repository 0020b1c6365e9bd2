package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestNothingReplacesAClaim(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for _, res := range objects(r) {
			if _, isClaim := res.Object.(*corev1.PersistentVolumeClaim); isClaim {
				assert.Equal(t, res.Name, res.Object.GetName())
				assert.Equal(t, []string{"spec.accessModes", "spec.storageClassName"}, res.RegisterRPC.GetIgnoreChanges(), res)
			}
		}
	})
}

func TestObjectsThatAreCreatedAgainAfterAKillHaveTheSameNameAndFieldManager(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for _, res := range objects(r) {
			switch res.Object.(type) {
			case *appsv1.StatefulSet, *appsv1.Deployment, *batchv1.CronJob, *corev1.Service, *networkingv1.NetworkPolicy,
				*policyv1.PodDisruptionBudget:
				assert.Equal(t, res.Name, res.Object.GetName(), res)
				assert.Equal(t, "mediawiki-stack", res.Object.GetAnnotations()["pulumi.com/patchFieldManager"], res)
			}
		}
		if !r.Preview { // a preview does not know the addresses in a new wiki's Job
			assert.Regexp(t, generated("mediawiki-migration"), get[batchv1.Job](t, r, "mediawiki-migration").Name)
		}
	})
}
