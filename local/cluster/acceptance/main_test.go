// Package acceptance tests the command cluster on clusters of its own. It needs root, and the tools on the PATH: make test-cluster.
package acceptance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	name     = "acceptance"
	deadline = 2 * time.Minute // of each wait
	address  = "198.18."       // prefix of every node's address
)

var (
	images = os.Getenv("IMAGES") // folder of the local stack's image archives
	before = mustTraces()        // other clusters may run on the machine
)

func TestMain(m *testing.M) {
	if _, err := exec.LookPath("cluster"); err != nil || images == "" {
		fmt.Fprintln(os.Stderr, "no cluster on the PATH, or no IMAGES: run these tests with make test-cluster")
		os.Exit(1)
	}
	code := m.Run()
	if out, err := run("cluster", "--name="+name, "destroy"); err != nil {
		fmt.Fprintln(os.Stderr, out)
		code = 1
	}
	if list := left(); len(list) > 0 {
		fmt.Fprintf(os.Stderr, "left behind:\n%s\n", strings.Join(list, "\n"))
		code = 1
	}
	os.Exit(code)
}

// run runs a program and returns what it printed.
func run(program string, args ...string) (string, error) {
	return runContext(context.Background(), program, args...)
}

// runWithin does what run does, and interrupts a program that has not ended after limit.
func runWithin(limit time.Duration, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, fmt.Errorf("interrupted after %s", limit))
	defer cancel()
	out, err := runContext(ctx, program, args...)
	return out, errors.Join(err, context.Cause(ctx))
}

func runContext(ctx context.Context, program string, args ...string) (string, error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	err := cmd.Run()
	return strings.TrimSpace(out.String()), err
}

// cluster runs the command on the tests' own cluster.
func cluster(t *testing.T, args ...string) string {
	t.Helper()
	out, err := run("cluster", append([]string{"--name=" + name}, args...)...)
	require.NoError(t, err, out)
	return out
}

func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return cluster(t, append([]string{"kubectl"}, args...)...)
}

func up(t *testing.T) {
	t.Helper()
	cluster(t, "up", "--images", images)
}

// apply creates objects from a file in testdata, and removes them when the test ends.
func apply(t *testing.T, file string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	kubectl(t, "apply", "-f", path)
	t.Cleanup(func() { kubectl(t, "delete", "--ignore-not-found", "-f", path) })
}

// eventually waits until a command on the cluster succeeds, and returns what it printed.
func eventually(t *testing.T, args ...string) string {
	t.Helper()
	var out string
	require.Eventually(t, func() bool {
		var err error
		out, err = run("cluster", append([]string{"--name=" + name}, args...)...)
		return err == nil
	}, deadline, time.Second, "%v", args) // each try takes 0.3 s of a processor
	return out
}

// awaitStatus waits until the status of the cluster reports no problem, and returns it. A kubelet that has just started reports every Pod
// as unready, including CoreDNS, until it has probed it.
func awaitStatus(t *testing.T) string {
	t.Helper()
	return eventually(t, "status")
}

// processes returns the process IDs of the cluster's programs by name.
func processes(t *testing.T) map[string]string {
	t.Helper()
	return programs(t, awaitStatus(t))
}

// programs returns the process IDs in a cluster's status by the names of the programs.
func programs(t *testing.T, status string) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for line := range strings.Lines(status) {
		if fields := strings.Fields(line); len(fields) == 4 && fields[1] == "runs," {
			ids[fields[0]] = fields[3]
		}
	}
	require.NotEmpty(t, ids)
	return ids
}

// left returns the traces that did not exist before the tests.
func left() []string {
	return slices.DeleteFunc(mustTraces(), func(line string) bool { return slices.Contains(before, line) })
}
