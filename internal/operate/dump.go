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

// dump is a file that has a whole dump of a database in it.
type dump struct {
	path string
	size int64 // number of bytes that writeTo writes
}

// openDump reads a dump to its end, and refuses a file that is none, or not whole.
func openDump(ctx context.Context, path string, show Printer) (*dump, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, and a dump is one file\n%s", path, dumpAgain)
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

// writeTo writes the dump, compressed by gzip, however it is packed.
func (d *dump) writeTo(ctx context.Context, out io.Writer, show Printer) error {
	file, err := unpacked(ctx, d.path)
	if err != nil {
		return err
	}
	defer file.Close()
	content := bufio.NewReaderSize(file, inspected)
	first, err := content.Peek(inspected)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("cannot be read: %w\n%s", err, dumpAgain)
	}
	if err := checkKind(first); err != nil {
		return err
	}
	ends := dumpEnd(first)
	packed, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	var last tail
	reader := &counted{Reader: content, show: show, verb: "read"}
	if _, err := io.Copy(io.MultiWriter(packed, &last), reader); err != nil {
		return fmt.Errorf("cannot be read to its end, after %.1f MB: %w\n%s", float64(reader.read)/1e6, err, dumpAgain)
	}
	if err := ends.check(last); err != nil {
		return err
	}
	return packed.Close()
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// tail is the end of what was written to it.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	if surplus := len(*t) - inspected; surplus > 0 {
		*t = append((*t)[:0], (*t)[surplus:]...)
	}
	return len(p), nil
}
