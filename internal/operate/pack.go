package operate

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// pack writes a tar of the dump, and of the files in a folder of the uploads.
func pack(ctx context.Context, out io.Writer, dump *dump, uploads, folder string) error {
	packed := tar.NewWriter(out)
	if err := packed.WriteHeader(&tar.Header{Name: "database", Mode: 0o644, Size: dump.size}); err != nil {
		return err
	}
	if err := dump.writeTo(ctx, packed, func(string) {}); err != nil {
		return err
	}
	if uploads == "" {
		return packed.Close()
	}
	err := eachFile(uploads, func(header *tar.Header, content io.Reader) error {
		name, inside := strings.CutPrefix(header.Name, folder)
		if !inside || remade.MatchString(name) {
			return nil
		}
		entry := &tar.Header{Name: "uploads/" + name, Mode: 0o644, Size: header.Size, ModTime: header.ModTime}
		if err := packed.WriteHeader(entry); err != nil {
			return err
		}
		_, err := io.Copy(packed, content)
		return err
	})
	return errors.Join(err, packed.Close())
}

// upload is the path of an uploaded file as MediaWiki makes it, after the folder that holds all of them.
// https://www.mediawiki.org/wiki/Manual:$wgHashedUploadDirectory
var upload = regexp.MustCompile(`^((?:.*/)?)[0-9a-f]/[0-9a-f]{2}/[^/]+$`)

// notUploads are folders beside the uploads that look like them, and remade those that MediaWiki fills again.
var (
	notUploads = regexp.MustCompile(`(^|/)(archive|deleted|temp|thumb|transcoded|lockdir)/`)
	remade     = regexp.MustCompile(`^(temp|thumb|lockdir)/`)
)

// errFound ends a search.
var errFound = errors.New("found")

// uploadsFolder finds the folder in which uploads are.
func uploadsFolder(path string) (string, error) {
	var folder string
	err := eachFile(path, func(header *tar.Header, _ io.Reader) error {
		found := upload.FindStringSubmatch(header.Name)
		if found == nil || notUploads.MatchString(header.Name) {
			return nil
		}
		folder = found[1]
		return errFound
	})
	if errors.Is(err, errFound) {
		return folder, nil
	}
	if err == nil {
		err = errors.New("there are no uploads in it, whose paths are like a/ab/Name.png")
	}
	return "", fmt.Errorf("%s: %w\n  give the folder $wgUploadDirectory (images), or a tar of it: tar -czf images.tar.gz images", path, err)
}

// eachFile visits all regular files of a folder or a tar.
func eachFile(path string, visit func(header *tar.Header, content io.Reader) error) error {
	stream, err := open(path)
	if err != nil {
		return err
	}
	defer stream.Close()
	for files := tar.NewReader(stream); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag == tar.TypeReg {
			if err := visit(header, files); err != nil {
				return err
			}
		}
	}
}

// open opens a tar, or makes one of a folder.
func open(path string) (io.ReadCloser, error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		reader, writer := io.Pipe()
		go func() {
			folder := tar.NewWriter(writer)
			writer.CloseWithError(errors.Join(folder.AddFS(os.DirFS(path)), folder.Close()))
		}()
		return reader, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	content := bufio.NewReader(file)
	var stream io.Reader = content
	if magic, err := content.Peek(2); err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if stream, err = gzip.NewReader(content); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return struct {
		io.Reader
		io.Closer
	}{stream, file}, nil
}
