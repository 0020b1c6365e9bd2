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

// TestPrimaryDropsAReplicaThatDoesNotAnswer: MariaDB would hang when the replica connects again (MDEV-41349).
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

// TestUnknownCommandIsRefused: a newer `wiki` command would otherwise start a second instance of this program.
func TestUnknownCommandIsRefused(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "bash", "files/mariadb/replicate.sh", "stir").CombinedOutput()
	var ended *exec.ExitError
	require.ErrorAs(t, err, &ended)
	assert.Equal(t, 2, ended.ExitCode())
	assert.Equal(t, "replicate.sh has no command stir\n", string(out))
}

// TestServerLeadsAsPromotionsSay: the roles that the kubelet has mounted are stale for up to two minutes.
func TestServerLeadsAsPromotionsSay(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"the roles alone": {"", "leads follows"},
		"both were told":  {"as 1 demote; as 2 promote", "follows leads"},
		"and back":        {"as 1 demote; as 2 promote; as 2 demote; as 1 promote", "leads follows"},
		"and back, after the roles of one have changed": {
			"as 1 demote; as 2 promote; echo 2 >2/roles; all; as 2 demote; as 1 promote", "leads follows",
		},
		"the roles of both have changed": {"as 1 demote; as 2 promote; echo 2 | tee 1/roles >2/roles; all", "follows leads"},
		"the roles of both have changed, twice": {
			"as 1 demote; as 2 promote; echo 2 | tee 1/roles >2/roles; all; as 2 demote; as 1 promote; echo 1 | tee 1/roles >2/roles; all",
			"leads follows",
		},
	} {
		t.Run(name, func(t *testing.T) {
			script, err := filepath.Abs("files/mariadb/promotion.sh")
			require.NoError(t, err)
			command := exec.CommandContext(t.Context(), "bash", "-uc", `
				. "$0"
				eval "$(sed -n '/^leads/,/^}/p' "${0%/*}/replicate.sh")"
				own() { :; }
				replaced() { false; }
				as() { local MEMBER=$1 run=$1 state=$1 roles=$1/roles; "$2"; }
				role() { if leads; then echo leads; else echo follows; fi; }
				all() { echo "$(as 1 role) $(as 2 role)" >said; }
				mkdir 1 2; echo 1 | tee 1/roles >2/roles
				`+c.script+`
				all; cat said`, script)
			command.Dir = t.TempDir()
			out, err := command.CombinedOutput()
			require.NoError(t, err, string(out))
			assert.Equal(t, c.want+"\n", string(out))
		})
	}
}

// TestFormerPrimaryDoesNotOpen: its node was cut off while the other server was promoted, and the mounted roles are stale.
func TestFormerPrimaryDoesNotOpen(t *testing.T) {
	const open, copies, restarts = "1 0", "1 1 1", "1 1 0" // the other server, which is member 1
	for name, c := range map[string]struct {
		primary, replica string // answers of the servers that the Services lead to
		connected        string // seconds since the API server has answered again
		want             string
		mounted          string // the primary according to the mounted roles, if it is not member 2
	}{
		"the Service of the primary leads to the other server": {open, "2 1 0", "1000", "follows", ""},
		"the mounted roles are older than its own promotion":   {open, "2 1 0", "1000", "follows", "1"},
		"the node still routes to where the Services led":      {"2 1", open + " 0", "1000", "waits", ""},
		"the other server starts again":                        {"", restarts, "100", "waits", ""},
		"the other server does not answer":                     {"", "", "100", "waits", ""},
		"nobody was promoted":                                  {"2 1", copies, "1", "opens", ""},
		"the other server has not answered for long":           {"", "", "1000", "opens", ""},
	} {
		t.Run(name, func(t *testing.T) {
			run := t.TempDir()
			for _, file := range []string{"isolated", "accepts", "opened", "promoted"} {
				require.NoError(t, os.WriteFile(filepath.Join(run, file), nil, 0o600))
			}
			out, err := exec.CommandContext(t.Context(), "bash", "-uc", `
				run=$1 state=$1 roles=$1/roles MEMBER=2 PRIMARY_HOST=db REPLICA_HOST=db2 read_only=x primary=$2 replica=$3
				KUBERNETES_SERVICE_HOST=api KUBERNETES_SERVICE_PORT=443
				echo "${5:-2}" >"$roles"
				eval "$(sed -n '/^leads/,/^}/p; /^replaced/,/^}/p' files/mariadb/replicate.sh)"
				. "$0"
				reachable=$((SECONDS - $4))
				reaches() { :; }
				ask() { if [[ $1 == db ]]; then echo "$primary"; else echo "$replica"; fi; }
				own() { [[ $* != *"read_only = OFF"* ]] || echo opens; }
				hold_older_replica() { :; }
				say() { [[ $1 != waiting* ]] || echo waits; }
				if leads; then lead; else echo follows; fi`,
				"files/mariadb/primary.sh", run, c.primary, c.replica, c.connected, c.mounted).CombinedOutput()
			require.NoError(t, err, string(out))
			assert.Equal(t, c.want+"\n", string(out))
		})
	}
}
