package operate

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// packings are how a dump may be compressed, by how such a file begins.
var packings = []struct {
	begins string
	unpack func(context.Context, io.Reader) (io.Reader, error)
}{
	{"\x1f\x8b", func(_ context.Context, r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"BZh", func(_ context.Context, r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	{"\x28\xb5\x2f\xfd", func(_ context.Context, r io.Reader) (io.Reader, error) {
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	}},
	{"\xfd7zXZ\x00", throughXz},
}

// unpacked opens a file and undoes the compression by gzip, bzip2, zstd, xz or zip, however often it was compressed.
func unpacked(ctx context.Context, path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	content, err := unzipped(file)
	for err == nil {
		buffered := bufio.NewReader(content)
		first, _ := buffered.Peek(6) // a shorter file is not compressed, and the next read returns the error again
		content = buffered
		packing := -1
		for i, p := range packings {
			if bytes.HasPrefix(first, []byte(p.begins)) {
				packing = i
			}
		}
		if packing < 0 {
			return struct {
				io.Reader
				io.Closer
			}{content, file}, nil
		}
		content, err = packings[packing].unpack(ctx, content)
	}
	return nil, errors.Join(fmt.Errorf("cannot be unpacked: %w", err), file.Close())
}

// unzipped returns the file's content or, of a zip, that of the one dump in it.
func unzipped(file *os.File) (io.Reader, error) {
	first := make([]byte, 4)
	if _, err := file.ReadAt(first, 0); err != nil || string(first) != "PK\x03\x04" {
		return file, nil //nolint:nilerr // a shorter file is no zip
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, err
	}
	var dumps []*zip.File
	for _, f := range archive.File {
		if strings.Contains(f.Name, ".sql") && !strings.HasPrefix(f.Name, "__MACOSX/") && !f.FileInfo().IsDir() {
			dumps = append(dumps, f)
		}
	}
	if len(dumps) != 1 {
		return nil, fmt.Errorf("%d of the %d files in it are dumps, by their names: unpack it, and give one that ends in .sql",
			len(dumps), len(archive.File))
	}
	if dumps[0].Flags&1 != 0 {
		return nil, errors.New("it is encrypted: unpack it first")
	}
	return dumps[0].Open()
}

// throughXz unpacks by the program xz.
func throughXz(ctx context.Context, r io.Reader) (io.Reader, error) {
	xz := exec.CommandContext(ctx, "xz", "-dc")
	var said bytes.Buffer
	xz.Stdin, xz.Stderr = r, &said
	out, err := xz.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := xz.Start(); err != nil {
		return nil, fmt.Errorf("%w; unpack it first: xz -d", err)
	}
	reader, writer := io.Pipe()
	go func() {
		_, err := io.Copy(writer, out)
		if ended := xz.Wait(); ended != nil {
			err = fmt.Errorf("%w: %s", ended, strings.TrimSpace(said.String()))
		}
		writer.CloseWithError(err)
	}()
	return reader, nil
}
