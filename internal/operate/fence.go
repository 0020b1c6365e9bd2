package operate

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// cutOff is how long a node must have been silent until its database has certainly closed itself: replicate.sh does so within ten seconds,
// and a node reports every ten seconds. Kubernetes considers a node lost after 50 seconds, or after 40 before version 1.32, and isGone
// waits for that, too.
const cutOff = 40 * time.Second

// closeTimeout is how long to wait for an answer from a Pod whose node may be lost.
const closeTimeout = 10 * time.Second

// isGone makes sure that a primary that the replica cannot reach accepts no edits: it closes the primary through the API server, or waits
// until the primary's node has been cut off for long enough. It returns when the node was last alive.
func (p *promotion) isGone(ctx context.Context) (time.Time, error) {
	begun, reported := time.Now(), time.Time{}
	for {
		ready, alive, err := p.node(ctx)
		switch {
		case err != nil:
			return alive, err
		case !ready && time.Since(alive) > cutOff:
			return alive, nil
		case ready:
			closing, cancel := context.WithTimeout(ctx, closeTimeout)
			err = p.run(closing, p.from, "close")
			cancel()
			if err == nil {
				p.closed = true
				return time.Now(), nil
			}
			if time.Since(begun) > 2*cutOff {
				return alive, fmt.Errorf("it is not certain that %s accepts no edits: its node is ready, but it cannot be told to stop: %w",
					p.from.app, err)
			}
		}
		if time.Since(reported) > startTimeout {
			p.show(fmt.Sprintf("  its node was last alive %s ago; after %s without a sign it is certain that it accepts no edits",
				time.Since(alive).Round(time.Second), cutOff))
			reported = time.Now()
		}
		select {
		case <-ctx.Done():
			return alive, ctx.Err()
		case <-time.After(pollInterval):
		}
	}
}

// node returns whether the node of the old primary is ready, and when it last reported to the API server.
func (p *promotion) node(ctx context.Context) (ready bool, alive time.Time, err error) {
	pod, err := p.Client.CoreV1().Pods(p.Namespace).Get(ctx, p.from.pod(), metav1.GetOptions{})
	if err != nil {
		return false, alive, err
	}
	node, err := p.Client.CoreV1().Nodes().Get(ctx, pod.Spec.NodeName, metav1.GetOptions{})
	if err != nil {
		return false, alive, err
	}
	lease, err := p.Client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Get(ctx, node.Name, metav1.GetOptions{})
	if err != nil {
		return false, alive, err
	}
	if lease.Spec.RenewTime != nil {
		alive = lease.Spec.RenewTime.Time
	}
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	}), alive, nil
}
