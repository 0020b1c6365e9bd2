package operate

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
)

// Exec runs a command in a container, and returns what it printed, first to standard output and then to standard error, and its exit
// status. The error is about running it.
type Exec func(ctx context.Context, namespace, pod, container string, command ...string) (string, int, error)

// ExecWith returns an Exec that uses WebSockets, as kubectl does.
func ExecWith(config *rest.Config) Exec {
	return func(ctx context.Context, namespace, pod, container string, command ...string) (string, int, error) {
		client, err := corev1client.NewForConfig(config)
		if err != nil {
			return "", 0, err
		}
		location := client.RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("exec").
			VersionedParams(&corev1.PodExecOptions{
				Container: container, Command: command, Stdout: true, Stderr: true,
			}, scheme.ParameterCodec).URL()
		executor, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, location.String())
		if err != nil {
			return "", 0, err
		}
		var stdout, stderr bytes.Buffer // one for each: they are written at the same time
		err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr})
		text := strings.TrimSpace(stdout.String() + stderr.String())
		if ended, ok := errors.AsType[exec.CodeExitError](err); ok {
			return text, ended.Code, nil
		}
		return text, 0, err
	}
}
