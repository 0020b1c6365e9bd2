package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// checkout is the project's folder, as seen from this package's.
const checkout = "../.."

// program is the compiled program, which every stack runs.
var program string

func TestMain(m *testing.M) {
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "lifecycle:", err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M) (int, error) {
	if err := checkEnvironment(); err != nil {
		return 0, err
	}
	// The engine and the provider leave files in the temporary folder, copies of the kubeconfig among them. They go with this one.
	folder, err := os.MkdirTemp("", "mediawiki-lifecycle-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	if err := os.Setenv("TMPDIR", folder); err != nil {
		return 0, err
	}
	program = filepath.Join(folder, "mediawiki")
	build := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-trimpath", "-o", program, ".")
	build.Dir = checkout
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("compiling the program: %w\n%s", err, out)
	}
	return m.Run(), nil
}

// checkEnvironment says in one line what the tests miss; without it each of them would fail in a way of its own.
func checkEnvironment() error {
	for _, name := range []string{"CLUSTER", "KUBECONFIG", "PULUMI_HOME"} {
		if os.Getenv(name) == "" {
			return errors.New("$" + name + " is not set; these tests need the tools and an embedded cluster, type: make test-lifecycle")
		}
	}
	if _, err := exec.LookPath("pulumi"); err != nil {
		return fmt.Errorf("%w; type: make test-lifecycle", err)
	}
	return nil
}
