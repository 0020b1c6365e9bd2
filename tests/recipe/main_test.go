// Package recipe tests every line of the article on a running stack. It needs a cluster of its own: make test-recipe.
package recipe

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// wiki is the stack that all tests share. Each test sets the number of Pods with [stack.scale].
var wiki *stack

func TestMain(m *testing.M) {
	if err := checkEnvironment(); err != nil {
		fmt.Fprintf(os.Stderr, "tests/recipe: %v; these tests need a cluster of their own; fix: make test-recipe\n", err)
		os.Exit(1)
	}
	os.Exit(run(m))
}

// run deploys the stack, tests it, and destroys it.
func run(m *testing.M) int {
	ctx := context.Background()
	deployed, err := deploy(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tests/recipe: deploy:", err)
		return max(1, destroy(ctx))
	}
	wiki = deployed
	return max(m.Run(), destroy(ctx))
}

// destroy destroys the stack and returns an exit status.
func destroy(ctx context.Context) int {
	if _, err := pulumi(ctx, "destroy", "--yes"); err != nil {
		fmt.Fprintln(os.Stderr, "tests/recipe: destroy:", err)
		return 1
	}
	return 0
}

// checkEnvironment returns an error if something that local/test sets up is missing.
func checkEnvironment() error {
	for _, name := range []string{"KUBECONFIG", "CLUSTER"} {
		if os.Getenv(name) == "" {
			return fmt.Errorf("$%s is not set", name)
		}
	}
	for _, program := range []string{command, "pulumi"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is not on the PATH", program)
		}
	}
	return nil
}
