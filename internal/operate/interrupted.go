package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// failedError is why a Job says that it failed.
type failedError struct{ words string }

func (e failedError) Error() string { return e.words }

// interruptedError is why a Job ended that could say nothing: its Pod was deleted or killed.
type interruptedError struct{ reason string }

func (e interruptedError) Error() string { return e.reason }

// What editing.php says. The wiki is closed from one to the other, whatever becomes of the Job between them.
const (
	saysClosed = "the wiki is read-only"
	saysOpen   = "the wiki can be edited"
)

// heard shows what a container says, and remembers whether the wiki is closed.
type heard struct {
	show   Printer
	closed bool
}

func (h *heard) line(text string) {
	h.show("  " + text)
	switch {
	case strings.Contains(text, saysClosed):
		h.closed = true
	case strings.Contains(text, saysOpen):
		h.closed = false
	}
}

// explain says of a Job that was not seen to its end whether it goes on, whether the wiki is closed, and what to do.
func (w *Wiki) explain(ctx context.Context, job string, err error, said *heard, input *counted) error {
	var failed failedError
	if errors.As(err, &failed) {
		return err
	}
	closed, again := "", "nothing was changed: run the same command again"
	if said.closed {
		closed = "\n  the wiki is closed until an import or a restore ends well"
		again = "run the same command again"
	}
	var interrupted interruptedError
	if errors.As(err, &interrupted) {
		return fmt.Errorf("it was interrupted and does not go on: %w%s\n  %s", err, closed, again)
	}
	if ctx.Err() != nil {
		err = errors.New("it is not watched any more")
	}
	if input != nil && !input.whole {
		return fmt.Errorf("%w: not all was sent, so the Job ends by itself%s\n  %s", err, closed, again)
	}
	return fmt.Errorf("%w: the Job goes on%s\n  follow it: kubectl --namespace %s logs -f job/%s\n  if it fails, %s",
		err, closed, w.Namespace, job, "run the same command again")
}
