package admission

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Deleted returns why a claim that somebody has deleted still exists, and the command that keeps its data. It returns "" for every other
// claim.
func Deleted(claim *corev1.PersistentVolumeClaim) (why, fix string) {
	if claim.DeletionTimestamp == nil {
		return "", ""
	}
	why = fmt.Sprintf("was deleted at %s: its volume is deleted, with all data on it, when the last Pod that uses it ends",
		claim.DeletionTimestamp.Time.UTC().Format(time.RFC3339))
	return why, fmt.Sprintf(`kubectl patch pv %s --type=merge -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`+
		`     (at once: it keeps the volume; then docs/operating.md, "A volume that was deleted")`, claim.Spec.VolumeName)
}
