package operate

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// dump is a file that contains a complete dump of a database.
type dump struct {
	path string
	size int64 // number of bytes that writeTo writes
}

// openDump reads a dump to its end. It refuses a file that is not a dump or is truncated.
func openDump(ctx context.Context, path string, show Printer) (*dump, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		return nil, fmt.Errorf("%s is a directory, but a dump is one file\n%s", path, dumpAgain)
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is a pipe, socket or device, but a dump is read twice: write it to a file first", path)
	}
	show("reading " + path)
	d := &dump{path: path}
	var size counter
	if err := d.writeTo(ctx, &size, show); err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	d.size = int64(size)
	return d, nil
}

// writeTo decompresses the dump and writes it compressed by gzip.
func (d *dump) writeTo(ctx context.Context, out io.Writer, show Printer) error {
	file, err := decompressed(ctx, d.path)
	if err != nil {
		return err
	}
	defer file.Close()
	content := bufio.NewReaderSize(file, inspected)
	head, err := content.Peek(inspected)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("cannot be read: %w\n%s", err, dumpAgain)
	}
	if err := checkFormat(head); err != nil {
		return err
	}
	ending := dumpEnd(head)
	compressed, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	var last tail
	reader := &progressReader{Reader: content, show: show, verb: "read"}
	if _, err := io.Copy(io.MultiWriter(compressed, &last), reader); err != nil {
		return fmt.Errorf("cannot be read beyond %.1f MB: %w\n%s", float64(reader.read)/1e6, err, dumpAgain)
	}
	if err := ending.check(last); err != nil {
		return err
	}
	return compressed.Close()
}

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// tail keeps the last bytes that were written to it.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	if surplus := len(*t) - inspected; surplus > 0 {
		*t = append((*t)[:0], (*t)[surplus:]...)
	}
	return len(p), nil
}
