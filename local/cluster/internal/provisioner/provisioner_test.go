package provisioner

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func provision(t *testing.T, dir string) *corev1.PersistentVolume {
	t.Helper()
	policy := corev1.PersistentVolumeReclaimDelete
	volume, _, err := (&hostpath{dir: dir}).Provision(t.Context(), controller.ProvisionOptions{
		PVName:           "pvc-1",
		PVC:              &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "wiki", Name: "data"}},
		StorageClass:     &storagev1.StorageClass{ReclaimPolicy: &policy},
		SelectedNodeName: "node-2",
	})
	require.NoError(t, err)
	return volume
}

func TestVolumeIsAFolderThatEveryUserMayWrite(t *testing.T) {
	dir := t.TempDir()
	volume := provision(t, dir)
	assert.Equal(t, filepath.Join(dir, "wiki-data-pvc-1"), volume.Spec.HostPath.Path)
	info, err := os.Stat(volume.Spec.HostPath.Path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o777), info.Mode().Perm())
}

func TestVolumeIsUsedOnItsNodeAlone(t *testing.T) {
	terms := provision(t, t.TempDir()).Spec.NodeAffinity.Required.NodeSelectorTerms
	assert.Equal(t, []string{"node-2"}, terms[0].MatchExpressions[0].Values)
}

func TestDeleteRemovesTheFolderWithAllInIt(t *testing.T) {
	dir := t.TempDir()
	volume := provision(t, dir)
	require.NoError(t, os.WriteFile(filepath.Join(volume.Spec.HostPath.Path, "page"), nil, 0o600))
	require.NoError(t, (&hostpath{dir: dir}).Delete(t.Context(), volume))
	assert.NoDirExists(t, volume.Spec.HostPath.Path)
}

func TestDeleteRefusesAFolderThatIsNotAVolume(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "wiki-data-pvc-1", ".."), filepath.Join(dir, "..")} {
		volume := provision(t, dir)
		volume.Spec.HostPath.Path = path
		require.Error(t, (&hostpath{dir: dir}).Delete(t.Context(), volume), path)
		assert.DirExists(t, filepath.Join(dir, "wiki-data-pvc-1"))
	}
}
