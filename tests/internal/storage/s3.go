package storage

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// S3 is a versitygw server, which stores each object as a file. The files are deleted when the test ends.
type S3 struct {
	URL         string
	Bucket      string
	Key, Secret string

	program string
	address string // HOST:PORT
	folder  string // contains a folder for each bucket
	process *exec.Cmd
}

// versitygw is the folder of the module that pins versitygw, relative to a test package.
const versitygw = "../internal/storage/versitygw"

// NewS3 starts a server with an empty bucket.
func NewS3(t *testing.T, cluster *rest.Config) *S3 {
	t.Helper()
	t.Log("building versitygw; the first time this takes two minutes")
	build := exec.CommandContext(t.Context(), "go", "-C", versitygw, "tool", "-n", "versitygw")
	var stderr strings.Builder
	build.Stderr = &stderr // includes download messages
	program, err := build.Output()
	require.NoError(t, err, stderr.String())
	listener := node.Listen(t, cluster)
	s := &S3{
		Bucket: "soup", Key: "AKIDTEST", Secret: secret.New(),
		program: strings.TrimSpace(string(program)), address: listener.Addr().String(), folder: t.TempDir(),
	}
	s.URL = "http://" + s.address
	require.NoError(t, listener.Close())
	require.NoError(t, os.Mkdir(filepath.Join(s.folder, s.Bucket), 0o755))
	s.Start(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

// Start starts the server, or starts it again after Stop.
func (s *S3) Start(t *testing.T) {
	t.Helper()
	arguments := []string{"--net=" + node.Network(), s.program, "--port", s.address, "posix", s.folder}
	s.process = exec.Command("nsenter", arguments...) //nolint:noctx // see Stop
	s.process.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.Key, "ROOT_SECRET_KEY="+s.Secret)
	output, err := os.Create(s.folder + ".log")
	require.NoError(t, err)
	defer output.Close()
	s.process.Stdout, s.process.Stderr = output, output
	require.NoError(t, s.process.Start())
	await.Success(t, "versitygw answers", func() error {
		connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", s.address)
		if err != nil {
			log, _ := os.ReadFile(output.Name())
			return fmt.Errorf("%w: %s", err, log)
		}
		return connection.Close()
	})
}

// Stop kills the server.
func (s *S3) Stop(t *testing.T) {
	t.Helper()
	if s.process == nil {
		return
	}
	require.NoError(t, s.process.Process.Kill())
	_ = s.process.Wait() // it was killed
	s.process = nil
}

// Put stores an object.
func (s *S3) Put(t *testing.T, key string, content []byte) {
	t.Helper()
	path := filepath.Join(s.folder, s.Bucket, key)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, content, 0o644))
}

// Objects returns the paths of the objects in a folder of the bucket.
func (s *S3) Objects(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.folder, s.Bucket, folder, "*"))
	require.NoError(t, err)
	return names
}

// Everything returns the names and contents of all stored objects.
func (s *S3) Everything(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // only the server writes there
		all.WriteString(path + "\n" + string(content) + "\n")
		return err
	}))
	return all.String()
}
