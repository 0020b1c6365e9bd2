package wiki

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
)

// largestFilesAreUploaded uploads several of the largest files at once, on a node that evicts Pods for what they write.
func (w *wiki) largestFilesAreUploaded(t *testing.T) {
	pods := w.Restarts(t, "")
	patient := w.admin.WithTimeout(5 * time.Minute)
	var uploads errgroup.Group
	for n := range 4 {
		uploads.Go(func() error {
			file := append(picture(t), make([]byte, defaults.MaxUpload<<20)...)[:defaults.MaxUpload<<20]
			file[len(file)-1] = byte(n) // MediaWiki refuses a duplicate
			return patient.Upload(t.Context(), fmt.Sprintf("Large_%d.png", n), file)
		})
	}
	require.NoError(t, uploads.Wait())
	assert.Equal(t, pods, w.Restarts(t, ""), "no Pod was evicted")
}

// littleIsWritten compares what the Pods have written to their nodes with their limits.
func (w *wiki) littleIsWritten(t *testing.T) {
	used, err := w.EphemeralStorage(t.Context())
	require.NoError(t, err)
	pods, err := w.Kube.CoreV1().Pods(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for i := range pods.Items {
		pod := &pods.Items[i]
		if pod.Status.Phase != corev1.PodRunning {
			continue
		}
		limit := 0.0
		for _, c := range pod.Spec.Containers { // without init containers: only those of Jobs keep running, as sidecars
			limit += float64(c.Resources.Limits.StorageEphemeral().Value()) / (1 << 20)
		}
		t.Logf("%s has written %.1f MiB of %.0f", pod.Name, used[pod.Name], limit)
		assert.Less(t, used[pod.Name], limit/4, pod.Name)
	}
}
