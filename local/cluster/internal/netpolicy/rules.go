package netpolicy

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
	"sigs.k8s.io/kube-network-policies/pkg/podinfo"
)

const retryTimeout = time.Second

// rules are the node's iptables rules, which put into the queue the connections that a policy may be about.
type rules struct {
	engine  *networkpolicy.PolicyEngine
	pods    *podinfo.InformerResolver
	changed chan struct{} // buffers one signal that something changed
	written string        // the table as it was last written, empty before that
}

func newRules(node string, factory informers.SharedInformerFactory) (*rules, error) {
	r := &rules{changed: make(chan struct{}, 1)}
	var err error
	r.engine, r.pods, err = newEngine(node, factory, r.change)
	return r, err
}

func (r *rules) change() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// keep updates the rules whenever Pods or policies change, until ctx ends.
func (r *rules) keep(ctx context.Context) {
	for {
		var retry <-chan time.Time
		if err := r.write(ctx); err != nil && ctx.Err() == nil {
			klog.ErrorS(err, "Could not write the rules, trying again", "in", retryTimeout)
			retry = time.After(retryTimeout)
		}
		select {
		case <-ctx.Done():
			return
		case <-r.changed:
		case <-retry:
		}
	}
}

func (r *rules) write(ctx context.Context) error {
	addresses, err := r.selected(ctx)
	if err != nil {
		return err
	}
	text := table(addresses)
	if text == r.written {
		return nil
	}
	if err := restore(ctx, text); err != nil {
		return err
	}
	klog.InfoS("Wrote the rules", "pods", addresses)
	r.written = text
	return nil
}

// selected returns the addresses of the node's Pods that a policy selects, without Pods on the host network: their address is the node's,
// and policies do not apply to them.
func (r *rules) selected(ctx context.Context) ([]string, error) {
	managed, _, err := r.engine.GetManagedIPs(ctx)
	if err != nil {
		return nil, err
	}
	addresses := make([]string, 0, len(managed))
	for _, address := range managed {
		if _, found := r.pods.LookupPod(address.String()); found {
			addresses = append(addresses, address.String())
		}
	}
	slices.Sort(addresses)
	return addresses, nil
}

// table returns the input of iptables-restore. Nothing else in a node's namespace has rules in this chain. It is evaluated after
// kube-proxy's DNAT and before its SNAT, so that policies see the Pods' own addresses and ports.
func table(addresses []string) string {
	var text strings.Builder
	text.WriteString("*mangle\n-F POSTROUTING\n")
	if len(addresses) > 0 {
		text.WriteString("-A POSTROUTING -m addrtype --src-type LOCAL -j ACCEPT\n") // the node reaches its Pods, as probes must
		text.WriteString("-A POSTROUTING -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n")
	}
	for _, address := range addresses {
		fmt.Fprintf(&text, "-A POSTROUTING -s %s -j NFQUEUE --queue-num %d\n", address, queue)
		fmt.Fprintf(&text, "-A POSTROUTING -d %s -j NFQUEUE --queue-num %d\n", address, queue)
	}
	text.WriteString("COMMIT\n")
	return text.String()
}

// restore writes all rules or none.
func restore(ctx context.Context, text string) error {
	cmd := exec.CommandContext(ctx, "iptables-restore", "--noflush", "--wait")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("iptables-restore: %w\n%s", err, out)
	}
	return nil
}
