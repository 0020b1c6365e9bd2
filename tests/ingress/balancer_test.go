package ingress

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// balanced is the address that the load balancer assigns. It belongs to no node.
const balanced = "203.0.113.10"

// isBalanced turns the Service into a LoadBalancer, and routes its address to each node in turn, as MetalLB does when it elects another
// node.
func (w *wiki) isBalanced(t *testing.T, readers ...string) {
	t.Helper()
	w.assignAddresses(t)
	w.Set(t, "serviceType", "LoadBalancer")
	w.Up(t)
	v := w.at(w.door.only(balanced)).overHTTP()
	for _, node := range w.door.nodes {
		v.isServedBy(t, node, readers...)
	}
}

// isServedBy checks the wiki while its address is routed to a node.
func (w *wiki) isServedBy(t *testing.T, node string, readers ...string) {
	t.Helper()
	route(t, "add", balanced+"/32", "via", node)
	defer route(t, "delete", balanced+"/32", "via", node)
	await.Success(t, "the node has noticed that there is an address", func() error {
		_, err := w.reader(readers[0]).Page(t.Context(), "Main Page")
		return err
	})
	w.distinguishes(t, readers...)
	w.onlyOneIsBlocked(t, readers[0], readers[1])
}

// assignAddresses gives an address to each Service of the wiki that waits for one, until the test ends.
func (w *wiki) assignAddresses(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	services := w.Kube.CoreV1().Services(w.Name)
	assign := func() error {
		list, err := services.List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, service := range list.Items {
			if service.Spec.Type != corev1.ServiceTypeLoadBalancer || len(service.Status.LoadBalancer.Ingress) > 0 {
				continue
			}
			service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: balanced}}
			if _, err := services.UpdateStatus(ctx, &service, metav1.UpdateOptions{}); err != nil {
				return err
			}
		}
		return nil
	}
	go func() {
		defer close(ended)
		every := time.NewTicker(500 * time.Millisecond)
		defer every.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-every.C:
				if err := assign(); ctx.Err() == nil {
					assert.NoError(t, err)
				}
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
}

func route(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ip", append([]string{"route"}, args...)...).CombinedOutput()
	require.NoError(t, err, "ip route %v: %s", args, out)
}
