package doctor

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// secondDatabase checks that one of two databases accepts edits and that the other one has them, and says when to promote it.
func secondDatabase(ctx context.Context, e *Environment) ([]Finding, error) {
	_, err := e.Client.AppsV1().StatefulSets(e.Namespace).Get(ctx, parts.Database2.Of(e.Name), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return passed("there is none (database.replicas)"), nil
	}
	if err != nil {
		return nil, err
	}
	roles, err := e.Client.CoreV1().ConfigMaps(e.Namespace).Get(ctx, parts.Roles(e.Name), metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	primary, replica := parts.Database.Of(e.Name)+"-0", parts.Database2.Of(e.Name)+"-0"
	if roles.Data[parts.PrimaryKey] == parts.SecondMember {
		primary, replica = replica, primary
	}
	promote := "wiki -n " + e.Namespace + " promote     (if it does not come back soon)"
	pod, err := e.Client.CoreV1().Pods(e.Namespace).Get(ctx, primary, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return []Finding{{Level: Failure, What: primary + ", the primary, does not exist", Why: "nobody can edit", Fix: promote}}, nil
	case err != nil:
		return nil, err
	case !isReady(pod):
		return []Finding{{
			Level: Failure, What: fmt.Sprintf("%s, the primary, is not ready%s", primary, e.lostNode(ctx, pod)),
			Why: "nobody can edit", Fix: promote,
		}}, nil
	}
	leads, err := e.report(ctx, primary)
	if err != nil {
		return nil, err
	}
	follows, err := e.report(ctx, replica)
	if err != nil {
		follows = err.Error()
	}
	behind, isReplica := strings.CutPrefix(follows, "replica ")
	switch {
	case !strings.HasPrefix(leads, "primary"):
		return []Finding{{
			Level: Failure, What: primary + " is to be the primary, but accepts no edits", Why: "a promotion may have been interrupted",
			Fix: "wiki -n " + e.Namespace + " promote     (completes it)",
		}}, nil
	case !isReplica || behind == "NULL":
		return []Finding{e.notReplicated(primary, replica, follows)}, nil
	case leads != "primary ON":
		return []Finding{{
			Level: Warning, What: fmt.Sprintf("edits do not wait for %s, which is %s s behind", replica, behind),
			Why: "it is being copied, or too slow, or database.replicaTimeout is 0; if the primary is lost now, so are the last edits",
			Fix: e.kubectl("logs " + primary + " -c replication"),
		}}, nil
	}
	return passed("%s is the primary, %s has each edit before it is acknowledged, %s s behind", primary, replica, behind), nil
}

// notReplicated returns the finding that the replica does not replicate the primary. report is what the replica reports about itself.
func (e *Environment) notReplicated(primary, replica, report string) Finding {
	if strings.HasPrefix(report, "primary") {
		return Finding{
			Level: Warning, What: fmt.Sprintf("%s does not replicate %s yet", replica, primary),
			Why: "it was the primary, and becomes the replica within two minutes after a promotion; if " + primary +
				" is lost before, so are the edits since",
			Fix: "wiki -n " + e.Namespace + " doctor     (again)",
		}
	}
	return Finding{
		Level: Warning, What: fmt.Sprintf("%s does not replicate %s: %s", replica, primary, report),
		Why: "if the primary is lost now, so are the edits since then",
		Fix: e.kubectl("logs " + replica + " -c replication"),
	}
}

// report returns the role that a database reports, with the state of its replication.
func (e *Environment) report(ctx context.Context, pod string) (string, error) {
	printed, err := e.Exec(ctx, pod, "replication", "bash", "/etc/mediawiki-stack/replicate.sh", "report")
	return strings.TrimSpace(printed), err
}

// lostNode returns a clause which says that the node of a Pod is lost, or "" if it is not.
func (e *Environment) lostNode(ctx context.Context, pod *corev1.Pod) string {
	node, err := e.Client.CoreV1().Nodes().Get(ctx, pod.Spec.NodeName, metav1.GetOptions{})
	if err != nil {
		return ""
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue {
			return ", because node " + node.Name + " is lost"
		}
	}
	return ""
}
