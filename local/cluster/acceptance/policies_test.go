package acceptance

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	two       = name + "-two"
	apiServer = "10.152.183.1:443"
)

// clients are the Pods of testdata/clients.yaml on two nodes, by their app and the number of their node, such as "allowed@1".
type clients struct {
	names, addresses map[string]string
}

func (*clients) cluster(t *testing.T, args ...string) string {
	t.Helper()
	out, err := run("cluster", append([]string{"--name=" + two}, args...)...)
	require.NoError(t, err, out)
	return out
}

func newClients(t *testing.T) *clients {
	t.Helper()
	t.Cleanup(func() {
		out, err := run("cluster", "--name="+two, "destroy")
		assert.NoError(t, err, out)
	})
	s := &clients{names: map[string]string{}, addresses: map[string]string{}}
	s.cluster(t, "up", "--nodes=2", "--images", images)
	s.cluster(t, "kubectl", "apply", "-f", "testdata/clients.yaml")
	for _, app := range []string{"server", "allowed", "denied"} {
		s.cluster(t, "kubectl", "rollout", "status", "daemonset/"+app, "--timeout=2m")
	}
	pods := s.cluster(t, "kubectl", "get", "pods",
		`-o=jsonpath={range .items[*]}{.metadata.labels.app} {.spec.nodeName} {.metadata.name} {.status.podIP}{"\n"}{end}`)
	for line := range strings.Lines(pods) {
		fields := strings.Fields(line)
		require.Len(t, fields, 4, line)
		key := fields[0] + "@" + strings.TrimPrefix(fields[1], two+"-")
		s.names[key], s.addresses[key] = fields[2], fields[3]
	}
	require.Len(t, s.names, 6)
	return s
}

// reached returns those addresses that accept a connection from the Pod within five seconds.
func (s *clients) reached(t *testing.T, from string, addresses ...string) []string {
	t.Helper()
	found, err := s.try(from, addresses)
	require.NoError(t, err, from)
	return found
}

// try does what reached does. It returns an error if the command fails or does not end in time.
func (s *clients) try(from string, addresses []string) ([]string, error) {
	const (
		script = `for to; do { timeout 5 bash -c "exec 3<>/dev/tcp/${to/://}" && echo "$to"; } 2>/dev/null & done; wait`
		limit  = 30 * time.Second
	)
	args := append([]string{"--name=" + two, "kubectl", "exec", s.names[from], "--", "bash", "-c", script, "bash"}, addresses...)
	out, err := runWithin(limit, "cluster", args...)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	found := strings.Fields(out)
	return slices.DeleteFunc(slices.Clone(addresses), func(to string) bool { return !slices.Contains(found, to) }), nil
}

func (s *clients) servers() []string { return []string{s.server(1), s.server(2)} }

func (s *clients) server(node int) string {
	return s.addresses[fmt.Sprintf("server@%d", node)] + ":8080"
}

// eventually waits until clients on both nodes reach the servers on both nodes or, if reach is false, neither server.
func (s *clients) eventually(t *testing.T, client string, reach bool) {
	t.Helper()
	want := []string{}
	if reach {
		want = s.servers()
	}
	for _, from := range []string{client + "@1", client + "@2"} {
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			found, err := s.try(from, s.servers())
			assert.NoError(c, err)
			assert.Equal(c, want, found, "what %s reaches", from)
		}, deadline, 200*time.Millisecond)
	}
}

func TestNetworkPoliciesAreEnforced(t *testing.T) {
	s := newClients(t)
	s.eventually(t, "allowed", true)
	s.eventually(t, "denied", true)

	s.cluster(t, "kubectl", "apply", "-f", "testdata/policies.yaml")
	s.eventually(t, "denied", false)
	s.eventually(t, "allowed", true)
	// The ports of a policy are those of Pods, not of Services. Policies do not apply between a Pod and its own node, and the API server is
	// on the first node.
	elsewhere := []string{"server:80", s.addresses["server@1"] + ":53", apiServer}
	assert.Equal(t, []string{"server:80"}, s.reached(t, "allowed@2", elsewhere...))
	assert.Equal(t, []string{apiServer}, s.reached(t, "denied@2", elsewhere...))
	s.nodesReachTheirPods(t)
	s.connectionsPassWhilePodsChange(t)

	s.killEnforcers(t)
	assert.Empty(t, s.reached(t, "denied@1", s.servers()...),
		"without its enforcer, a node denies connections to Pods that a policy selects")
	assert.Equal(t, []string{apiServer}, s.reached(t, "denied@2", apiServer), "and allows all others")
	s.cluster(t, "up")
	s.eventually(t, "allowed", true)
	s.eventually(t, "denied", false)

	s.cluster(t, "kubectl", "delete", "-f", "testdata/policies.yaml")
	s.eventually(t, "denied", true)
	assert.Equal(t, []string{apiServer}, s.reached(t, "allowed@2", apiServer))
}

func (s *clients) nodesReachTheirPods(t *testing.T) {
	t.Helper()
	for node := 1; node <= 2; node++ {
		connection, err := in(fmt.Sprintf("mws-%s-%d", two, node), func() (net.Conn, error) {
			return (&net.Dialer{Timeout: deadline}).DialContext(t.Context(), "tcp", s.server(node))
		})
		require.NoError(t, err, "node %d", node)
		require.NoError(t, connection.Close())
	}
	s.cluster(t, "kubectl", "rollout", "status", "daemonset/server", "--timeout=5s") // as the kubelets' probes do
}

// connectionsPassWhilePodsChange opens allowed connections while Pods that the policies select change. None may lose its first packet: the
// kernel would send it again after a second. It counts packets, because times mean nothing on a busy machine: the client itself waits.
func (s *clients) connectionsPassWhilePodsChange(t *testing.T) {
	t.Helper()
	const connect = `for client in 1 2 3 4; do
		for ((n = 0; n < 100; n++)); do
			: 3<>"/dev/tcp/$1/8080" || echo "connection $n was refused"
		done &
	done; wait`
	changed := make(chan struct{})
	before, refused := s.resentFirstPackets(t, "allowed@1"), ""
	go func() {
		defer close(changed)
		for n := range 20 {
			change := fmt.Sprintf("change=%d", n)
			_, err := run("cluster", "--name="+two, "kubectl", "annotate", "pod", s.names["allowed@1"], "--overwrite", change)
			assert.NoError(t, err)
		}
	}()
	for over := false; !over; {
		select {
		case <-changed:
			over = true
		default:
			refused += s.cluster(t, "kubectl", "exec", s.names["allowed@1"], "--", "bash", "-c", connect, "bash", s.addresses["server@1"])
		}
	}
	assert.Empty(t, refused)
	assert.Equal(t, before, s.resentFirstPackets(t, "allowed@1"), "first packets that were sent again")
}

// resentFirstPackets returns how many first packets of TCP connections a Pod has sent again.
func (s *clients) resentFirstPackets(t *testing.T, from string) int {
	t.Helper()
	var names []string
	for line := range strings.Lines(s.cluster(t, "kubectl", "exec", s.names[from], "--", "cat", "/proc/net/netstat")) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "TcpExt:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		count, err := strconv.Atoi(fields[slices.Index(names, "TCPSynRetrans")])
		require.NoError(t, err)
		return count
	}
	require.Fail(t, "the kernel does not count retransmitted SYNs")
	return 0
}

func (s *clients) killEnforcers(t *testing.T) {
	t.Helper()
	killed := 0
	for program, id := range programs(t, s.cluster(t, "status")) {
		if strings.HasPrefix(program, "network-policies@") {
			pid, err := strconv.Atoi(id)
			require.NoError(t, err)
			require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
			killed++
		}
	}
	require.Equal(t, 2, killed)
}
