package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Import makes a wiki that ran elsewhere this one, which has to be new.
//
// path is that of a dump as mariadb-dump, mysqldump, phpMyAdmin or Adminer write it, plain or compressed. images is the path of the
// folder of images, or of a tar or zip of it; empty if there are none. Both are read before anything is begun.
func (w *Wiki) Import(ctx context.Context, path, images string, show Printer) error {
	job, err := w.likeMigration(ctx, "import")
	if err != nil {
		return err
	}
	dump, err := openDump(ctx, path, show)
	if err != nil {
		return err
	}
	var from *uploads
	if images != "" {
		if from, err = findUploads(ctx, images, show); err != nil {
			return err
		}
	}
	job.Spec.PodFailurePolicy = nil // a second Pod would wait in vain for what the first one was given
	job.Spec.BackoffLimit = new(int32)
	container := &job.Spec.Template.Spec.Containers[0]
	container.Stdin, container.StdinOnce = true, true

	reader, writer := io.Pipe()
	packed := make(chan error, 1)
	go func() {
		err := pack(ctx, writer, dump, from)
		writer.CloseWithError(err)
		packed <- err
	}()
	sending := &counted{Reader: reader, stop: ctx.Err, show: show, verb: "sent"}
	err = w.run(ctx, job, migrationContainer, show, sending)
	reader.Close() //nolint:errcheck // it ends the writing if nobody reads on
	if failed := <-packed; err != nil && failed != nil && !errors.Is(failed, io.ErrClosedPipe) {
		return fmt.Errorf("%w\n  so not all of it was sent: %w", failed, err)
	}
	return err
}

// counted shows how much of it has been read.
type counted struct {
	io.Reader
	stop        func() error // what ends the reading, if it is not nil
	show        Printer
	verb        string
	read, shown int64
	whole       bool // whether all of it has been
}

func (c *counted) Read(p []byte) (int, error) {
	const step = 64 << 20
	if c.stop != nil {
		if err := c.stop(); err != nil {
			return 0, err
		}
	}
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	c.whole = errors.Is(err, io.EOF)
	if c.read-c.shown >= step || errors.Is(err, io.EOF) {
		c.shown = c.read
		c.show(fmt.Sprintf("  %s %.1f MB", c.verb, float64(c.read)/1e6))
	}
	return n, err
}
