package acceptance

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUpRestartsKilledPrograms(t *testing.T) {
	up(t)
	apply(t, "shell.yaml")
	eventually(t, "kubectl", "wait", "--for=condition=Ready", "pod/shell", "--timeout=1s")
	for program, id := range processes(t) {
		pid, err := strconv.Atoi(id)
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL), program)
	}
	out, err := run("cluster", "--name="+name, "status")
	require.Error(t, err, out)
	assert.Contains(t, out, "type: make up")
	up(t)
	assert.Len(t, processes(t), 9)
	eventually(t, "kubectl", "exec", "shell", "--", "true")
}

func TestUpRestoresADeletedNetworkNamespace(t *testing.T) {
	if testing.Short() {
		t.Skip("make test-all runs it")
	}
	up(t)
	out, err := run("ip", "netns", "delete", "mws-"+name+"-1")
	require.NoError(t, err, out)
	up(t)
	awaitStatus(t)
	apply(t, "shell.yaml")
	eventually(t, "kubectl", "wait", "--for=condition=Ready", "pod/shell", "--timeout=1s")
}

func TestUpRestoresADeletedNetworkLink(t *testing.T) {
	if testing.Short() {
		t.Skip("make test-all runs it")
	}
	cluster(t, "up")
	server := kubectl(t, "config", "view", "--minify", "-o=jsonpath={.clusters[0].cluster.server}")
	index := strings.Split(strings.TrimPrefix(server, "https://"+address), ".")[0]
	out, err := run("ip", "link", "delete", "mws"+index)
	require.NoError(t, err, out)
	cluster(t, "up")
	awaitStatus(t)
}

func TestUpReplacesAStaleNamespaceFile(t *testing.T) {
	if testing.Short() {
		t.Skip("make test-all runs it")
	}
	cluster(t, "destroy")
	stale := "/run/netns/mws-" + name + "-1" // a killed `up`, or a reboot that does not empty /run, leaves such a file
	require.NoError(t, os.WriteFile(stale, nil, 0o600))
	cluster(t, "up")
	awaitStatus(t)
}

func TestDestroyOfAnUnknownClusterChangesNothing(t *testing.T) {
	out, err := run("cluster", "--name=nobody", "destroy")
	require.NoError(t, err)
	assert.Contains(t, out, "there is no cluster nobody")
}

// refused runs `cluster up` for a cluster that cannot start, and returns its output.
func refused(t *testing.T, change func(*exec.Cmd)) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "cluster", "--name=refused", "up")
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+t.TempDir())
	change(cmd)
	out, err := cmd.CombinedOutput()
	require.Error(t, err, string(out))
	return strings.TrimSpace(string(out))
}

func TestUpWithoutRootPrintsOneClearLine(t *testing.T) {
	out := refused(t, func(cmd *exec.Cmd) {
		// Other users cannot read root's folders, so copy the program.
		program, err := os.ReadFile(cmd.Path)
		require.NoError(t, err)
		dir, err := os.MkdirTemp("/tmp", "cluster-") //nolint:usetesting // t.TempDir's parents may be root's
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
		require.NoError(t, os.Chmod(dir, 0o755))
		cmd.Path = filepath.Join(dir, "cluster")
		require.NoError(t, os.WriteFile(cmd.Path, program, 0o755))
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	})
	assert.Contains(t, out, "a cluster needs root")
	assert.Contains(t, out, "sudo make up")
}

func TestMissingProgramsAreNamedByTheirPackages(t *testing.T) {
	out := refused(t, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "PATH="+t.TempDir()) })
	assert.Contains(t, out, "apt-get install")
	assert.Contains(t, out, "runc")
	assert.Contains(t, out, "containerd")
}

func TestUpOnAFullDiskPrintsOneClearLine(t *testing.T) {
	small := t.TempDir()
	require.NoError(t, syscall.Mount("tmpfs", small, "tmpfs", 0, "size=16m"))
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(small, 0)) })
	out := refused(t, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "XDG_DATA_HOME="+small) })
	assert.Contains(t, out, "the disk under "+small)
	assert.Contains(t, out, "remove files")
}

func TestUpNamesTheProcessThatOccupiesAPort(t *testing.T) {
	if testing.Short() {
		t.Skip("make test-all runs it")
	}
	cluster(t, "up")
	pid, err := strconv.Atoi(processes(t)["kube-scheduler"])
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	var squatter net.Listener
	require.Eventually(t, func() bool {
		squatter, err = in("mws-"+name+"-1", func() (net.Listener, error) {
			return new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:10259")
		})
		return err == nil
	}, deadline, 20*time.Millisecond, "the port of the killed scheduler is still in use")
	out, refusal := run("cluster", "--name="+name, "up")
	require.NoError(t, squatter.Close())
	require.Error(t, refusal, out)
	assert.Contains(t, out, "port 10259 of mws-"+name+"-1 is in use by process "+strconv.Itoa(os.Getpid()))
	cluster(t, "up")
}
