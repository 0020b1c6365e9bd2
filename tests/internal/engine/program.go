package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Checkout is the project's folder, as seen from a test package's: go test runs each in its own.
const Checkout = "../.."

// program is the compiled program, which every stack runs.
var program string

// Main compiles the program, runs the package's tests, and ends the process. target is the goal of make's that runs these tests with
// the tools and the embedded cluster that they need.
func Main(m *testing.M, target string) {
	status, err := run(m, target)
	if err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M, target string) (int, error) {
	if err := checkEnvironment(target); err != nil {
		return 0, err
	}
	// The engine and the provider leave files in the temporary folder, copies of the kubeconfig among them. They go with this one.
	folder, err := os.MkdirTemp("", "mediawiki-tests-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	if err := os.Setenv("TMPDIR", folder); err != nil {
		return 0, err
	}
	program = filepath.Join(folder, "mediawiki")
	build := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-trimpath", "-o", program, ".")
	build.Dir = Checkout
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("compiling the program: %w\n%s", err, out)
	}
	// The integration package puts the copy of a Go project below GOPATH. What Go has downloaded stays where it is.
	modules, err := exec.CommandContext(context.Background(), "go", "env", "GOMODCACHE").Output()
	if err != nil {
		return 0, fmt.Errorf("go env GOMODCACHE: %w", err)
	}
	if err := errors.Join(
		os.Setenv("GOMODCACHE", strings.TrimSpace(string(modules))), os.Setenv("GOPATH", filepath.Join(folder, "go")),
	); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// checkEnvironment says in one line what the tests miss; without it each of them would fail in a way of its own.
func checkEnvironment(target string) error {
	for _, name := range []string{"CLUSTER", "KUBECONFIG", "PULUMI_HOME"} {
		if os.Getenv(name) == "" {
			return fmt.Errorf("$%s is not set; these tests need the tools and an embedded cluster, type: make %s", name, target)
		}
	}
	if _, err := exec.LookPath("pulumi"); err != nil {
		return fmt.Errorf("%w; type: make %s", err, target)
	}
	return nil
}
