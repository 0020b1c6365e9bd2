package test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// image is one of the archives, unpacked.
type image struct {
	// reference is the name that a cluster finds the image by.
	reference string
	// root is the unpacked root file system. Containers mount it read-only.
	root   string
	config imageConfig
	// emulated is whether its programs are for another architecture than this machine's.
	emulated bool
	// emulator is a variable that QEMU needs to run its programs, as NAME=value.
	emulator string
	// writes names the directories that the image's server writes to, besides its data.
	writes []string
}

// imageConfig is the part of an OCI image configuration that the tests read.
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
	// PHP maps its code cache where it sees nothing else, which is also where QEMU hides itself: QEMU would end. With a range of
	// addresses of their own, here 256 GiB, programs do not see QEMU's.
	mediawiki = image{writes: []string{"/tmp", "/run/apache2", "/run/lock/apache2"}, emulator: "QEMU_RESERVED_VA=0x4000000000"}
	mariadb   = image{writes: []string{"/tmp", "/run/mysqld"}}
	restic    = image{writes: []string{"/tmp"}}
	varnish   = image{writes: []string{"/tmp", "/var/lib/varnish"}}
	memcached = image{writes: []string{"/tmp"}}
	release   = flag.String("release", "trixie", "test the images made from this Debian release")
	archives  = flag.String("archives", "", "test images that were pulled elsewhere: a folder with mediawiki.tar, mariadb.tar, …")
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
	folder, err := imagesIn(ctx)
	if err != nil {
		return 0, err
	}
	if scratch, err = os.MkdirTemp("", "images-test-"); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	// Users 33 and 999 reach their files through it.
	if err := os.Chmod(scratch, 0o755); err != nil {
		return 0, err
	}
	for name, into := range map[string]*image{
		"mediawiki": &mediawiki, "mariadb": &mariadb, "restic": &restic, "varnish": &varnish, "memcached": &memcached,
	} {
		archive := filepath.Join(folder, name+".tar")
		if err := into.unpack(ctx, archive, filepath.Join(scratch, name)); err != nil {
			return 0, fmt.Errorf("%s: %w", archive, err)
		}
		if into.emulated {
			patience = 10 * time.Minute
		}
	}
	return m.Run(), nil
}

// imagesIn returns the folder of the archives to test, which are built if none is given.
func imagesIn(ctx context.Context) (string, error) {
	if *archives != "" {
		// These are about what is built here.
		return *archives, flag.Set("test.skip", "^Test(Build|StandIn)")
	}
	build := exec.CommandContext(ctx, "../build", "--release", *release)
	build.Stderr = os.Stderr
	built, err := build.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", build, err)
	}
	return strings.TrimSpace(string(built)), nil
}

// has reports whether the image has a program in a folder of its PATH.
func (i *image) has(program string) bool {
	for _, folder := range []string{"usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"} {
		if _, err := os.Lstat(filepath.Join(i.root, folder, program)); err == nil {
			return true
		}
	}
	return false
}
