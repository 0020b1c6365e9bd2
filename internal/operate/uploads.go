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

// uploads are the files of a wiki, in a folder or an archive.
type uploads struct {
	path string
	listing
	stream func() (io.ReadCloser, error) // of a tar
}

// findUploads reads all of a folder or an archive, so that what is wrong with it is known before anything is begun. It returns what is to
// be sent, and shows how much that is and what is left out.
func findUploads(ctx context.Context, at string, show Printer) (*uploads, error) {
	u := &uploads{path: at}
	show("reading " + at)
	advice, err := u.read(ctx, show)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	folder, err := u.choose()
	if lost := u.whatIsLost(advice); lost != nil {
		return nil, fmt.Errorf("%s: %w", at, lost)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n  give the folder $wgUploadDirectory (images), or a tar of it: "+
			"tar -chzf images.tar.gz images", at, err)
	}
	u.report(show, filepath.Join(at, folder))
	return u, nil
}

const (
	adviceTar = "pack what links lead to: tar -chzf images.tar.gz images\n" +
		"  or, if it is gone, unpack it, delete the links, and give the folder: find images -xtype l -delete"
	adviceZip    = "pack what links lead to, without zip's option -y: zip -r images.zip images"
	adviceFolder = "read it as somebody who may, such as with sudo; delete links that lead nowhere: find images -xtype l -delete"
)

// read lists all files. Its advice is what to do about those that cannot be had.
func (u *uploads) read(ctx context.Context, show Printer) (advice string, err error) {
	info, err := os.Stat(u.path)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return adviceFolder, u.readFolder(u.path, "", nil)
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("neither a folder nor a file, from which it could be read twice")
	}
	magic, err := magicOf(u.path)
	if err != nil {
		return "", err
	}
	for _, other := range otherArchives {
		if bytes.HasPrefix(magic, other.magic) {
			return "", fmt.Errorf("%s: unpack it and give the result: %s", other.is, fmt.Sprintf(other.unpack, u.path))
		}
	}
	if bytes.HasPrefix(magic, []byte("PK")) {
		return adviceZip, u.readZip()
	}
	u.stream = func() (io.ReadCloser, error) { return plainTar(u.path) }
	return adviceTar, u.readTar(ctx, show)
}

// otherArchives are kinds of archives that Go's library does not read.
var otherArchives = []struct {
	magic      []byte
	is, unpack string
}{
	{[]byte("\xfd7zXZ"), "packed by xz", "xz -dk %s"},
	{[]byte("\x28\xb5\x2f\xfd"), "packed by zstd", "zstd -d %s"},
	{[]byte("\x1f\x9d"), "packed by compress", "gzip -d %s"},
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

// plainTar reads a file as it was before gzip or bzip2.
func plainTar(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	packed := bufio.NewReaderSize(file, 1<<16)
	var plain io.Reader = packed
	switch magic, _ := packed.Peek(3); {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		if plain, err = gzip.NewReader(packed); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	case bytes.HasPrefix(magic, []byte("BZh")):
		plain = bzip2.NewReader(packed)
	}
	return struct {
		io.Reader
		io.Closer
	}{plain, file}, nil
}

// readFolder lists a folder, as if symbolic links were what they lead to. above are the folders that it is in.
func (u *uploads) readFolder(folder, prefix string, above []os.FileInfo) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		if prefix == "" {
			return err
		}
		u.lose(prefix, "cannot be read: "+innermost(err))
		return nil
	}
	self, err := os.Stat(folder)
	if err != nil {
		return err
	}
	above = append(above, self)
	for _, entry := range entries {
		at, name := filepath.Join(folder, entry.Name()), prefix+entry.Name()
		info, err := os.Stat(at)
		switch {
		case err != nil:
			u.lose(name, "cannot be read: "+innermost(err))
		case info.IsDir() && slices.ContainsFunc(above, func(a os.FileInfo) bool { return os.SameFile(a, info) }):
			u.leaveOut(name, "links that lead back to a folder that they are in")
		case info.IsDir():
			if err := u.readFolder(at, name+"/", above); err != nil {
				return err
			}
		case !info.Mode().IsRegular():
			u.leaveOut(name, "neither file nor folder")
		default:
			u.readFile(at, name, info)
		}
	}
	return nil
}

func (u *uploads) readFile(at, name string, info os.FileInfo) {
	file, err := os.Open(at)
	if err != nil {
		u.lose(name, "cannot be read: "+innermost(err))
		return
	}
	file.Close() // nothing was read
	open := func() (io.ReadCloser, error) { return os.Open(at) }
	u.files = append(u.files, upload{name, content{size: info.Size(), modified: info.ModTime(), open: open}})
}

// innermost is the reason without the operation and the path.
func innermost(err error) string {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}

func (u *uploads) readZip() error {
	archive, err := zip.OpenReader(u.path) // it stays open until the program ends
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
			child.odd = "neither file nor folder"
		}
		root.put(name, child)
	}
	root.walk("", nil, &u.listing)
	return nil
}

// target is where a symbolic link in a zip leads.
func target(link *zip.File) (string, error) {
	reader, err := link.Open()
	if err != nil {
		return "", err
	}
	defer reader.Close()
	text, err := io.ReadAll(io.LimitReader(reader, 1<<12))
	return string(text), err
}

// readTar reads a tar to its very end.
func (u *uploads) readTar(ctx context.Context, show Printer) error {
	stream, err := u.stream()
	if err != nil {
		return err
	}
	defer stream.Close()
	end := &ending{Reader: &counted{Reader: stream, stop: ctx.Err, show: show, verb: "read"}}
	root := &node{children: map[string]*node{}}
	entries := 0
	err = eachEntry(end, func(entry int, header *tar.Header, _ io.Reader) error {
		entries++
		root.add(entry, header, &u.listing)
		return nil
	})
	if err != nil && entries == 0 && errors.Is(err, tar.ErrHeader) {
		return errors.New("neither a tar, plain or packed by gzip or bzip2, nor a zip")
	}
	if err == nil {
		err = end.check()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("it was cut off: %w; copy it again", err)
	}
	root.walk("", nil, &u.listing)
	return err
}
