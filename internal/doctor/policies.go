package doctor

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// enforcers are the values of label k8s-app of Pods that enforce NetworkPolicies.
var enforcers = []string{"calico-node", "cilium", "canal", "kube-router", "antrea", "weave-net", "kube-network-policies"}

// knock tries to connect to a web Pod. It is run by a Pod of the job runner, whose policy lets it reach DNS, the database, memcached, the
// caches' port for purges and a mail server, and no web Pod.
const knock = `echo @fsockopen($argv[1], 8080, $number, $message, 3) ? 'open' : 'closed';`

// networkPolicies looks at whether anybody enforces them. From inside a Pod that is tried; without one it is a guess from who is there.
func networkPolicies(ctx context.Context, p *Patient) ([]Finding, error) {
	if p.Namespace != "" {
		policies, err := p.Client.NetworkingV1().NetworkPolicies(p.Namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		from, err := p.ready(ctx, p.Name+"-jobs")
		if err != nil {
			return nil, err
		}
		to, err := p.ready(ctx, p.Name+"-app")
		if err != nil {
			return nil, err
		}
		if len(policies.Items) > 0 && from != nil && to != nil {
			return p.tried(ctx, from.Name, to.Status.PodIP)
		}
	}
	pods, err := p.Client.CoreV1().Pods(metav1.NamespaceAll).List(ctx,
		metav1.ListOptions{LabelSelector: "k8s-app in (" + strings.Join(enforcers, ",") + ")"})
	if err != nil {
		return nil, err
	}
	if len(pods.Items) > 0 {
		return fine("%s enforces them, by its name; when a wiki runs, it is tried", pods.Items[0].Labels["k8s-app"]), nil
	}
	return []Finding{{
		Level: Warning, What: "nobody is known to enforce them (no Calico, Cilium, …); when a wiki runs, it is tried",
		Why: unenforced, Type: onTheMachine("microk8s enable ha-cluster") + ", which brings Calico",
	}}, nil
}

const unenforced = "without that every Pod of the cluster may talk to MariaDB, and a broken web Pod to everything"

func (p *Patient) tried(ctx context.Context, from, to string) ([]Finding, error) {
	answer, err := p.Exec(ctx, from, "jobs", "php", "-r", knock, to)
	switch {
	case err != nil:
		return nil, err
	case answer == "closed":
		return fine("are enforced: the job runner does not reach a web Pod, which its policy forbids"), nil
	case answer != "open":
		return nil, fmt.Errorf("the job runner said %q", answer)
	}
	return []Finding{{
		Level: Warning, What: "are not enforced: the job runner reaches a web Pod, which its policy forbids",
		Why: unenforced, Type: onTheMachine("microk8s enable ha-cluster") + ", which brings Calico",
	}}, nil
}

// ready is a Pod of an app that is; nil if none is.
func (p *Patient) ready(ctx context.Context, app string) (*corev1.Pod, error) {
	pods, err := p.Client.CoreV1().Pods(p.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + app})
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
