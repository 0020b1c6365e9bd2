package operate

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

var errChanged = errors.New("it has changed since it was first read: is the old wiki still in use?")

// packer writes the input of an import: a tar of the dump, of the uploads, and finally of their sizes. GNU tar accepts a tar that is
// truncated between two entries, so the receiver checks for the last entry.
type packer struct {
	tar  *tar.Writer
	sent sent
}

// sent is the content of the last entry.
type sent struct {
	Database int64 `json:"database"` // bytes
	Files    int   `json:"files"`
	Bytes    int64 `json:"bytes"`
}

// pack writes a tar of the dump and the uploads, which may be nil. If it fails, the tar has no last entry.
func pack(ctx context.Context, out io.Writer, dump *dump, files *uploads) error {
	p := &packer{tar: tar.NewWriter(out)}
	if err := p.dump(ctx, dump); err != nil {
		return err
	}
	if files != nil {
		if err := p.uploads(files); err != nil {
			return fmt.Errorf("%s: %w", files.path, err)
		}
	}
	text, err := json.Marshal(p.sent)
	if err != nil {
		return err
	}
	if err := p.header("sent.json", int64(len(text)), time.Time{}); err != nil {
		return err
	}
	if _, err := p.tar.Write(text); err != nil {
		return err
	}
	return p.tar.Close()
}

func (p *packer) header(name string, size int64, modified time.Time) error {
	// GNU tar does not convert the encoding of names in its own format.
	return p.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: size, ModTime: modified, Format: tar.FormatGNU})
}

func (p *packer) dump(ctx context.Context, dump *dump) error {
	p.sent.Database = dump.size
	if err := p.header("database", dump.size, time.Time{}); err != nil {
		return err
	}
	return dump.writeTo(ctx, p.tar, func(string) {})
}

// uploads writes all files.
func (p *packer) uploads(source *uploads) error {
	if source.stream == nil {
		for _, file := range source.files {
			if err := p.openAndWrite(file); err != nil {
				return fmt.Errorf("%s: %w", file.name, err)
			}
		}
		return nil
	}
	wanted := map[int][]upload{} // by the entry of the tar, which has several names if links point to it
	for _, file := range source.files {
		wanted[file.entry] = append(wanted[file.entry], file)
	}
	stream, err := source.stream()
	if err != nil {
		return err
	}
	defer stream.Close()
	err = eachEntry(stream, func(entry int, _ *tar.Header, content io.Reader) error {
		files := wanted[entry]
		delete(wanted, entry)
		for i, file := range files {
			if i > 0 {
				if err := p.link(file, files[0]); err != nil {
					return err
				}
			} else if err := p.file(file, content); err != nil {
				return fmt.Errorf("%s: %w", file.name, err)
			}
		}
		return nil
	})
	if err == nil && len(wanted) > 0 {
		err = errChanged
	}
	return err
}

func (p *packer) openAndWrite(file upload) error {
	content, err := file.open()
	if err != nil {
		return err
	}
	defer content.Close()
	return p.file(file, content)
}

func (p *packer) file(file upload, content io.Reader) error {
	if err := p.header("uploads/"+file.name, file.size, file.modified); err != nil {
		return err
	}
	p.sent.Files++
	p.sent.Bytes += file.size
	return copyExactly(p.tar, content, file.size)
}

// link writes another name of a file that is in the tar already.
func (p *packer) link(file, same upload) error {
	p.sent.Files++
	p.sent.Bytes += file.size
	return p.tar.WriteHeader(&tar.Header{
		Typeflag: tar.TypeLink, Name: "uploads/" + file.name, Linkname: "uploads/" + same.name, Mode: 0o644, ModTime: same.modified,
		Format: tar.FormatGNU,
	})
}

// copyExactly copies this number of bytes, and fails if there are more or fewer.
func copyExactly(to io.Writer, from io.Reader, size int64) error {
	n, err := io.Copy(to, io.LimitReader(from, size))
	if err != nil {
		return err
	}
	if more, _ := io.ReadFull(from, make([]byte, 1)); n != size || more > 0 {
		return errChanged
	}
	return nil
}
