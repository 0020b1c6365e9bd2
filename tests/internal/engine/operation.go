package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// Preview shows what an update would change.
func (s *Stack) Preview(t *testing.T, flags ...string) *Plan {
	t.Helper()
	return s.must(t, "preview", append(flags, "--diff")...)
}

// Up updates what is deployed, after its preview, which must have announced every change that followed.
func (s *Stack) Up(t *testing.T, flags ...string) *Plan {
	t.Helper()
	return s.must(t, "up", flags...).announced(t)
}

// Refresh reads what is deployed into the state.
func (s *Stack) Refresh(t *testing.T, flags ...string) *Plan {
	t.Helper()
	return s.must(t, "refresh", flags...)
}

// Destroy deletes what is deployed, after its preview, which must have announced every change that followed. The stack and its
// configuration stay.
func (s *Stack) Destroy(t *testing.T) *Plan {
	t.Helper()
	return s.must(t, "destroy").announced(t)
}

func (s *Stack) must(t *testing.T, command string, flags ...string) *Plan {
	t.Helper()
	p, err := s.Operate(t, command, flags...)
	require.NoError(t, err, p.Printed)
	return p
}

// Operate runs a command that works on resources as a user types it: all but preview begin with a preview, and the question that
// follows is answered with yes. The plan is there even if the command fails.
func (s *Stack) Operate(t *testing.T, command string, flags ...string) (*Plan, error) {
	t.Helper()
	return s.Start(command, flags...).Wait(t)
}

// Running is a command at work. No other may run on the same stack.
type Running struct {
	// Done is closed when the command has ended.
	Done chan struct{}

	log     string // the argument that tells the command from others
	plan    *Plan
	failed  error // the command
	unknown error // what it did
}

// Start is Operate for a test that does something meanwhile.
func (s *Stack) Start(command string, flags ...string) *Running {
	r := &Running{Done: make(chan struct{})}
	log, err := newRecorder()
	if err != nil {
		r.unknown = err
		close(r.Done)
		return r
	}
	r.log = log.address
	if command != "preview" {
		flags = append(flags, "--yes")
	}
	go func() {
		defer close(r.Done)
		s.reset()
		r.failed = s.RunPulumiCommand(command, append(flags, "--non-interactive", "--event-log", r.log)...)
		streams := log.stop()
		s.Transcript.WriteString(s.printed() + strings.Join(streams, ""))
		r.plan, r.unknown = readPlan(streams, s.printed())
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
