package cluster

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

type client struct{ kubernetes.Interface }

func (c *Cluster) client() (*client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // no rate limit: waits poll often
	clientset, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &client{clientset}, nil
}

// healthy returns an error that names the failed checks of the API server.
func (c *client) healthy(ctx context.Context) error {
	report, err := c.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Raw()
	var failed []string
	for line := range strings.Lines(string(report)) {
		if strings.HasPrefix(line, "[-]") {
			failed = append(failed, strings.Fields(line[len("[-]"):])[0])
		}
	}
	if err != nil && len(failed) > 0 {
		return fmt.Errorf("the API server fails %s", strings.Join(failed, ", "))
	}
	return err
}

func (c *client) nodesReady(ctx context.Context, want int) error {
	nodes, err := c.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	ready := 0
	for i := range nodes.Items {
		if isReady(&nodes.Items[i]) {
			ready++
		}
	}
	if ready != want {
		return fmt.Errorf("%d of %d nodes are ready", ready, want)
	}
	return nil
}

func isReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func (c *client) dnsReady(ctx context.Context) error {
	return c.available(ctx, "kube-system", "coredns")
}

func (c *client) certManagerReady(ctx context.Context) error {
	return c.available(ctx, "cert-manager", "cert-manager")
}

// metricsServerReady returns an error unless metrics-server reports what the nodes use.
func (c *client) metricsServerReady(ctx context.Context) error {
	if err := c.available(ctx, "kube-system", "metrics-server"); err != nil {
		return err
	}
	return c.Discovery().RESTClient().Get().AbsPath("/apis/metrics.k8s.io/v1beta1/nodes").Do(ctx).Error()
}

// available returns an error unless a Deployment has an available Pod.
func (c *client) available(ctx context.Context, namespace, name string) error {
	deployment, err := c.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if deployment.Status.AvailableReplicas < 1 || deployment.Status.ObservedGeneration < deployment.Generation {
		return fmt.Errorf("%s has no available Pod", name)
	}
	return nil
}

// ingressReady returns an error unless each node has an available Pod of the ingress controller.
func (c *client) ingressReady(ctx context.Context, nodes int) error {
	set, err := c.AppsV1().DaemonSets("ingress").Get(ctx, "traefik", metav1.GetOptions{})
	if err != nil {
		return err
	}
	available := int(set.Status.NumberAvailable)
	if set.Status.ObservedGeneration < set.Generation || int(set.Status.UpdatedNumberScheduled) < nodes {
		available = 0
	}
	if available < nodes {
		return fmt.Errorf("traefik is available on %d of %d nodes", available, nodes)
	}
	return nil
}
