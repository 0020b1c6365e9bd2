// Package reach connects to Pods through the API server and the kubelet, as kubectl's exec, attach and port-forward do. NetworkPolicies do
// not apply to these connections. They do apply to the API server's own proxy, which reaches a Pod with NetworkPolicies only if the Pod
// is on the same node.
package reach

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
)

// Pod is a Pod of a cluster.
type Pod struct {
	Config          *rest.Config
	Namespace, Name string
}

// Exec runs a command in a container and returns what it printed. input, its standard input, may be nil. The error of a command that failed
// is an exec.CodeExitError of k8s.io/client-go/util/exec.
func (p Pod) Exec(ctx context.Context, container string, input io.Reader, command ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer // one for each: they are written at the same time
	err = p.stream(ctx, "exec", &corev1.PodExecOptions{
		Container: container, Command: command, Stdin: input != nil, Stdout: true, Stderr: true,
	}, remotecommand.StreamOptions{Stdin: input, Stdout: &out, Stderr: &errs})
	return out.String(), errs.String(), err
}

// Attach sends input to the standard input of a container's program until the input ends.
func (p Pod) Attach(ctx context.Context, container string, input io.Reader) error {
	return p.stream(ctx, "attach", &corev1.PodAttachOptions{Container: container, Stdin: true}, remotecommand.StreamOptions{Stdin: input})
}

// stream connects the streams of a container.
func (p Pod) stream(ctx context.Context, subresource string, parameters runtime.Object, streams remotecommand.StreamOptions) error {
	address, err := p.address(subresource, parameters)
	if err != nil {
		return err
	}
	spdy, err := remotecommand.NewSPDYExecutor(p.Config, http.MethodPost, address)
	if err != nil {
		return err
	}
	webSocket, err := remotecommand.NewWebSocketExecutor(p.Config, http.MethodGet, address.String())
	if err != nil {
		return err
	}
	executor, err := remotecommand.NewFallbackExecutor(webSocket, spdy, withoutWebSockets)
	if err != nil {
		return err
	}
	return executor.StreamWithContext(ctx, streams)
}

// withoutWebSockets reports whether an error says that the API server, or a proxy on the way to it, does not support WebSockets. SPDY may
// still work.
func withoutWebSockets(err error) bool {
	return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
}

// address returns the address of a subresource of the Pod.
func (p Pod) address(subresource string, parameters runtime.Object) (*url.URL, error) {
	client, err := corev1client.NewForConfig(p.Config)
	if err != nil {
		return nil, err
	}
	return client.RESTClient().Post().Resource("pods").Namespace(p.Namespace).Name(p.Name).SubResource(subresource).
		VersionedParams(parameters, scheme.ParameterCodec).URL(), nil
}
