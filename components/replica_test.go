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
