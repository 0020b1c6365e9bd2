package operate

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// eachEntry calls visit for every entry of a tar.
func eachEntry(stream io.Reader, visit func(entry int, header *tar.Header, content io.Reader) error) error {
	files := tar.NewReader(stream)
	for entry := 0; ; entry++ {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(entry, header, files); err != nil {
			return err
		}
	}
}

// add adds an entry of a tar at the path where it would be unpacked.
func (n *node) add(entry int, header *tar.Header, found *listing) {
	name := clean(header.Name)
	child := &node{content: content{size: header.Size, modified: header.ModTime, entry: entry}}
	switch header.Typeflag {
	case tar.TypeXGlobalHeader, 'V': // metadata of the archive
		return
	case tar.TypeDir, 'D':
		n.mkdir(name)
		return
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
	case tar.TypeSymlink:
		child.target = header.Linkname
	case tar.TypeLink:
		same := n.find(clean(header.Linkname), 0)
		if same == nil || same.children != nil {
			found.addUnreadable(name, "is a hard link to "+header.Linkname+", which does not precede it")
			return
		}
		*child = *same
	case tar.TypeFifo, tar.TypeChar, tar.TypeBlock:
		child.special = "neither a file nor a directory"
	default:
		found.addUnreadable(name, "has a type that few programs know: "+string(rune(header.Typeflag)))
		return
	}
	if name != "" {
		n.put(name, child)
	}
}

// tailReader keeps the last bytes that were read.
type tailReader struct {
	io.Reader
	last []byte
}

// block is the size of a tar block.
const block = 512

func (t *tailReader) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	t.last = append(t.last, p[max(0, n-block):n]...)
	t.last = t.last[max(0, len(t.last)-block):]
	return n, err
}

// check reads what follows the last entry of a tar: zeros, and the checksum of the compression. A tar that is truncated between two entries
// has no zeros, and two tars in one file have another entry after the zeros.
func (t *tailReader) check() error {
	rest := make([]byte, 1<<16)
	for {
		n, err := t.Reader.Read(rest)
		if n > 0 && len(bytes.Trim(rest[:n], "\x00")) > 0 {
			return errors.New("more data follows its end: it is several tars in one file; unpack them and pass the directory")
		}
		t.last = append(t.last, rest[:n]...)
		t.last = t.last[max(0, len(t.last)-block):]
		if errors.Is(err, io.EOF) || errors.Is(err, gzip.ErrHeader) { // gzip itself also ignores trailing garbage
			break
		}
		if err != nil {
			return err
		}
	}
	if len(t.last) < block || len(bytes.Trim(t.last, "\x00")) > 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}
