package test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// archived lists the members of an archive that make up its image.
type archived struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// unpack extracts the layers of an archive into root, one over the other. The archive is a docker archive, as docker save and skopeo write
// it, or an OCI archive.
func (i *image) unpack(ctx context.Context, archive, root string) error {
	found, err := find(archive)
	if err != nil {
		return err
	}
	var described struct {
		Architecture string
		Config       imageConfig
	}
	if err := readJSON(archive, found.Config, &described); err != nil {
		return err
	}
	if err := runsHere(described.Architecture); err != nil {
		return err
	}
	i.root, i.config, i.reference, i.emulated = root, described.Config, archive, !native(described.Architecture)
	if len(found.RepoTags) > 0 {
		i.reference = found.RepoTags[0]
	}
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	for _, layer := range found.Layers {
		if err := unpackLayer(ctx, archive, layer, root); err != nil {
			return fmt.Errorf("layer %s: %w", layer, err)
		}
	}
	return nil
}

// find returns the only image of an archive.
func find(archive string) (archived, error) {
	var docker []archived
	err := readJSON(archive, "manifest.json", &docker)
	if err == nil && len(docker) != 1 {
		err = fmt.Errorf("want an archive of one image, got %d", len(docker))
	}
	if err == nil {
		return docker[0], nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return archived{}, err
	}
	type descriptor struct {
		Digest      string
		Annotations map[string]string
	}
	var index struct{ Manifests []descriptor }
	if err := readJSON(archive, "index.json", &index); err != nil {
		return archived{}, fmt.Errorf("neither a docker archive nor an OCI archive: %w", err)
	}
	if len(index.Manifests) != 1 {
		return archived{}, fmt.Errorf("want an archive of one image, got %d", len(index.Manifests))
	}
	blob := func(d descriptor) string { return "blobs/" + strings.Replace(d.Digest, ":", "/", 1) }
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	if err := readJSON(archive, blob(index.Manifests[0]), &manifest); err != nil {
		return archived{}, err
	}
	found := archived{Config: blob(manifest.Config)}
	for _, layer := range manifest.Layers {
		found.Layers = append(found.Layers, blob(layer))
	}
	if found.Layers == nil {
		return archived{}, errors.New("an archive of images for several architectures: choose one, with --override-arch of skopeo")
	}
	if name := index.Manifests[0].Annotations["org.opencontainers.image.ref.name"]; name != "" {
		found.RepoTags = []string{name}
	}
	return found, nil
}

// binfmt is the folder in which the kernel lists its interpreters for programs of other architectures.
var binfmt = "/proc/sys/fs/binfmt_misc"

// native reports whether programs for an architecture are this machine's own.
func native(architecture string) bool { return cmp.Or(architecture, runtime.GOARCH) == runtime.GOARCH }

// runsHere returns an error for an architecture whose programs the kernel cannot start.
func runsHere(architecture string) error {
	if native(architecture) {
		return nil
	}
	machine := map[string]string{"arm64": "aarch64", "amd64": "x86_64"}[architecture]
	interpreter, err := os.ReadFile(filepath.Join(binfmt, "qemu-"+cmp.Or(machine, architecture)))
	if err == nil && bytes.HasPrefix(interpreter, []byte("enabled")) {
		return nil
	}
	return fmt.Errorf("an image for %s, and this machine is %s: apt-get install qemu-user-static binfmt-support, so that the kernel "+
		"can start its programs, or pull the image for %s", architecture, runtime.GOARCH, runtime.GOARCH)
}

// unpackLayer deletes the files that a layer marks as deleted, and then extracts its files.
func unpackLayer(ctx context.Context, archive, layer, root string) error {
	err := readMember(archive, layer, func(r io.Reader) error {
		plain, err := uncompressed(r)
		if err != nil {
			return err
		}
		return applyWhiteouts(tar.NewReader(plain), root)
	})
	if err != nil {
		return err
	}
	return readMember(archive, layer, func(r io.Reader) error {
		plain, err := uncompressed(r)
		if err != nil {
			return err
		}
		unpack := exec.CommandContext(ctx, "tar", "-x", "--numeric-owner", "--xattrs", "--exclude=.wh.*", "-C", root)
		unpack.Stdin = plain
		if output, err := unpack.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
		return nil
	})
}

// applyWhiteouts deletes the files that a layer marks as deleted: .wh.NAME marks NAME, and .wh..wh..opq all files of its folder.
func applyWhiteouts(layer *tar.Reader, image string) (err error) {
	root, err := os.OpenRoot(image) // no link leads out of it
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for {
		header, err := layer.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		folder, name := path.Split(path.Clean(header.Name))
		name, whiteout := strings.CutPrefix(name, ".wh.")
		deleted := []string{name}
		if name == ".wh..opq" {
			entries, err := fs.ReadDir(root.FS(), path.Clean(folder))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			deleted = nil
			for _, entry := range entries {
				deleted = append(deleted, entry.Name())
			}
		}
		for _, name := range deleted {
			if whiteout {
				if err := root.RemoveAll(path.Join(folder, name)); err != nil {
					return err
				}
			}
		}
	}
}

// uncompressed returns a reader of the content of r, which may be compressed with gzip.
func uncompressed(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	magic, err := buffered.Peek(4)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return gzip.NewReader(buffered)
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return nil, errors.New("compressed with zstd, which is not read here: write a docker archive, whose layers are not compressed")
	}
	return buffered, nil
}

// readJSON decodes one member of a tar archive.
func readJSON(archive, member string, into any) error {
	return readMember(archive, member, func(r io.Reader) error { return json.NewDecoder(r).Decode(into) })
}

// readMember reads one member of a tar archive. In some archives, a layer that occurs twice is a link.
func readMember(archive, member string, read func(io.Reader) error) (err error) {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for reader := tar.NewReader(file); ; {
		header, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return fmt.Errorf("no %s in %s: %w", member, archive, os.ErrNotExist)
		case err != nil:
			return err
		case path.Clean(header.Name) != member:
		case header.Typeflag == tar.TypeSymlink:
			return readMember(archive, path.Join(path.Dir(member), header.Linkname), read) //nolint:gosec // only the archive is read
		case header.Typeflag == tar.TypeLink:
			return readMember(archive, path.Clean(header.Linkname), read)
		default:
			return read(reader)
		}
	}
}
