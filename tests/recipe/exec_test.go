package recipe

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
)

// exec runs a command in a container, as kubectl exec does, and returns what it prints. What must not be on a command line goes
// through stdin.
func (s *stack) exec(ctx context.Context, pod, container, stdin string, command ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request := s.kube.CoreV1().RESTClient().Post().
		Resource("pods").Namespace(s.Namespace).Name(pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{
			Container: container, Command: command, Stdin: true, Stdout: true, Stderr: true,
		}, scheme.ParameterCodec)
	executor, err := remotecommand.NewWebSocketExecutor(s.config, "GET", request.URL().String())
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{
		Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
	})
	if err != nil {
		return "", fmt.Errorf("%s in %s of %s: %w: %s", command[0], container, pod, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.String(), nil
}

// inMediaWiki runs a command that has to succeed in a Pod's MediaWiki container.
func (s *stack) inMediaWiki(t *testing.T, pod, stdin string, command ...string) string {
	t.Helper()
	printed, err := s.exec(t.Context(), pod, mediawiki, stdin, command...)
	require.NoError(t, err)
	return printed
}
