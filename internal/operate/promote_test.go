package operate_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
)

// promotionOf returns a wiki with two databases of which the first one leads, on a node that was last alive so long ago. answers are what
// the databases say to commands, by "Pod command": a number is an exit status, and any other text is what they print with status 1.
func promotionOf(alive time.Duration, answers map[string]string) (*operate.Wiki, *[]string) {
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name, Namespace: theNamespace} }
	service := func(name, app string) *corev1.Service {
		return &corev1.Service{ObjectMeta: meta(name), Spec: corev1.ServiceSpec{Selector: map[string]string{"app": app}}}
	}
	ready := corev1.ConditionTrue
	if alive > 40*time.Second {
		ready = corev1.ConditionUnknown
	}
	renewed := metav1.NewMicroTime(time.Now().Add(-alive))
	client := fake.NewClientset(
		&corev1.ConfigMap{ObjectMeta: meta("mediawiki-db-roles"), Data: map[string]string{"members": "1 2"}},
		service("mediawiki-db", "mediawiki-db"), service("mediawiki-db-replica", "mediawiki-db2"),
		&corev1.Pod{ObjectMeta: meta("mediawiki-db-0"), Spec: corev1.PodSpec{NodeName: "pi"}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "pi"}, Status: corev1.NodeStatus{
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}},
		}},
		&coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Name: "pi", Namespace: corev1.NamespaceNodeLease},
			Spec:       coordinationv1.LeaseSpec{RenewTime: &renewed},
		},
	)
	var did []string
	exec := func(_ context.Context, _, pod, container string, command ...string) (string, int, error) {
		if container != "replication" {
			return "", 0, errors.New("another container")
		}
		what := pod + " " + strings.Join(command[2:min(len(command), 4)], " ")
		did = append(did, what)
		answer := answers[what]
		if status, err := strconv.Atoi(answer); err == nil {
			return "", status, nil
		}
		switch answer {
		case "":
			return "", 0, nil
		case "lost":
			return "", 0, errors.New("no route to host")
		default:
			return answer, 1, nil
		}
	}
	return &operate.Wiki{Client: client, Exec: exec, Namespace: theNamespace, Name: "mediawiki"}, &did
}

// primaryOf returns the primary by the ConfigMap, and where the Services of primary and replica lead.
func primaryOf(t *testing.T, w *operate.Wiki) [3]string {
	t.Helper()
	roles, err := w.Client.CoreV1().ConfigMaps(theNamespace).Get(t.Context(), "mediawiki-db-roles", metav1.GetOptions{})
	require.NoError(t, err)
	found := [3]string{roles.Data["primary"]}
	for i, name := range []string{"mediawiki-db", "mediawiki-db-replica"} {
		service, err := w.Client.CoreV1().Services(theNamespace).Get(t.Context(), name, metav1.GetOptions{})
		require.NoError(t, err)
		found[i+1] = service.Spec.Selector["app"]
	}
	return found
}

var (
	unchanged = [3]string{"", "mediawiki-db", "mediawiki-db2"}
	promoted  = [3]string{"2", "mediawiki-db2", "mediawiki-db"}
)

func TestReplicaIsPromotedWhenItHasEveryEdit(t *testing.T) {
	for name, c := range map[string]struct {
		alive   time.Duration
		lose    bool
		answers map[string]string
		did     []string // after the primary was asked whether it is one
		want    [3]string
		err     string
	}{
		"by plan": {
			did: []string{"mediawiki-db2-0 take", "mediawiki-db2-0 promote", "mediawiki-db-0 demote"}, want: promoted,
		},
		"the replica lacks edits": {
			answers: map[string]string{"mediawiki-db2-0 take": "the replica has not got all edits"},
			did:     []string{"mediawiki-db2-0 take"}, want: unchanged, err: "nothing has changed: the replica has not got all edits",
		},
		"the replica is still copying": {
			answers: map[string]string{"mediawiki-db2-0 take": "4"}, did: []string{"mediawiki-db2-0 take"},
			want: unchanged, err: "nothing has changed: mediawiki-db2 has no complete copy of mediawiki-db yet",
		},
		"the node is lost": {
			alive: time.Minute, answers: map[string]string{"mediawiki-db2-0 take": "3"},
			did: []string{"mediawiki-db2-0 take", "mediawiki-db2-0 take gone", "mediawiki-db2-0 promote"}, want: promoted,
		},
		"the node is lost, and edits may be": {
			alive:   time.Minute,
			answers: map[string]string{"mediawiki-db2-0 take": "3", "mediawiki-db2-0 take gone": "edits did not wait"},
			did:     []string{"mediawiki-db2-0 take", "mediawiki-db2-0 take gone"}, want: unchanged, err: "edits did not wait",
		},
		"edits may be lost": {
			alive: time.Minute, lose: true,
			did: []string{"mediawiki-db2-0 take lose", "mediawiki-db2-0 promote"}, want: promoted,
		},
		"only the API server reaches the primary, and edits may be lost": {
			answers: map[string]string{"mediawiki-db2-0 take": "3", "mediawiki-db2-0 take gone": "edits did not wait"},
			did: []string{
				"mediawiki-db2-0 take", "mediawiki-db-0 close", "mediawiki-db2-0 take gone", "mediawiki-db-0 reopen",
			},
			want: unchanged, err: "nothing has changed: edits did not wait",
		},
		"only the API server reaches the primary": {
			answers: map[string]string{"mediawiki-db2-0 take": "3"},
			did: []string{
				"mediawiki-db2-0 take", "mediawiki-db-0 close", "mediawiki-db2-0 take gone", "mediawiki-db2-0 promote",
				"mediawiki-db-0 demote",
			},
			want: promoted,
		},
	} {
		t.Run(name, func(t *testing.T) {
			answers := map[string]string{"mediawiki-db-0 copied": "1"}
			for what, answer := range c.answers {
				answers[what] = answer
			}
			w, did := promotionOf(c.alive, answers)
			err := w.Promote(t.Context(), c.lose, func(string) {})
			if c.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.err)
			}
			assert.Equal(t, append([]string{"mediawiki-db-0 copied"}, c.did...), *did)
			assert.Equal(t, c.want, primaryOf(t, w))
		})
	}
}

func TestPromotionNeedsNoAnswerOfTheOldPrimary(t *testing.T) {
	w, _ := promotionOf(0, map[string]string{"mediawiki-db-0 copied": "1", "mediawiki-db-0 demote": "lost"})
	var said string
	require.NoError(t, w.Promote(t.Context(), false, func(line string) { said = line }))
	assert.Contains(t, said, "mediawiki-db becomes its replica within two minutes")
	assert.Contains(t, said, "no route to host")
	assert.Equal(t, promoted, primaryOf(t, w))
}

func TestInterruptedPromotionIsCompleted(t *testing.T) {
	w, _ := promotionOf(0, map[string]string{"mediawiki-db-0 copied": "1", "mediawiki-db2-0 promote": "lost"})
	require.ErrorContains(t, w.Promote(t.Context(), false, func(string) {}), "wiki promote     (again")

	w, did := promotionOf(0, map[string]string{"mediawiki-db-0 copied": "1", "mediawiki-db2-0 promote": "MariaDB has gone away"})
	err := w.Promote(t.Context(), false, func(string) {})
	require.ErrorContains(t, err, "wiki promote     (again")
	assert.NotContains(t, err.Error(), "nothing has changed")
	assert.Equal(t, [3]string{"2", "mediawiki-db", "mediawiki-db2"}, primaryOf(t, w), "the point of no return is the ConfigMap")

	again, did2 := promotionOf(0, nil)
	again.Client, *did2 = w.Client, nil
	require.NoError(t, again.Promote(t.Context(), false, func(string) {}))
	assert.Equal(t, []string{"mediawiki-db2-0 promote", "mediawiki-db-0 demote"}, *did2, "after %v", *did)
	assert.Equal(t, promoted, primaryOf(t, w))
}

func TestWikiWithOneDatabaseHasNothingToPromote(t *testing.T) {
	web := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "mediawiki-app", Namespace: theNamespace}}
	w := &operate.Wiki{Client: fake.NewClientset(web), Namespace: theNamespace, Name: "mediawiki"}
	require.ErrorContains(t, w.Promote(t.Context(), false, func(string) {}), "database.replicas 2")
	w.Namespace = "elsewhere"
	require.ErrorContains(t, w.Promote(t.Context(), false, func(string) {}), "namespace elsewhere has no wiki")
}
