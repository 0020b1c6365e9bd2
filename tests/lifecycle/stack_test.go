package lifecycle

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/engine"
	"github.com/pulumi/pulumi/pkg/v3/testing/integration"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// stack is a stack of the program in a backend and a PULUMI_HOME of its own, with what Pulumi.local.yaml sets.
type stack struct {
	*integration.ProgramTester
	stdout, stderr bytes.Buffer // of the command that runs
	transcript     bytes.Buffer // of all commands: what they printed and the engine's log
	folder         string       // of the event logs
}

// newStack makes an empty stack, with these secrets in its configuration. What is deployed of it is destroyed when the test ends.
func newStack(t *testing.T, name string, secrets map[string]string) *stack {
	t.Helper()
	s := &stack{folder: t.TempDir()}
	backend := integration.MakeTempBackend(t)
	// The integration package puts the copy of a Go project below GOPATH.
	t.Setenv("GOPATH", t.TempDir())
	s.ProgramTester = integration.ProgramTestManualLifeCycle(t, &integration.ProgramTestOptions{
		Dir:           projectFolder(t, name),
		StackName:     name,
		Secrets:       secrets,
		CloudURL:      backend,
		PulumiHomeDir: pulumiHome(t),
		// The program is compiled already: nothing of it is downloaded or built.
		PrepareProject: func(*engine.Projinfo) error { return nil },
		// Verbose sends both streams to these writers.
		Verbose: true, Stdout: &s.stdout, Stderr: &s.stderr,
		NoParallel: true,
		// What a developer may have set for stacks of theirs.
		Env: []string{"PULUMI_BACKEND_URL=" + backend, "PULUMI_STACK=" + name, "PULUMI_CONFIG_PASSPHRASE_FILE="},
	})
	require.NoError(t, s.TestLifeCyclePrepare())
	require.NoError(t, s.TestLifeCycleInitialize(), s.printed())
	t.Cleanup(func() {
		s.reset()
		require.NoError(t, s.TestLifeCycleDestroy(), s.printed())
	})
	return s
}

// projectFolder is a project with the compiled program, and with Pulumi.local.yaml as the stack's configuration.
func projectFolder(t *testing.T, stack string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(checkout, "Pulumi.yaml"))
	require.NoError(t, err)
	var project map[string]any
	require.NoError(t, yaml.Unmarshal(text, &project))
	project["runtime"] = map[string]any{"name": "go", "options": map[string]any{"binary": program}}
	text, err = yaml.Marshal(project)
	require.NoError(t, err)

	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.yaml"), text, 0o600))
	local, err := os.ReadFile(filepath.Join(checkout, "Pulumi.local.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi."+stack+".yaml"), local, 0o600))
	return folder
}

// pulumiHome is an empty home with the toolchain's plugins.
func pulumiHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(os.Getenv("PULUMI_HOME"), "plugins"), filepath.Join(home, "plugins")))
	return home
}

// newSecret is text that stands nowhere but where the program puts it.
func newSecret() string { return "canary-" + rand.Text() }

// set changes a plain setting. A dotted key is a path.
func (s *stack) set(t *testing.T, key, value string) {
	t.Helper()
	s.pulumi(t, "config", "set", "--path", "mediawiki:"+key, value)
}

// preview shows what an update would change.
func (s *stack) preview(t *testing.T, flags ...string) *plan {
	t.Helper()
	p, err := s.operate(t, "preview", append(flags, "--diff")...)
	require.NoError(t, err, s.printed())
	return p
}

// up updates what is deployed.
func (s *stack) up(t *testing.T, flags ...string) *plan {
	t.Helper()
	p, err := s.operate(t, "up", append(flags, "--yes", "--skip-preview")...)
	require.NoError(t, err, s.printed())
	return p
}

// refresh reads what is deployed into the state.
func (s *stack) refresh(t *testing.T, flags ...string) *plan {
	t.Helper()
	p, err := s.operate(t, "refresh", append(flags, "--yes", "--skip-preview")...)
	require.NoError(t, err, s.printed())
	return p
}

// destroy deletes what is deployed; the stack and its configuration stay.
func (s *stack) destroy(t *testing.T) *plan {
	t.Helper()
	p, err := s.operate(t, "destroy", "--yes", "--skip-preview")
	require.NoError(t, err, s.printed())
	return p
}

// operate runs a command that works on resources. The plan is there even if the command fails.
func (s *stack) operate(t *testing.T, command string, flags ...string) (*plan, error) {
	t.Helper()
	log := filepath.Join(s.folder, "events.json")
	require.NoError(t, os.RemoveAll(log))
	s.reset()
	err := s.RunPulumiCommand(command, append(flags, "--non-interactive", "--event-log", log)...)
	s.transcript.WriteString(s.printed())
	events, readErr := os.ReadFile(log)
	require.NoError(t, readErr, s.printed())
	s.transcript.Write(events)
	return readPlan(t, events, s.printed()), err
}

// pulumi runs any other command and returns what it printed for scripts.
func (s *stack) pulumi(t *testing.T, command string, args ...string) string {
	t.Helper()
	s.reset()
	require.NoError(t, s.RunPulumiCommand(command, args...), s.printed())
	s.transcript.WriteString(s.printed())
	return s.stdout.String()
}

func (s *stack) printed() string { return s.stdout.String() + s.stderr.String() }

func (s *stack) reset() {
	s.stdout.Reset()
	s.stderr.Reset()
}
