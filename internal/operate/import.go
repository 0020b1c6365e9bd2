package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Import makes a wiki that ran elsewhere this one, which has to be new.
//
// path is that of a dump as mariadb-dump, mysqldump, phpMyAdmin or Adminer write it, plain or compressed. uploads is the path of the
// folder of images, or of a tar of it, plain or compressed by gzip; empty if there are none.
func (w *Wiki) Import(ctx context.Context, path, uploads string, show Printer) error {
	job, err := w.likeMigration(ctx, "import")
	if err != nil {
		return err
	}
	folder := ""
	if uploads != "" {
		if folder, err = uploadsFolder(uploads); err != nil {
			return err
		}
	}
	dump, err := openDump(ctx, path, show)
	if err != nil {
		return err
	}
	job.Spec.PodFailurePolicy = nil // a second Pod would wait in vain for what the first one was given
	job.Spec.BackoffLimit = new(int32)
	container := &job.Spec.Template.Spec.Containers[0]
	container.Stdin, container.StdinOnce = true, true

	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(pack(ctx, writer, dump, uploads, folder)) }()
	defer reader.Close() //nolint:errcheck // it ends the writing if nobody reads on
	return w.run(ctx, job, migrationContainer, show, &counted{Reader: reader, show: show, verb: "sent"})
}

// counted shows how much of it has been read.
type counted struct {
	io.Reader
	show        Printer
	verb        string
	read, shown int64
}

func (c *counted) Read(p []byte) (int, error) {
	const step = 64 << 20
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	if c.read-c.shown >= step || errors.Is(err, io.EOF) {
		c.shown = c.read
		c.show(fmt.Sprintf("  %s %.1f MB", c.verb, float64(c.read)/1e6))
	}
	return n, err
}
