package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// Preview previews an update.
func (s *Stack) Preview(t *testing.T, flags ...string) *Plan {
	t.Helper()
	return s.must(t, "preview", append(flags, "--diff")...)
}

// Up runs `pulumi up`. Its preview must have announced every change.
func (s *Stack) Up(t *testing.T, flags ...string) *Plan {
	t.Helper()
	return s.must(t, "up", flags...).requireAnnounced(t)
}

// Refresh runs `pulumi refresh`.
func (s *Stack) Refresh(t *testing.T, flags ...string) *Plan {
	t.Helper()
	return s.must(t, "refresh", flags...)
}

// Destroy runs `pulumi destroy`. Its preview must have announced every change. The stack and its configuration are kept.
func (s *Stack) Destroy(t *testing.T) *Plan {
	t.Helper()
	return s.must(t, "destroy").requireAnnounced(t)
}

func (s *Stack) must(t *testing.T, command string, flags ...string) *Plan {
	t.Helper()
	p, err := s.Operate(t, command, flags...)
	require.NoError(t, err, p.Printed)
	return p
}

// Operate runs preview, up, refresh or destroy and confirms its question. It returns the plan even if the command fails.
func (s *Stack) Operate(t *testing.T, command string, flags ...string) (*Plan, error) {
	t.Helper()
	return s.Start(command, flags...).Wait(t)
}

// Running is a command in progress. Only one may run on a stack at a time.
type Running struct {
	// Done is closed when the command ends.
	Done chan struct{}

	log     string // the event log's address, an argument that identifies the command's process
	plan    *Plan
	failed  error // why the command failed
	unknown error // why the plan is unknown
}

// Start is like Operate, but does not wait for the command to end.
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

// Wait waits until the command ends, and returns its plan and its error.
func (r *Running) Wait(t *testing.T) (*Plan, error) {
	t.Helper()
	<-r.Done
	require.NoError(t, r.unknown)
	return r.plan, r.failed
}

// Kill kills the command with the engine, the program and the plugins, as a power cut would. It returns the names of the killed programs.
func (r *Running) Kill(t *testing.T) []string {
	t.Helper()
	processes := process.Tree(r.log)
	require.NotEmpty(t, processes, "the command has already ended")
	require.NoError(t, process.Kill(processes))
	<-r.Done
	require.Error(t, r.failed)
	programs := make([]string, 0, len(processes))
	for _, p := range processes {
		programs = append(programs, p.Program)
	}
	return programs
}
