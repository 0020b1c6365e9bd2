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

var errChanged = errors.New("it has changed since it was looked at: is the old wiki still in use?")

// packer writes what an import sends: a tar of the dump, of the uploads, and at last of how much that was. A tar that is cut off is a good
// one to GNU tar, so the receiver looks for that last entry.
type packer struct {
	tar  *tar.Writer
	sent sent
}

// sent is what the last entry says.
type sent struct {
	Database int64 `json:"database"` // bytes
	Files    int   `json:"files"`
	Bytes    int64 `json:"bytes"`
}

// pack writes a tar of the dump and the uploads, which may be nil. If it fails, the tar has no end.
func pack(ctx context.Context, out io.Writer, dump *dump, from *uploads) error {
	p := &packer{tar: tar.NewWriter(out)}
	if err := p.dump(ctx, dump); err != nil {
		return err
	}
	if from != nil {
		if err := p.uploads(from); err != nil {
			return fmt.Errorf("%s: %w", from.path, err)
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
	// GNU tar takes the names of its own format as they are, in whatever encoding.
	return p.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: size, ModTime: modified, Format: tar.FormatGNU})
}

func (p *packer) dump(ctx context.Context, dump *dump) error {
	p.sent.Database = dump.size
	if err := p.header("database", dump.size, time.Time{}); err != nil {
		return err
	}
	return dump.writeTo(ctx, p.tar, func(string) {})
}

// uploads sends all files.
func (p *packer) uploads(from *uploads) error {
	if from.stream == nil {
		for _, file := range from.files {
			if err := p.opened(file); err != nil {
				return fmt.Errorf("%s: %w", file.name, err)
			}
		}
		return nil
	}
	wanted := map[int][]upload{} // by the entry of the tar; one that links lead to has several names
	for _, file := range from.files {
		wanted[file.entry] = append(wanted[file.entry], file)
	}
	stream, err := from.stream()
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

func (p *packer) opened(file upload) error {
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
	return exactly(p.tar, content, file.size)
}

// link sends another name of a file that was sent.
func (p *packer) link(file, same upload) error {
	p.sent.Files++
	p.sent.Bytes += file.size
	return p.tar.WriteHeader(&tar.Header{
		Typeflag: tar.TypeLink, Name: "uploads/" + file.name, Linkname: "uploads/" + same.name, Mode: 0o644, ModTime: same.modified,
		Format: tar.FormatGNU,
	})
}

// exactly copies so many bytes, and fails if there are more or fewer.
func exactly(to io.Writer, from io.Reader, size int64) error {
	n, err := io.Copy(to, io.LimitReader(from, size))
	if err != nil {
		return err
	}
	if more, _ := io.ReadFull(from, make([]byte, 1)); n != size || more > 0 {
		return errChanged
	}
	return nil
}
