package doctor_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

func TestClaimThatIsBeingDeletedIsAFailure(t *testing.T) {
	b := healthy()
	deleted := hoursBefore(0.5)
	b.claim.DeletionTimestamp, b.claim.Finalizers, b.claim.Spec.VolumeName = &deleted, []string{"kubernetes.io/pvc-protection"}, "pvc-1"
	found := about(t, "claims", b.environment(t).Examine(t.Context()))
	require.Len(t, found, 1)
	assert.Equal(t, doctor.Failure, found[0].Level)
	for _, part := range []string{
		"mediawiki-uploads was deleted at 2026-11-25T11:30:00Z", "when the last Pod that uses it ends",
		`kubectl patch pv pvc-1 --type=merge -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`,
	} {
		assert.Contains(t, said(found[0]), part)
	}
}

func TestTheOnlyNodeOfAVolumeIsNamed(t *testing.T) {
	b := healthy()
	b.node.Labels = map[string]string{corev1.LabelHostname: "pi"}
	b.others = append(b.others, &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pvc-1"}, Spec: corev1.PersistentVolumeSpec{
		ClaimRef: &corev1.ObjectReference{Namespace: b.claim.Namespace, Name: b.claim.Name},
		NodeAffinity: &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
			MatchExpressions: []corev1.NodeSelectorRequirement{{
				Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{"pi"},
			}},
		}}}},
	}})
	found := about(t, "claims", b.environment(t).Examine(t.Context()))
	require.Len(t, found, 1)
	assert.Regexp(t, `mediawiki-uploads \S+ on pi`, said(found[0]))
	b.node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown}}
	found = about(t, "nodes", b.environment(t).Examine(t.Context()))
	require.Len(t, found, 1)
	assert.Contains(t, said(found[0]), "Pods that mount mediawiki-uploads wait for it: no other node has these volumes")
}

func TestClaimThatAPodMissesIsAFailure(t *testing.T) {
	b := healthy()
	b.pod.Spec.Volumes[0].PersistentVolumeClaim.ClaimName = "mediawiki-db"
	found := about(t, "claims", b.environment(t).Examine(t.Context()))
	require.Len(t, found, 1)
	assert.Contains(t, said(found[0]), "mediawiki-db does not exist, and mediawiki-app-1 mounts it")
}

func TestAdviceIsForTheEmbeddedClusterIfItIsOne(t *testing.T) {
	b := healthy()
	b.class.Annotations = nil
	e := b.environment(t)
	e.Config.Host = "https://198.18.3.1:16443"
	found := about(t, "storage class", e.Examine(t.Context()))
	assert.Equal(t, "make up     (in the checkout; it creates the class again)", found[0].Fix)
}

// TestSettingsThatAreTooLargeAreNamed runs a program that answers as pulumi does if Linux cannot start the program.
func TestSettingsThatAreTooLargeAreNamed(t *testing.T) {
	pulumi := filepath.Join(t.TempDir(), "pulumi")
	const answer = `{"diagnostics":[{"severity":"error","message":"fork/exec /program: argument list too long"}]}`
	require.NoError(t, os.WriteFile(pulumi, []byte("#!/bin/sh\necho '"+answer+"'\nexit 1\n"), 0o755))
	b := healthy()
	b.stack = &doctor.Stack{Command: []string{pulumi}}
	found := about(t, "stack", b.environment(t).Examine(t.Context()))
	require.Len(t, found, 1)
	assert.Equal(t, doctor.Failure, found[0].Level)
	assert.Contains(t, found[0].What, "too large for Linux to pass them to the program")
	assert.Contains(t, found[0].Fix, "extraSettings")
}
