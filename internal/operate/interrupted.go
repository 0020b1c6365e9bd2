package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// failedError is the reason that a Job itself gives for its failure.
type failedError struct{ reason string }

func (e failedError) Error() string { return e.reason }

// interruptedError is the reason why a Job ended without giving one: its Pod was deleted or killed.
type interruptedError struct{ reason string }

func (e interruptedError) Error() string { return e.reason }

// Messages of ReadOnlyMode.php. Between them the wiki is read-only, even if the Job ends.
const (
	messageReadOnly = "the wiki is read-only"
	messageEditable = "the wiki can be edited"
)

// A line that begins with detailPrefix is a detail, such as the output of MediaWiki's updater or a trace (Console::detail). Details are in
// the log of the Job. At most one each detailInterval is shown, as a sign of progress.
const (
	detailPrefix   = "  "
	detailInterval = 10 * time.Second
)

// logReader shows the log of a container and keeps track of whether the wiki is read-only.
type logReader struct {
	show     Printer
	shown    time.Time // of the last line
	readOnly bool
}

func (l *logReader) line(text string) {
	if strings.HasPrefix(text, detailPrefix) && time.Since(l.shown) < detailInterval {
		return
	}
	l.shown = time.Now()
	l.show("  " + text)
	switch {
	case strings.Contains(text, messageReadOnly):
		l.readOnly = true
	case strings.Contains(text, messageEditable):
		l.readOnly = false
	}
}

// explain adds to the error of a Job whether the Job continues, whether the wiki is read-only, and what to do.
func (w *Wiki) explain(ctx context.Context, job string, err error, log *logReader, input *progressReader) error {
	var failed failedError
	if errors.As(err, &failed) {
		return fmt.Errorf("%w\n  its whole log: kubectl --namespace %s logs job/%s", err, w.Namespace, job)
	}
	state, again := "", "nothing was changed: run the same command again"
	if log.readOnly {
		state = "\n  the wiki is read-only until an import or a restore succeeds"
		again = "run the same command again"
	}
	var interrupted interruptedError
	if errors.As(err, &interrupted) {
		return fmt.Errorf("it was interrupted and does not continue: %w%s\n  %s", err, state, again)
	}
	if ctx.Err() != nil {
		err = errors.New("stopped waiting for it")
	}
	if input != nil && !input.complete {
		return fmt.Errorf("%w: the input was not sent completely, so the Job ends by itself%s\n  %s", err, state, again)
	}
	return fmt.Errorf("%w: the Job continues%s\n  follow it: kubectl --namespace %s logs -f job/%s\n  if it fails, %s",
		err, state, w.Namespace, job, "run the same command again")
}
