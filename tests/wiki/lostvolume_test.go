package wiki

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

// databaseClaim is the claim with the wiki's pages and users.
const databaseClaim = "mediawiki-db"

// TestLostVolume deletes the volume of a wiki's database in several ways. No update may put an empty wiki in its place unless the settings
// say so, and a new wiki must not replace the backups of the one that was lost.
func TestLostVolume(t *testing.T) {
	besideOthers(t, 4)
	w := newWiki(t, "lost", engine.Options{Settings: map[string]any{"replicas": 1, "backups.keep": 1}})
	defer w.Explain(t)
	w.up(t)
	w.works(t)
	name := w.backUp(t)
	saved := w.contents(t)
	thorough(t, "a claim that is being deleted is refused, and its data can be kept", func(t *testing.T) { w.deletedClaimIsKept(t, saved) })
	chapter(t, t.Run("a lost volume is refused, and restored from a backup", func(t *testing.T) { w.lostVolumeIsRestored(t, saved) }))
	chapter(t, t.Run("an empty database beside backups is not installed", func(t *testing.T) {
		w.Destroy(t)
		w.deleteClaim(t)
		p, err := w.Operate(t, "up")
		require.Error(t, err)
		assert.Contains(t, p.Printed, "the database is empty, but the volume for backups has some of another wiki (1), the newest "+name)
		assert.Contains(t, p.Printed, "pulumi config set --path backups.restoreFrom latest")
	}))
	thorough(t, "it is installed if the settings say so, and keeps the other wiki's backup", func(t *testing.T) {
		w.Set(t, "backups.restoreFrom", "none")
		w.up(t)
		assert.NotEqual(t, saved, w.contents(t))
		second, third := w.backUp(t), w.backUp(t)
		assert.ElementsMatch(t, []string{name, third}, w.backupNames(t), "%s is deleted, and the other wiki's backup stays", second)
	})
	thorough(t, "a namespace that was deleted with the wiki is refused", func(t *testing.T) {
		require.NoError(t, w.Kube.CoreV1().Namespaces().Delete(t.Context(), w.Name, metav1.DeleteOptions{}))
		await.Success(t, "the namespace is deleted", func() error { return exists(w.Exists(t)) })
		w.Unset(t, "backups.restoreFrom")
		for _, flags := range [][]string{{}, {"--refresh"}} {
			p, err := w.Operate(t, "up", flags...)
			require.Error(t, err)
			assert.Contains(t, p.Printed, "on claim "+w.Name+"/mediawiki-db, which no longer exists")
		}
		w.Set(t, "backups.restoreFrom", "none")
		w.Refresh(t)
		w.up(t)
		w.works(t)
	})
}

// deletedClaimIsKept deletes the claim as `kubectl delete pvc --wait=false` does, and follows docs/operating.md.
func (w *wiki) deletedClaimIsKept(t *testing.T, saved mediawiki.Contents) {
	claims := w.Kube.CoreV1().PersistentVolumeClaims(w.Name)
	claim, err := claims.Get(t.Context(), databaseClaim, metav1.GetOptions{})
	require.NoError(t, err)
	require.NoError(t, claims.Delete(t.Context(), databaseClaim, metav1.DeleteOptions{}))
	for _, flags := range [][]string{{}, {"--refresh"}} {
		p, err := w.Operate(t, "up", flags...)
		require.Error(t, err)
		assert.Contains(t, p.Printed, "on claim "+w.Name+"/mediawiki-db, which was deleted at")
		assert.Contains(t, p.Printed, "kubectl patch pv "+claim.Spec.VolumeName+" --type=merge")
	}
	w.patchVolume(t, claim.Spec.VolumeName, types.MergePatchType, `{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}`)
	w.Destroy(t)
	await.Success(t, "the claim is deleted", func() error { return exists(w.hasClaim(t)) })
	w.patchVolume(t, claim.Spec.VolumeName, types.JSONPatchType,
		`[{"op":"remove","path":"/spec/claimRef/uid"},{"op":"remove","path":"/spec/claimRef/resourceVersion"}]`)
	w.up(t)
	assert.Equal(t, saved, w.contents(t))
	w.patchVolume(t, claim.Spec.VolumeName, types.MergePatchType, `{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}`)
}

// lostVolumeIsRestored deletes the claim and the Pod that uses it, and follows the advice of the preview.
func (w *wiki) lostVolumeIsRestored(t *testing.T, saved mediawiki.Contents) {
	w.scale(t, "statefulsets", "mediawiki-db", 0)
	w.deleteClaim(t)
	for _, flags := range [][]string{{}, {"--refresh"}} {
		p, err := w.Operate(t, "up", flags...)
		require.Error(t, err)
		assert.Contains(t, p.Printed, "on claim "+w.Name+"/mediawiki-db, which no longer exists")
		assert.Contains(t, p.Printed, "pulumi config set --path backups.restoreFrom latest && pulumi refresh && pulumi up")
	}
	w.Refresh(t)
	_, err := w.Operate(t, "up")
	require.Error(t, err, "the state has no claim any more, and the outputs say that there was a wiki")
	w.Set(t, "backups.restoreFrom", "latest")
	w.up(t)
	assert.Equal(t, saved, w.contents(t))
	w.Unset(t, "backups.restoreFrom")
	w.Up(t)
}

// deleteClaim deletes the claim of the database and waits until it no longer exists.
func (w *wiki) deleteClaim(t *testing.T) {
	t.Helper()
	claims := w.Kube.CoreV1().PersistentVolumeClaims(w.Name)
	require.NoError(t, claims.Delete(t.Context(), databaseClaim, metav1.DeleteOptions{}))
	await.Success(t, "the claim is deleted", func() error { return exists(w.hasClaim(t)) })
}

func (w *wiki) hasClaim(t *testing.T) bool {
	t.Helper()
	return slices.Contains(w.claims(t), databaseClaim)
}

func (w *wiki) patchVolume(t *testing.T, name string, kind types.PatchType, patch string) {
	t.Helper()
	_, err := w.Kube.CoreV1().PersistentVolumes().Patch(t.Context(), name, kind, []byte(patch), metav1.PatchOptions{})
	require.NoError(t, err)
}

// exists returns an error if an object is still there.
func exists(there bool) error {
	if there {
		return errors.New("it still exists")
	}
	return nil
}
