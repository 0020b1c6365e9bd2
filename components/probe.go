package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// probeTiming is how often a probe is made and how long it may take, in seconds, and how many must fail in a row.
type probeTiming struct{ period, timeout, failures int }

func (t probeTiming) probe() *corev1.ProbeArgs {
	return &corev1.ProbeArgs{
		PeriodSeconds: pulumi.Int(t.period), TimeoutSeconds: pulumi.Int(t.timeout), FailureThreshold: pulumi.Int(t.failures),
	}
}

func execProbe(timing probeTiming, command ...string) *corev1.ProbeArgs {
	probe := timing.probe()
	probe.Exec = &corev1.ExecActionArgs{Command: pulumi.ToStringArray(command)}
	return probe
}

func httpProbe(timing probeTiming, path string, port int) *corev1.ProbeArgs {
	probe := timing.probe()
	probe.HttpGet = &corev1.HTTPGetActionArgs{Path: pulumi.String(path), Port: pulumi.Int(port)}
	return probe
}

func tcpProbe(timing probeTiming, port int) *corev1.ProbeArgs {
	probe := timing.probe()
	probe.TcpSocket = &corev1.TCPSocketActionArgs{Port: pulumi.Int(port)}
	return probe
}

// onExec returns a lifecycle hook that runs a command in the container.
func onExec(command ...string) *corev1.LifecycleHandlerArgs {
	return &corev1.LifecycleHandlerArgs{Exec: &corev1.ExecActionArgs{Command: pulumi.ToStringArray(command)}}
}
