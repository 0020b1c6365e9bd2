// Package node stops, starts and kills the embedded cluster named by $CLUSTER and its programs, and listens on its first node. No test may
// stop any of it while tests share the node.
package node

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// sharing counts the tests that share the node.
var sharing atomic.Int32

// Share says that the test runs side by side with others, until it ends.
func Share(t *testing.T) {
	t.Helper()
	sharing.Add(1)
	t.Cleanup(func() { sharing.Add(-1) })
}

// mustBeAlone fails the test if others, or the test itself, share the node.
func mustBeAlone(t *testing.T) {
	t.Helper()
	require.Zero(t, sharing.Load(), "tests share the node while this test stops a part of it")
}

// Up starts every program that is not running, and returns when the cluster is ready.
func Up(t *testing.T) {
	t.Helper()
	cluster(t, "up")
}

// Import imports the image archives (*.tar) in a folder into the nodes.
func Import(t *testing.T, folder string) {
	t.Helper()
	cluster(t, "up", "--images", folder)
}

// Down stops the cluster and keeps its data.
func Down(t *testing.T) {
	t.Helper()
	mustBeAlone(t)
	cluster(t, "down")
}

// Kill kills some of the cluster's programs, by their names in `cluster status`, such as kubelet@1. Containers keep running.
func Kill(t *testing.T, programs ...string) {
	t.Helper()
	killed := kill(t, func(program string) bool { return slices.Contains(programs, program) })
	require.ElementsMatch(t, programs, killed)
}

// KillAll kills all of the cluster's programs. Containers keep running.
func KillAll(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, kill(t, func(string) bool { return true }))
}

// kill kills the programs that match, and returns their names.
func kill(t *testing.T, matches func(program string) bool) []string {
	t.Helper()
	mustBeAlone(t)
	var killed []string
	for line := range strings.Lines(cluster(t, "status")) {
		// "kubelet@1  runs, process 1234"
		if fields := strings.Fields(line); len(fields) == 4 && fields[1] == "runs," && matches(fields[0]) {
			id, err := strconv.Atoi(fields[3])
			require.NoError(t, err)
			require.NoError(t, syscall.Kill(id, syscall.SIGKILL), fields[0])
			killed = append(killed, fields[0])
		}
	}
	return killed
}

func cluster(t *testing.T, command ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "cluster", append([]string{"--name", os.Getenv("CLUSTER")}, command...)...)
	// The cluster's programs must not use the tests' temporary folder, which is deleted before they end.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "TMPDIR=") })
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
