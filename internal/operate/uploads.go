package operate

import (
	"archive/tar"
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
	"path/filepath"
	"slices"
)

// uploads are the uploaded files of a wiki, in a directory or an archive.
type uploads struct {
	path string
	listing
	stream func() (io.ReadCloser, error) // opens a tar; nil for others
}

// findUploads reads a directory or an archive to its end, so that every problem is known before the import begins. It returns the files to
// send, and shows their number and what is omitted.
func findUploads(ctx context.Context, path string, show Printer) (*uploads, error) {
	u := &uploads{path: path}
	show("reading " + path)
	fix, err := u.read(ctx, show)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	folder, err := u.choose()
	if lost := u.lossError(fix); lost != nil {
		return nil, fmt.Errorf("%s: %w", path, lost)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n  fix:  pass the directory $wgUploadDirectory (images), or a tar of it: "+
			"tar -chzf images.tar.gz images", path, err)
	}
	u.report(show, filepath.Join(path, folder))
	return u, nil
}

const (
	fixTar = "include the targets of links: tar -chzf images.tar.gz images\n" +
		"  or:   if the targets are lost, unpack it, delete the links, and pass the directory: find images -xtype l -delete"
	fixZip    = "include the targets of links, without the option -y: zip -r images.zip images"
	fixFolder = "run this command with permission to read the files, such as with sudo; delete broken links: find images -xtype l -delete"
)

// read lists all files. fix explains what to do about unreadable ones.
func (u *uploads) read(ctx context.Context, show Printer) (fix string, err error) {
	info, err := os.Stat(u.path)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return fixFolder, u.readFolder(u.path, "", nil)
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("neither a directory nor a regular file, and it has to be read twice")
	}
	magic, err := magicOf(u.path)
	if err != nil {
		return "", err
	}
	for _, other := range otherArchives {
		if bytes.HasPrefix(magic, other.magic) {
			return "", fmt.Errorf("it is %s: unpack it and pass the result: %s", other.format, fmt.Sprintf(other.unpack, u.path))
		}
	}
	if bytes.HasPrefix(magic, []byte("PK")) {
		return fixZip, u.readZip()
	}
	u.stream = func() (io.ReadCloser, error) { return plainTar(u.path) }
	return fixTar, u.readTar(ctx, show)
}

// otherArchives are formats that Go's standard library cannot read.
var otherArchives = []struct {
	magic          []byte
	format, unpack string
}{
	{[]byte("\xfd7zXZ"), "compressed by xz", "xz -dk %s"},
	{[]byte("\x28\xb5\x2f\xfd"), "compressed by zstd", "zstd -d %s"},
	{[]byte("\x1f\x9d"), "compressed by compress", "gzip -d %s"},
	{[]byte("7z\xbc\xaf"), "a 7-Zip archive", "7z x %s"},
	{[]byte("Rar!"), "a RAR archive", "unrar x %s"},
}

func magicOf(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	magic := make([]byte, 8)
	n, err := io.ReadFull(file, magic)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return magic[:n], err
}

// plainTar opens a tar that may be compressed by gzip or bzip2.
func plainTar(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	compressed := bufio.NewReaderSize(file, 1<<16)
	var plain io.Reader = compressed
	switch magic, _ := compressed.Peek(3); {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		if plain, err = gzip.NewReader(compressed); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	case bytes.HasPrefix(magic, []byte("BZh")):
		plain = bzip2.NewReader(compressed)
	}
	return struct {
		io.Reader
		io.Closer
	}{plain, file}, nil
}

// readFolder lists a directory, following symbolic links. parents are the directories that contain it.
func (u *uploads) readFolder(folder, prefix string, parents []os.FileInfo) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		if prefix == "" {
			return err
		}
		u.addUnreadable(prefix, "cannot be read: "+innermost(err))
		return nil
	}
	self, err := os.Stat(folder)
	if err != nil {
		return err
	}
	parents = append(parents, self)
	for _, entry := range entries {
		at, name := filepath.Join(folder, entry.Name()), prefix+entry.Name()
		info, err := os.Stat(at)
		switch {
		case err != nil:
			u.addUnreadable(name, "cannot be read: "+innermost(err))
		case info.IsDir() && slices.ContainsFunc(parents, func(a os.FileInfo) bool { return os.SameFile(a, info) }):
			u.omit(name, "a link to a directory that contains it")
		case info.IsDir():
			if err := u.readFolder(at, name+"/", parents); err != nil {
				return err
			}
		case !info.Mode().IsRegular():
			u.omit(name, "neither a file nor a directory")
		default:
			u.readFile(at, name, info)
		}
	}
	return nil
}

func (u *uploads) readFile(at, name string, info os.FileInfo) {
	file, err := os.Open(at)
	if err != nil {
		u.addUnreadable(name, "cannot be read: "+innermost(err))
		return
	}
	file.Close() // nothing was read
	open := func() (io.ReadCloser, error) { return os.Open(at) }
	u.files = append(u.files, upload{name, content{size: info.Size(), modified: info.ModTime(), open: open}})
}

// innermost returns the reason without the operation and the path.
func innermost(err error) string {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}

func (u *uploads) readZip() error {
	archive, err := zip.OpenReader(u.path) // it stays open until the process exits
	if err != nil {
		return err
	}
	root := &node{children: map[string]*node{}}
	for _, file := range archive.File {
		name, mode := clean(file.Name), file.Mode()
		child := &node{content: content{size: int64(file.UncompressedSize64), modified: file.Modified, open: file.Open}}
		switch {
		case mode.IsDir():
			root.mkdir(name)
			continue
		case mode&os.ModeSymlink != 0:
			if child.target, err = target(file); err != nil {
				return err
			}
		case !mode.IsRegular():
			child.special = "neither a file nor a directory"
		}
		root.put(name, child)
	}
	root.walk("", nil, &u.listing)
	return nil
}

// target returns the target of a symbolic link in a zip.
func target(link *zip.File) (string, error) {
	reader, err := link.Open()
	if err != nil {
		return "", err
	}
	defer reader.Close()
	text, err := io.ReadAll(io.LimitReader(reader, 1<<12))
	return string(text), err
}

// readTar reads a tar, including what follows its last entry.
func (u *uploads) readTar(ctx context.Context, show Printer) error {
	stream, err := u.stream()
	if err != nil {
		return err
	}
	defer stream.Close()
	end := &tailReader{Reader: &progressReader{Reader: stream, stop: ctx.Err, show: show, verb: "read"}}
	root := &node{children: map[string]*node{}}
	entries := 0
	err = eachEntry(end, func(entry int, header *tar.Header, _ io.Reader) error {
		entries++
		root.add(entry, header, &u.listing)
		return nil
	})
	if err != nil && entries == 0 && errors.Is(err, tar.ErrHeader) {
		return errors.New("it is neither a zip nor a tar, plain or compressed by gzip or bzip2")
	}
	if err == nil {
		err = end.check()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("it is truncated: %w; copy it again", err)
	}
	root.walk("", nil, &u.listing)
	return err
}
