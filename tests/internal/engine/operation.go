package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mediawiki-stack/tests/internal/process"
)

// quietly are the flags that leave out the questions and the preview that a command would start with.
var quietly = []string{"--yes", "--skip-preview"}

// Preview shows what an update would change.
func (s *Stack) Preview(t *testing.T, flags ...string) *Plan {
	t.Helper()
	return s.must(t, "preview", append(flags, "--diff")...)
}

// Up updates what is deployed.
func (s *Stack) Up(t *testing.T, flags ...string) *Plan {
	t.Helper()
	return s.must(t, "up", append(flags, quietly...)...)
}

// Refresh reads what is deployed into the state.
func (s *Stack) Refresh(t *testing.T, flags ...string) *Plan {
	t.Helper()
	return s.must(t, "refresh", append(flags, quietly...)...)
}

// Destroy deletes what is deployed; the stack and its configuration stay.
func (s *Stack) Destroy(t *testing.T) *Plan {
	t.Helper()
	return s.must(t, "destroy", quietly...)
}

func (s *Stack) must(t *testing.T, command string, flags ...string) *Plan {
	t.Helper()
	p, err := s.Operate(t, command, flags...)
	require.NoError(t, err, p.Printed)
	return p
}

// Operate runs a command that works on resources. The plan is there even if the command fails.
func (s *Stack) Operate(t *testing.T, command string, flags ...string) (*Plan, error) {
	t.Helper()
	return s.Start(command, flags...).Wait(t)
}

// Running is a command at work. No other may run on the same stack.
type Running struct {
	// Done is closed when the command has ended.
	Done chan struct{}

	log     string
	plan    *Plan
	failed  error // the command
	unknown error // what it did
}

// Start is Operate for a test that does something meanwhile.
func (s *Stack) Start(command string, flags ...string) *Running {
	r := &Running{Done: make(chan struct{}), log: filepath.Join(s.logs, "events.json")}
	go func() {
		defer close(r.Done)
		if r.unknown = os.RemoveAll(r.log); r.unknown != nil {
			return
		}
		s.reset()
		r.failed = s.RunPulumiCommand(command, append(flags, "--non-interactive", "--event-log", r.log)...)
		s.Transcript.WriteString(s.printed())
		events, err := os.ReadFile(r.log)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a command that is refused at once has none
			r.unknown = errors.Join(err, errors.New(s.printed()))
			return
		}
		s.Transcript.Write(events)
		r.plan, r.unknown = readPlan(events, s.printed())
	}()
	return r
}

// Wait waits for the command's end, and returns its plan and how it failed.
func (r *Running) Wait(t *testing.T) (*Plan, error) {
	t.Helper()
	<-r.Done
	require.NoError(t, r.unknown)
	return r.plan, r.failed
}

// Kill ends the command at once, with the engine, the program and the plugins, as when their computer loses its power. It returns the
// programs that it has ended.
func (r *Running) Kill(t *testing.T) []string {
	t.Helper()
	processes := process.Tree(r.log)
	require.NotEmpty(t, processes, "the command has ended already")
	require.NoError(t, process.Kill(processes))
	<-r.Done
	require.Error(t, r.failed)
	programs := make([]string, 0, len(processes))
	for _, p := range processes {
		programs = append(programs, p.Program)
	}
	return programs
}
