package netpolicy

import (
	"context"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	coreinformers "k8s.io/client-go/informers/core/v1"
	networkinginformers "k8s.io/client-go/informers/networking/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	networkinglisters "k8s.io/client-go/listers/networking/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

const (
	queue        = 100 // number of the NFQUEUE in the node's namespace; upstream's default
	retryTimeout = time.Second
)

// rules are the node's iptables rules, which put into the queue what a policy may be about.
type rules struct {
	node     string
	pods     corelisters.PodLister
	policies networkinglisters.NetworkPolicyLister
	synced   []cache.InformerSynced
	changed  chan struct{} // holds at most one: that something changed
	laid     string        // the table as it is, empty if that is not known
}

func newRules(node string, pods coreinformers.PodInformer, policies networkinginformers.NetworkPolicyInformer) (*rules, error) {
	r := &rules{node: node, pods: pods.Lister(), policies: policies.Lister(), changed: make(chan struct{}, 1)}
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), policies.Informer()} {
		_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { r.change() },
			UpdateFunc: func(any, any) { r.change() },
			DeleteFunc: func(any) { r.change() },
		})
		if err != nil {
			return nil, err
		}
		r.synced = append(r.synced, informer.HasSynced)
	}
	return r, nil
}

func (r *rules) change() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// keep keeps the rules what the cluster's Pods and policies ask for. It touches none before it knows all of these: those of
// an enforcer that was killed hold until then.
func (r *rules) keep(ctx context.Context) error {
	if !cache.WaitForCacheSync(ctx.Done(), r.synced...) {
		return ctx.Err()
	}
	for {
		var again <-chan time.Time
		if err := r.lay(ctx); err != nil && ctx.Err() == nil {
			klog.ErrorS(err, "Could not lay the rules, trying again", "in", retryTimeout)
			again = time.After(retryTimeout)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.changed:
		case <-again:
		}
	}
}

func (r *rules) lay(ctx context.Context) error {
	addresses, err := r.selected()
	if err != nil {
		return err
	}
	text := table(addresses)
	if text == r.laid {
		return nil
	}
	if err := restore(ctx, text); err != nil {
		return err
	}
	klog.InfoS("Laid the rules", "pods", addresses)
	r.laid = text
	return nil
}

// selected are the addresses of the node's Pods that a policy selects.
func (r *rules) selected() ([]string, error) {
	policies, err := r.policies.List(labels.Everything())
	if err != nil {
		return nil, err
	}
	addresses := map[string]bool{}
	for _, policy := range policies {
		selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil {
			return nil, fmt.Errorf("podSelector of NetworkPolicy %s/%s: %w", policy.Namespace, policy.Name, err)
		}
		pods, err := r.pods.Pods(policy.Namespace).List(selector)
		if err != nil {
			return nil, err
		}
		for _, pod := range pods {
			if pod.Spec.NodeName != r.node || pod.Spec.HostNetwork {
				continue
			}
			for _, address := range pod.Status.PodIPs {
				addresses[address.IP] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(addresses)), nil
}

// table is what iptables-restore reads. The chain is this program's alone: nothing else in a node's namespace has rules in it.
// It comes after kube-proxy's DNAT and before its SNAT, so that policies see Pods' own addresses and ports, as upstream's does.
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

// restore lays all rules or none.
func restore(ctx context.Context, text string) error {
	cmd := exec.CommandContext(ctx, "iptables-restore", "--noflush", "--wait")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("iptables-restore: %w\n%s", err, out)
	}
	return nil
}
