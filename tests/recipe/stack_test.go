package recipe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
)

const (
	// command runs pulumi for a stack on the embedded cluster; users run it through make.
	command = "mediawiki-stack"
	// showSecrets makes pulumi print passwords. Errors must then not include its output.
	showSecrets = "--show-secrets"
	// replicas is the article's number of Pods.
	replicas = 2
)

// stack is the article's recipe, deployed.
type stack struct {
	outputs
	*kube.Namespace
	replicas int
}

// outputs are the stack's outputs.
type outputs struct {
	URL          string `json:"url"`
	Namespace    string `json:"namespace"`
	ServiceName  string `json:"serviceName"`
	NodePort     int32  `json:"nodePort"`
	DatabaseName string `json:"databaseName"`
	DatabaseUser string `json:"databaseUser"`
	Password     string `json:"databasePassword"`
}

// pulumi runs a pulumi command on the recipe's stack, and returns its output.
func pulumi(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, command, append([]string{"recipe"}, args...)...)
	var stdout, all bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &all
	if err := cmd.Run(); err != nil {
		if !slices.Contains(args, showSecrets) {
			all.Write(stdout.Bytes())
		}
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, all.Bytes())
	}
	return stdout.Bytes(), nil
}

// deploy deploys the recipe with its stack file unchanged.
func deploy(ctx context.Context) (*stack, error) {
	s := &stack{replicas: replicas}
	if _, err := pulumi(ctx, "up", "--yes"); err != nil {
		return nil, err
	}
	if err := s.readOutputs(ctx); err != nil {
		return nil, err
	}
	var err error
	s.Namespace, err = kube.Connect(s.outputs.Namespace)
	return s, err
}

func (s *stack) readOutputs(ctx context.Context) error {
	text, err := pulumi(ctx, "stack", "output", "--json", showSecrets)
	if err != nil {
		return err
	}
	s.outputs = outputs{}
	return json.Unmarshal(text, &s.outputs)
}

// scale sets the number of Pods, and waits until each is running and its database answers.
func (s *stack) scale(t *testing.T, pods int) {
	t.Helper()
	if s.replicas != pods {
		args := []string{"up", "--yes"}
		if pods != replicas {
			args = append(args, "-c", "mediawiki:replicas="+strconv.Itoa(pods))
		}
		s.replicas = 0 // unknown if pulumi fails
		_, err := pulumi(t.Context(), args...)
		require.NoError(t, err)
		require.NoError(t, s.readOutputs(t.Context()))
		s.replicas = pods
	}
	for _, pod := range s.pods(t) {
		s.awaitDatabase(t, pod.Name)
	}
}
