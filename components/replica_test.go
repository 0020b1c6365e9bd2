package components

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReplicaNotesWhetherEditsWaitForIt: a promotion depends on it. Debian's MariaDB has spaces in its version.
func TestReplicaNotesWhetherEditsWaitForIt(t *testing.T) {
	for _, version := range []string{"11.8.6-MariaDB-ubu2404-log", "11.8.9-MariaDB-0+deb13u1 from Debian-log"} {
		for _, waits := range []string{"ON", "OFF"} {
			run, state := t.TempDir(), t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(state, "replica"), []byte("5\n"), 0o600))
			out, err := exec.CommandContext(t.Context(), "bash", "-uc", `. "$0"
				run=$1 state=$2 answer=$3 MEMBER=2 PRIMARY_HOST=db own_version=11.8 followed=yes
				ask() { echo "$answer"; }
				status() { echo 0; }
				older() { return 1; }
				say() { :; }
				follow`, "files/mariadb/replica.sh", run, state, "1\t5\t"+version+"\t"+waits).CombinedOutput()
			require.NoError(t, err, string(out))
			noted, err := os.ReadFile(filepath.Join(run, "synchronous"))
			require.NoError(t, err)
			assert.Equal(t, waits+"\n", string(noted), version)
		}
	}
}

// TestPrimaryDropsAReplicaThatDoesNotAnswer: MariaDB would hang when it connects again (MDEV-41349).
func TestPrimaryDropsAReplicaThatDoesNotAnswer(t *testing.T) {
	for answer, dropped := range map[string]string{"return 1": "KILL 7;", "echo @5-1-9": ""} {
		run := t.TempDir()
		for _, name := range []string{"accepts", "opened", "reached"} {
			require.NoError(t, os.WriteFile(filepath.Join(run, name), nil, 0o600))
		}
		out, err := exec.CommandContext(t.Context(), "bash", "-uc", `. "$0"
			run=$1 state=$1 REPLICA_HOST=db2 KUBERNETES_SERVICE_HOST=api KUBERNETES_SERVICE_PORT=443
			reaches() { [[ $1 == api ]]; }
			ask() { `+answer+`; }
			own() { if [[ $* == *Dump* ]]; then echo "KILL 7;"; elif [[ $* == --force ]]; then cat >"$run/killed"; fi; }
			say() { :; }
			lead`, "files/mariadb/primary.sh", run).CombinedOutput()
		require.NoError(t, err, string(out))
		killed, err := os.ReadFile(filepath.Join(run, "killed"))
		if dropped == "" {
			require.ErrorIs(t, err, os.ErrNotExist)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, dropped+"\n", string(killed))
	}
}
