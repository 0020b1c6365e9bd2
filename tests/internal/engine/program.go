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

// Checkout is the repository's root, relative to a test package's folder.
const Checkout = "../.."

// program is the path of the compiled program.
var program string

// Main compiles the program, runs the package's tests, and exits. target is the make target that runs these tests with the tools and the
// cluster that they need.
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
	// The engine and the provider leave files in the temporary folder, including copies of the kubeconfig. Delete them with this folder.
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
	// The integration package copies a Go project below GOPATH. Keep using the module cache.
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

// checkEnvironment returns an error of one line if something that the tests need is missing.
func checkEnvironment(target string) error {
	for _, name := range []string{"CLUSTER", "KUBECONFIG", "PULUMI_HOME"} {
		if os.Getenv(name) == "" {
			return fmt.Errorf("$%s is not set; these tests need the tools and an embedded cluster; fix: make %s", name, target)
		}
	}
	if _, err := exec.LookPath("pulumi"); err != nil {
		return fmt.Errorf("%w; fix: make %s", err, target)
	}
	return nil
}
