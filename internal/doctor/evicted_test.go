package doctor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

func TestDoctorSaysWhyAPodWasEvicted(t *testing.T) {
	b := healthy()
	evicted := readyPod("mediawiki-app-0", "mediawiki")
	evicted.Status = corev1.PodStatus{
		Phase: corev1.PodFailed, Reason: "Evicted", Message: `Usage of EmptyDir volume "tmp" exceeds the limit "9Gi".`,
	}
	b.others = append(b.others, evicted)
	found := about(t, "Pods", b.environment(t).Examine(t.Context()))
	assert.Equal(t, doctor.Warning, found[0].Level)
	assert.Contains(t, said(found[0]), "mediawiki-app-0-1 was evicted")
	assert.Contains(t, said(found[0]), `exceeds the limit "9Gi"`)
	assert.Contains(t, found[0].Fix, "delete pod mediawiki-app-0-1")
}
