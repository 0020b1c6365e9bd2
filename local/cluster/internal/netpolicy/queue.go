package netpolicy

import (
	"context"
	"time"

	"github.com/florianl/go-nfqueue/v2"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/network"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

const (
	queue      = 100 // number of the NFQUEUE in the node's namespace
	headerSize = 128 // bytes of a packet that the engine reads
	maxQueued  = 1024
)

// answer decides about the packets in the queue until ctx ends, and returns the function that closes the queue.
func answer(ctx context.Context, engine *networkpolicy.PolicyEngine) (func() error, error) {
	packets, err := nfqueue.Open(&nfqueue.Config{
		NfQueue:      queue,
		Flags:        nfqueue.NfQaCfgFlagGSO, // packets above the MTU are not split for the queue
		MaxPacketLen: headerSize,
		MaxQueueLen:  maxQueued,
		Copymode:     nfqueue.NfQnlCopyPacket,
		WriteTimeout: 100 * time.Millisecond,
	})
	if err != nil {
		return nil, err
	}
	decide := func(packet nfqueue.Attribute) int {
		verdict := nfqueue.NfDrop
		if allowed(ctx, engine, packet) {
			verdict = nfqueue.NfAccept
		}
		if err := packets.SetVerdict(*packet.PacketID, verdict); err != nil {
			klog.ErrorS(err, "Could not answer the kernel about a packet")
		}
		return 0
	}
	err = packets.RegisterWithErrorFunc(ctx, decide, func(err error) int {
		if ctx.Err() == nil && !isTimeout(err) {
			klog.ErrorS(err, "Could not read from the queue")
		}
		return 0 // go on reading
	})
	return packets.Close, err
}

func allowed(ctx context.Context, engine *networkpolicy.PolicyEngine, packet nfqueue.Attribute) bool {
	parsed, err := network.ParsePacket(*packet.Payload)
	if err != nil {
		klog.ErrorS(err, "Dropped a packet that cannot be read")
		return false
	}
	parsed.ID = *packet.PacketID
	allowed, err := engine.EvaluatePacket(ctx, &parsed)
	if err != nil {
		klog.ErrorS(err, "Dropped a packet that could not be checked", "packet", parsed)
	}
	return allowed && err == nil
}

func isTimeout(err error) bool {
	timeout, ok := err.(interface{ Timeout() bool })
	return ok && timeout.Timeout()
}
