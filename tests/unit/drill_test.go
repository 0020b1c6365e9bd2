package unit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

// aDrill is a Pod that has ended so many seconds after midnight, with these last words.
func aDrill(name string, second int, exitCode int64, words string) object {
	return object{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": object{
			"name": name, "namespace": "mediawiki-test", "labels": object{"app": "mediawiki-backup"},
			"creationTimestamp": time.Unix(int64(second), 0).UTC().Format(time.RFC3339),
		},
		"status": object{"containerStatuses": []any{
			object{"name": "drill", "state": object{"terminated": object{"exitCode": exitCode, "message": words}}},
		}},
	}
}

func TestBackupIsProvenByTheLastDrillThatSucceeded(t *testing.T) {
	for name, c := range map[string]struct {
		pods []object
		want string
	}{
		"no drill yet": {nil, ""},
		"two, and then one that failed": {[]object{
			aDrill("new", 20, 0, "proven 20261102T000000Z"), aDrill("old", 10, 0, "proven 20261101T000000Z"),
			aDrill("failed", 30, 1, "The drill failed"),
		}, "20261102T000000Z"},
		"a backup is no drill": {[]object{aDrill("backup", 10, 0, "03:17:00 backup 20261101T000000Z")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := clusterWith(append(c.pods, aClass("microk8s-hostpath", false, true))...)
			found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, nil))
			require.NoError(t, err)
			assert.Equal(t, c.want, found.ProvenBackup)
		})
	}
}
