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

// strangers are the Pods of testdata/strangers.yaml on two nodes, by their app and the number of their node: "friend@1".
type strangers struct {
	names, addresses map[string]string
}

func (*strangers) cluster(t *testing.T, args ...string) string {
	t.Helper()
	out, err := run("cluster", append([]string{"--name=" + two}, args...)...)
	require.NoError(t, err, out)
	return out
}

func newStrangers(t *testing.T) *strangers {
	t.Helper()
	t.Cleanup(func() {
		out, err := run("cluster", "--name="+two, "destroy")
		assert.NoError(t, err, out)
	})
	s := &strangers{names: map[string]string{}, addresses: map[string]string{}}
	s.cluster(t, "up", "--nodes=2", "--images", images)
	s.cluster(t, "kubectl", "apply", "-f", "testdata/strangers.yaml")
	for _, app := range []string{"server", "friend", "stranger"} {
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

// answers are those of the addresses that take a connection from the Pod within five seconds, in their order.
func (s *strangers) answers(t *testing.T, from string, addresses ...string) []string {
	t.Helper()
	const try = `for to; do { timeout 5 bash -c "exec 3<>/dev/tcp/${to/://}" && echo "$to"; } 2>/dev/null & done; wait`
	out := s.cluster(t, append([]string{"kubectl", "exec", s.names[from], "--", "bash", "-c", try, "bash"}, addresses...)...)
	answered := strings.Fields(out)
	return slices.DeleteFunc(addresses, func(to string) bool { return !slices.Contains(answered, to) })
}

func (s *strangers) servers() []string { return []string{s.server(1), s.server(2)} }

func (s *strangers) server(node int) string {
	return s.addresses[fmt.Sprintf("server@%d", node)] + ":8080"
}

// eventually waits until the servers on both nodes answer clients on both nodes, or none does.
func (s *strangers) eventually(t *testing.T, client string, answer bool) {
	t.Helper()
	want := 0
	if answer {
		want = 2
	}
	for _, from := range []string{client + "@1", client + "@2"} {
		require.Eventually(t, func() bool { return len(s.answers(t, from, s.servers()...)) == want },
			deadline, 200*time.Millisecond, "servers answer %s: want %t", from, answer)
	}
}

func TestNetworkPoliciesAreEnforced(t *testing.T) {
	s := newStrangers(t)
	s.eventually(t, "friend", true)
	s.eventually(t, "stranger", true)

	s.cluster(t, "kubectl", "apply", "-f", "testdata/policies.yaml")
	s.eventually(t, "stranger", false)
	s.eventually(t, "friend", true)
	// A policy's ports are Pods', not Services'. No policy keeps a Pod from its own node, and the API server is on the first.
	elsewhere := []string{"server:80", s.addresses["server@1"] + ":53", apiServer}
	assert.Equal(t, []string{"server:80"}, s.answers(t, "friend@2", slices.Clone(elsewhere)...))
	assert.Equal(t, []string{apiServer}, s.answers(t, "stranger@2", slices.Clone(elsewhere)...))
	s.nodesReachTheirPods(t)
	s.connectionsPassWhilePodsChange(t)

	s.killEnforcers(t)
	assert.Empty(t, s.answers(t, "stranger@1", s.servers()...), "without its enforcer a server lets nobody in")
	assert.Equal(t, []string{apiServer}, s.answers(t, "stranger@2", apiServer), "but nobody else is cut off")
	s.cluster(t, "up")
	s.eventually(t, "friend", true)
	s.eventually(t, "stranger", false)

	s.cluster(t, "kubectl", "delete", "-f", "testdata/policies.yaml")
	s.eventually(t, "stranger", true)
	assert.Equal(t, []string{apiServer}, s.answers(t, "friend@2", apiServer))
}

func (s *strangers) nodesReachTheirPods(t *testing.T) {
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

// connectionsPassWhilePodsChange makes connections that policies let pass while Pods that these select change. None waits for a second, as
// it would if its first packet were lost.
func (s *strangers) connectionsPassWhilePodsChange(t *testing.T) {
	t.Helper()
	const connect = `for client in 1 2 3 4; do
		for ((n = 0; n < 1000; n++)); do
			began=${EPOCHREALTIME/./}
			(exec 3<>"/dev/tcp/$1/8080") && ((${EPOCHREALTIME/./} - began < 900000)) || echo "connection $n"
		done &
	done; wait`
	changed := make(chan struct{})
	lost := ""
	go func() {
		defer close(changed)
		for n := range 20 {
			change := fmt.Sprintf("change=%d", n)
			_, err := run("cluster", "--name="+two, "kubectl", "annotate", "pod", s.names["friend@1"], "--overwrite", change)
			assert.NoError(t, err)
		}
	}()
	for over := false; !over; {
		select {
		case <-changed:
			over = true
		default:
			lost += s.cluster(t, "kubectl", "exec", s.names["friend@1"], "--", "bash", "-c", connect, "bash", s.addresses["server@1"])
		}
	}
	assert.Empty(t, lost, "connections that were refused, or took a second")
}

func (s *strangers) killEnforcers(t *testing.T) {
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
