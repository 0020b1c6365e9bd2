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

// compressions are the supported compressions of a dump, by the first bytes of a file.
var compressions = []struct {
	begins     string
	decompress func(context.Context, io.Reader) (io.Reader, error)
}{
	{"\x1f\x8b", func(_ context.Context, r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"BZh", func(_ context.Context, r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	{"\x28\xb5\x2f\xfd", func(_ context.Context, r io.Reader) (io.Reader, error) {
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	}},
	{"\xfd7zXZ\x00", decompressXz},
}

// decompressed opens a file that is compressed by gzip, bzip2, zstd, xz or zip, possibly more than once.
func decompressed(ctx context.Context, path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	content, err := unzipped(file)
	for err == nil {
		buffered := bufio.NewReader(content)
		first, _ := buffered.Peek(6) // a shorter file is not compressed, and the next Read returns the error again
		content = buffered
		found := -1
		for i, p := range compressions {
			if bytes.HasPrefix(first, []byte(p.begins)) {
				found = i
			}
		}
		if found < 0 {
			return struct {
				io.Reader
				io.Closer
			}{content, file}, nil
		}
		content, err = compressions[found].decompress(ctx, content)
	}
	return nil, errors.Join(fmt.Errorf("cannot be decompressed: %w", err), file.Close())
}

// unzipped returns the content of the file or, if it is a zip, of the one dump in it.
func unzipped(file *os.File) (io.Reader, error) {
	first := make([]byte, 4)
	if _, err := file.ReadAt(first, 0); err != nil || string(first) != "PK\x03\x04" {
		return file, nil //nolint:nilerr // a shorter file is not a zip
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
		return nil, fmt.Errorf("%d of the %d files in it have names of dumps: unpack it, and pass one that ends in .sql",
			len(dumps), len(archive.File))
	}
	if dumps[0].Flags&1 != 0 {
		return nil, errors.New("it is encrypted: unpack it first")
	}
	return dumps[0].Open()
}

// decompressXz runs the program xz.
func decompressXz(ctx context.Context, r io.Reader) (io.Reader, error) {
	xz := exec.CommandContext(ctx, "xz", "-dc")
	var stderr bytes.Buffer
	xz.Stdin, xz.Stderr = r, &stderr
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
			err = fmt.Errorf("%w: %s", ended, strings.TrimSpace(stderr.String()))
		}
		writer.CloseWithError(err)
	}()
	return reader, nil
}
