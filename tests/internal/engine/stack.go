package engine

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/engine"
	"github.com/pulumi/pulumi/pkg/v3/testing/integration"
	"github.com/stretchr/testify/require"
)

// Stack is a stack of the program with its own backend and PULUMI_HOME, configured as in Pulumi.local.yaml.
type Stack struct {
	*integration.ProgramTester
	// Transcript has the output of all commands and the engine's events.
	Transcript bytes.Buffer

	name           string
	stdout, stderr bytes.Buffer // of the current command
	file           string       // the stack's configuration
	backend        string       // folder of the state
	env            []string     // environment of its commands
}

// Options are additions to Pulumi.local.yaml.
type Options struct {
	// Settings are plain values by key. A dotted key is a path.
	Settings map[string]any
	// Secrets are secret values by key.
	Secrets map[string]string
}

// NewStack creates a stack. Its resources are destroyed when the test ends.
func NewStack(t *testing.T, name string, options Options) *Stack {
	t.Helper()
	s := &Stack{name: name}
	secrets := map[string]string{}
	for key, value := range options.Secrets {
		secrets[prefix+key] = value
	}
	backend := integration.MakeTempBackend(t)
	s.backend = strings.TrimPrefix(backend, "file://")
	backend += "?metadata=skip" // a killed pulumi would leave attribute files that make the state unreadable
	// Override what a developer may have set.
	s.env = []string{"PULUMI_BACKEND_URL=" + backend, "PULUMI_STACK=" + name, "PULUMI_CONFIG_PASSPHRASE_FILE="}
	s.ProgramTester = integration.ProgramTestManualLifeCycle(t, &integration.ProgramTestOptions{
		Dir:           projectFolder(t, name, options.Settings),
		StackName:     name,
		Secrets:       secrets,
		CloudURL:      backend,
		PulumiHomeDir: pulumiHome(t),
		// The program is already compiled.
		PrepareProject: func(*engine.Projinfo) error { return nil },
		// Verbose makes it use these writers.
		Verbose: true, Stdout: &s.stdout, Stderr: &s.stderr,
		NoParallel: true,
		Env:        s.env,
	})
	require.NoError(t, s.TestLifeCyclePrepare())
	require.NoError(t, s.TestLifeCycleInitialize(), s.printed())
	s.file = find(t, os.Getenv("GOPATH"), stackFile(name))
	t.Cleanup(func() {
		s.reset()
		require.NoError(t, s.TestLifeCycleDestroy(), s.printed())
	})
	return s
}

// find returns the path of the only file of that name below a folder.
func find(t *testing.T, folder, name string) string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Base(path) == name {
			found = append(found, path)
		}
		return err
	}))
	require.Len(t, found, 1, "%s below %s", name, folder)
	return found[0]
}

// Set changes a plain setting. A dotted key is a path.
func (s *Stack) Set(t *testing.T, key, value string) {
	t.Helper()
	s.Pulumi(t, "config", "set", "--path", "--", prefix+key, value)
}

// SetValue writes a value of any type into the stack's file, as an editor does. A dotted key is a path.
func (s *Stack) SetValue(t *testing.T, key string, value any) {
	t.Helper()
	content := readYAML(t, s.file)
	setPath(content["config"].(map[string]any), prefix+key, value)
	writeYAML(t, s.file, content)
}

// SetSecret changes a secret.
func (s *Stack) SetSecret(t *testing.T, key, value string) {
	t.Helper()
	s.Pulumi(t, "config", "set", "--secret", "--path", "--", prefix+key, value)
}

// Unset removes a setting, so that it has its default.
func (s *Stack) Unset(t *testing.T, key string) {
	t.Helper()
	s.Pulumi(t, "config", "rm", "--path", prefix+key)
}

// WriteFile writes a file beside Pulumi.yaml.
func (s *Stack) WriteFile(t *testing.T, name string, content []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(s.file), name), content, 0o600))
}

// Pulumi runs a command that does not change resources, and returns its standard output.
func (s *Stack) Pulumi(t *testing.T, command string, args ...string) string {
	t.Helper()
	s.reset()
	require.NoError(t, s.RunPulumiCommand(command, args...), s.printed())
	s.Transcript.WriteString(s.printed())
	return s.stdout.String()
}

// Outputs reads the stack's outputs, including secrets, which are kept out of the transcript.
func (s *Stack) Outputs(t *testing.T, into any) {
	t.Helper()
	s.reset()
	require.NoError(t, s.RunPulumiCommand("stack", "output", "--json", "--show-secrets"))
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), into))
	s.reset()
}

func (s *Stack) printed() string { return s.stdout.String() + s.stderr.String() }

func (s *Stack) reset() {
	s.stdout.Reset()
	s.stderr.Reset()
}
