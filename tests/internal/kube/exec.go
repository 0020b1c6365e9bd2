package kube

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/internal/reach"
)

// Exec runs a command in a container, as `kubectl exec` does, and returns its output. Pass secrets through stdin, not on the command line.
func (n *Namespace) Exec(ctx context.Context, pod, container, stdin string, command ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	target := reach.Pod{Config: n.Config, Namespace: n.Name, Name: pod}
	stdout, stderr, err := target.Exec(ctx, container, strings.NewReader(stdin), command...)
	if err != nil {
		return "", fmt.Errorf("%s in %s of %s: %w: %s", command[0], container, pod, err, strings.TrimSpace(stderr))
	}
	return stdout, nil
}
