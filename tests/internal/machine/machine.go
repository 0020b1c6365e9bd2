// Package machine runs programs on a machine beside the embedded cluster's nodes: in a network namespace on the cluster's bridge, with
// files of its own in /etc.
package machine

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// Machine is a network namespace with an address in the nodes' network.
type Machine struct {
	Address string

	network string // the namespace's file
	folder  string // the overlay of /etc, and the log
}

// New creates a machine with a number from 10 to 250, the last part of its address. It exists until the test ends.
func New(t *testing.T, cluster *rest.Config, number int) *Machine {
	t.Helper()
	server, err := url.Parse(cluster.Host)
	require.NoError(t, err)
	address := net.ParseIP(server.Hostname()).To4()
	require.NotNil(t, address, server.Host)
	address[3] = byte(number)
	m := &Machine{Address: address.String(), folder: t.TempDir()}
	// Not `ip netns add`: it mounts /run/netns over itself, and then no network namespace of a cluster can be deleted.
	m.network = filepath.Join(m.folder, "network")
	require.NoError(t, os.WriteFile(m.network, nil, 0o600))
	run(t, "unshare", "--net="+m.network, "true")
	t.Cleanup(func() { run(t, "umount", m.network) })
	bridge := "mws-" + os.Getenv("CLUSTER") // the namespace with the bridge; see local/cluster/internal/network
	port := fmt.Sprintf("machine%d", number)
	_ = exec.CommandContext(t.Context(), "ip", "-netns", bridge, "link", "delete", port).Run() // left by a killed run
	run(t, "ip", "link", "add", port, "netns", bridge, "type", "veth", "peer", "name", "eth0", "netns", m.network)
	run(t, "ip", "-netns", bridge, "link", "set", port, "master", "br0", "up")
	inside := []string{"nsenter", "--net=" + m.network, "ip"}
	run(t, append(inside, "address", "add", m.Address+"/24", "dev", "eth0")...)
	run(t, append(inside, "link", "set", "eth0", "up")...)
	run(t, append(inside, "link", "set", "lo", "up")...)
	for _, folder := range []string{"etc", "work"} {
		require.NoError(t, os.Mkdir(filepath.Join(m.folder, folder), 0o755))
	}
	return m
}

// Write writes a file in the machine's /etc.
func (m *Machine) Write(t *testing.T, path string, content []byte) {
	t.Helper()
	file := filepath.Join(m.folder, path)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, content, 0o600))
}

// mounts gives a program the machine's /etc, and empty folders for what it writes.
const mounts = `
	mount -t overlay -o "lowerdir=/etc,upperdir=$1/etc,workdir=$1/work" etc /etc
	for folder in /run /var/log /var/lib; do mount -t tmpfs empty $folder; done
	mkdir /var/log/nginx /var/lib/nginx
	shift
	exec "$@"`

// Start runs a program until the test ends. Its output is printed if the test fails.
func (m *Machine) Start(t *testing.T, program ...string) {
	t.Helper()
	path := filepath.Join(m.folder, "log")
	log, err := os.Create(path)
	require.NoError(t, err)
	defer log.Close()
	args := append([]string{"--net=" + m.network, "unshare", "--mount", "sh", "-euc", mounts, "machine", m.folder}, program...)
	process := exec.Command("nsenter", args...) //nolint:noctx // ended below
	process.Env = append(os.Environ(), "HOME=/run")
	process.Stdout, process.Stderr = log, log
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		require.NoError(t, process.Process.Signal(os.Interrupt))
		_ = process.Wait() // its status says that it was interrupted
		if text, err := os.ReadFile(path); t.Failed() {
			t.Logf("log of %s: %s %v", program[0], text, err)
		}
	})
}

func run(t *testing.T, command ...string) {
	t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), command[0], command[1:]...).CombinedOutput()
	require.NoError(t, err, "%v: %s", command, out)
}
