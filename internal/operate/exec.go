package operate

import (
	"context"
	"errors"
	"io"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/exec"

	"github.com/mediawiki-stack/mediawiki-stack/internal/reach"
)

// Attach sends input to the standard input of a running container until the input ends.
type Attach func(ctx context.Context, namespace, pod, container string, input io.Reader) error

// AttachWith returns an Attach for a cluster.
func AttachWith(config *rest.Config) Attach {
	return func(ctx context.Context, namespace, pod, container string, input io.Reader) error {
		return reach.Pod{Config: config, Namespace: namespace, Name: pod}.Attach(ctx, container, input)
	}
}

// Exec runs a command in a container, and returns what it printed, first to standard output and then to standard error, and its exit
// status. The error says why the command could not be run; it is nil if the command fails.
type Exec func(ctx context.Context, namespace, pod, container string, command ...string) (string, int, error)

// ExecWith returns an Exec for a cluster.
func ExecWith(config *rest.Config) Exec {
	return func(ctx context.Context, namespace, pod, container string, command ...string) (string, int, error) {
		stdout, stderr, err := reach.Pod{Config: config, Namespace: namespace, Name: pod}.Exec(ctx, container, nil, command...)
		text := strings.TrimSpace(stdout + stderr)
		if ended, ok := errors.AsType[exec.CodeExitError](err); ok {
			return text, ended.Code, nil
		}
		return text, 0, err
	}
}

// Fetch requests a path from a port of a Pod. If the status is an error, it returns the body together with the error.
type Fetch func(ctx context.Context, namespace, pod string, port int, path string) ([]byte, error)

// FetchWith returns a Fetch for a cluster.
func FetchWith(config *rest.Config) Fetch {
	return func(ctx context.Context, namespace, pod string, port int, path string) ([]byte, error) {
		return reach.Pod{Config: config, Namespace: namespace, Name: pod}.Get(ctx, port, path)
	}
}
