package doctor

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// enforcers are the values of the label k8s-app on Pods of network plugins that enforce NetworkPolicies.
var enforcers = []string{"calico-node", "cilium", "canal", "kube-router", "antrea", "weave-net", "kube-network-policies"}

// connectScript tries to connect to a web Pod. It runs in the job runner, whose policy allows DNS, the database, memcached, purges of the
// caches, the mail server and egress, but no web Pod.
const connectScript = `echo @fsockopen($argv[1], 8080, $number, $message, 3) ? 'open' : 'closed';`

// networkPolicies checks whether NetworkPolicies are enforced. If a wiki runs, it tries a forbidden connection; if not, it looks for a
// known network plugin.
func networkPolicies(ctx context.Context, e *Environment) ([]Finding, error) {
	if e.Namespace != "" {
		policies, err := e.Client.NetworkingV1().NetworkPolicies(e.Namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		from, err := e.ready(ctx, parts.Jobs.Of(e.Name))
		if err != nil {
			return nil, err
		}
		to, err := e.ready(ctx, parts.Web.Of(e.Name))
		if err != nil {
			return nil, err
		}
		if len(policies.Items) > 0 && from != nil && to != nil {
			return e.tryConnection(ctx, from.Name, to.Status.PodIP)
		}
	}
	pods, err := e.Client.CoreV1().Pods(metav1.NamespaceAll).List(ctx,
		metav1.ListOptions{LabelSelector: "k8s-app in (" + strings.Join(enforcers, ",") + ")"})
	if err != nil {
		return nil, err
	}
	if len(pods.Items) > 0 {
		return passed("%s is known to enforce them; once a wiki runs, the doctor tries it", pods.Items[0].Labels["k8s-app"]), nil
	}
	if cluster.IsEmbedded(e.Config.Host) {
		return passed("the embedded cluster enforces them (make status); once a wiki runs, the doctor tries it"), nil
	}
	return []Finding{{
		Level: Warning, What: "no network plugin is known to enforce them (no Calico, Cilium, …); once a wiki runs, the doctor tries it",
		Why: unenforced, Fix: cluster.OnTheMachine("microk8s enable ha-cluster") + ", which installs Calico",
	}}, nil
}

const unenforced = "every Pod of the cluster can connect to MariaDB, and a compromised web Pod to everything"

func (e *Environment) tryConnection(ctx context.Context, from, to string) ([]Finding, error) {
	answer, err := e.Exec(ctx, from, "jobs", "php", "-r", connectScript, to)
	switch {
	case err != nil:
		return nil, err
	case answer == "closed":
		return passed("are enforced: the job runner cannot connect to a web Pod, which its policy forbids"), nil
	case answer != "open":
		return nil, fmt.Errorf("the job runner printed %q", answer)
	}
	return []Finding{{
		Level: Warning, What: "are not enforced: the job runner can connect to a web Pod, which its policy forbids",
		Why: unenforced, Fix: cluster.OnTheMachine("microk8s enable ha-cluster") + ", which installs Calico",
	}}, nil
}

// ready returns a ready Pod of an app, or nil.
func (e *Environment) ready(ctx context.Context, app string) (*corev1.Pod, error) {
	pods, err := e.Client.CoreV1().Pods(e.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + app})
	if err != nil {
		return nil, err
	}
	for i := range pods.Items {
		if isReady(&pods.Items[i]) {
			return &pods.Items[i], nil
		}
	}
	return nil, nil
}
