package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Import imports a wiki that ran elsewhere into this one, which has to be new.
//
// path is the path of a dump by mariadb-dump, mysqldump, phpMyAdmin, Adminer or HeidiSQL, plain or compressed. images is the path of the
// upload directory, or of a tar or zip of it; empty if there are no uploads. Import checks that both exist and that the wiki is new before
// it reads them, and reads both to the end before it changes anything.
func (w *Wiki) Import(ctx context.Context, path, images string, show Printer) error {
	for _, path := range []string{path, images} {
		if _, err := os.Stat(path); path != "" && err != nil {
			return err
		}
	}
	show("checking that the wiki is new")
	if err := w.runMigration(ctx, "check-import", show); err != nil {
		return err
	}
	job, err := w.likeMigration(ctx, "import")
	if err != nil {
		return err
	}
	dump, err := openDump(ctx, path, show)
	if err != nil {
		return err
	}
	var files *uploads
	if images != "" {
		if files, err = findUploads(ctx, images, show); err != nil {
			return err
		}
	}
	job.Spec.PodFailurePolicy = nil // the input is sent only once: a second Pod would wait for it in vain
	job.Spec.BackoffLimit = new(int32)
	container := &job.Spec.Template.Spec.Containers[0]
	container.Stdin, container.StdinOnce = true, true

	reader, writer := io.Pipe()
	packed := make(chan error, 1)
	go func() {
		err := pack(ctx, writer, dump, files)
		writer.CloseWithError(err)
		packed <- err
	}()
	sending := &progressReader{Reader: reader, stop: ctx.Err, show: show, verb: "sent"}
	err = w.run(ctx, job, migrationContainer, show, sending)
	reader.Close() //nolint:errcheck // it stops pack if the container no longer reads
	if failed := <-packed; err != nil && failed != nil && !errors.Is(failed, io.ErrClosedPipe) {
		return fmt.Errorf("%w\n  so the input was not sent completely: %w", failed, err)
	}
	return err
}

// progressReader reports how much has been read.
type progressReader struct {
	io.Reader
	stop        func() error // returns an error to stop reading; may be nil
	show        Printer
	verb        string
	read, shown int64
	complete    bool // whether everything has been read
}

func (r *progressReader) Read(p []byte) (int, error) {
	const step = 64 << 20
	if r.stop != nil {
		if err := r.stop(); err != nil {
			return 0, err
		}
	}
	n, err := r.Reader.Read(p)
	r.read += int64(n)
	r.complete = errors.Is(err, io.EOF)
	if r.read-r.shown >= step || errors.Is(err, io.EOF) {
		r.shown = r.read
		r.show(fmt.Sprintf("  %s %.1f MB", r.verb, float64(r.read)/1e6))
	}
	return n, err
}
