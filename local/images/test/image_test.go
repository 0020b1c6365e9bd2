package test

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// image is one of the archives, unpacked.
type image struct {
	// reference is the name that a cluster finds the image by.
	reference string
	// root is the unpacked root file system. Containers mount it read-only.
	root   string
	config imageConfig
	// writes names the directories that the image's server writes to, besides its data.
	writes []string
}

// imageConfig is the part of an OCI image configuration that the promises are about.
type imageConfig struct {
	Cmd          []string
	Entrypoint   []string
	Env          []string
	ExposedPorts map[string]struct{}
	Labels       map[string]string
	StopSignal   string
	User         string
	Volumes      map[string]struct{}
	WorkingDir   string
}

// env returns the value of one variable of the image's environment, "" when it has none.
func (c imageConfig) env(name string) string {
	for _, variable := range c.Env {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

var (
	mediawiki = image{writes: []string{"/tmp", "/run/apache2", "/run/lock/apache2"}}
	mariadb   = image{writes: []string{"/tmp", "/run/mysqld"}}
	restic    = image{writes: []string{"/tmp"}}
	varnish   = image{writes: []string{"/tmp", "/var/lib/varnish"}}
	memcached = image{writes: []string{"/tmp"}}
	release   = flag.String("release", "trixie", "test the images made from this Debian release")
	// scratch is removed when all tests are done.
	scratch string
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "images:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Geteuid() != 0 {
		return 0, errors.New("containers are run by root: run these tests as root")
	}
	if _, err := exec.LookPath("runc"); err != nil {
		return 0, errors.New("no runc on the PATH: apt-get install runc")
	}
	build := exec.CommandContext(ctx, "../build", "--release", *release)
	build.Stderr = os.Stderr
	built, err := build.Output()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", build, err)
	}
	if scratch, err = os.MkdirTemp("", "images-test-"); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	// User 33 and user 999 look for their files below it.
	if err := os.Chmod(scratch, 0o755); err != nil {
		return 0, err
	}
	for name, into := range map[string]*image{
		"mediawiki": &mediawiki, "mariadb": &mariadb, "restic": &restic, "varnish": &varnish, "memcached": &memcached,
	} {
		archive := filepath.Join(strings.TrimSpace(string(built)), name+".tar")
		if err := into.unpack(ctx, archive, filepath.Join(scratch, name)); err != nil {
			return 0, fmt.Errorf("%s: %w", archive, err)
		}
	}
	return m.Run(), nil
}

// unpack lays a docker archive's layers over each other below root.
func (i *image) unpack(ctx context.Context, archive, root string) error {
	var manifests []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	var described struct{ Config imageConfig }
	if err := readJSON(archive, "manifest.json", &manifests); err != nil {
		return err
	}
	if len(manifests) != 1 || len(manifests[0].RepoTags) != 1 {
		return fmt.Errorf("want one image with one name, got %+v", manifests)
	}
	manifest := manifests[0]
	if err := readJSON(archive, manifest.Config, &described); err != nil {
		return err
	}
	i.reference, i.root, i.config = manifest.RepoTags[0], root, described.Config
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	for _, layer := range manifest.Layers {
		script := `tar -xOf "$1" "$2" | tar -x --numeric-owner --xattrs -C "$3"`
		command := exec.CommandContext(ctx, "bash", "-o", "pipefail", "-c", script, "unpack", archive, layer, root)
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("layer %s: %w: %s", layer, err, output)
		}
		if err := applyWhiteouts(root); err != nil {
			return err
		}
	}
	return nil
}

// applyWhiteouts removes what the layer just unpacked says is no longer there.
func applyWhiteouts(root string) error {
	const prefix = ".wh."
	var gone []string
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if name, isWhiteout := strings.CutPrefix(filepath.Base(path), prefix); isWhiteout {
			if strings.HasPrefix(name, prefix) {
				return fmt.Errorf("%s: only removed files are known here, not replaced directories", path)
			}
			gone = append(gone, path, filepath.Join(filepath.Dir(path), name))
		}
		return err
	})
	for _, path := range gone {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// readJSON decodes one member of a tar archive.
func readJSON(archive, member string, into any) (err error) {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for reader := tar.NewReader(file); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("no %s in %s", member, archive)
		}
		if err != nil {
			return err
		}
		if header.Name == member {
			return json.NewDecoder(reader).Decode(into)
		}
	}
}
