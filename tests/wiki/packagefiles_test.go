package wiki

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"io/fs"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/authority"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

// files are the contents of an archive by path.
type files map[string]string

// packageFiles reads an extension or a skin in testdata/packages.
func packageFiles(t *testing.T, name string) files {
	t.Helper()
	folder, found := os.DirFS(filepath.Join("testdata", "packages", name)), files{}
	require.NoError(t, fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(folder, path)
		found[path] = string(text)
		return err
	}))
	return found
}

// with returns the files with some of them replaced, or removed if they are empty.
func (f files) with(changes files) files {
	all := maps.Clone(f)
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	return all
}

// pack returns a tar.gz with one folder at its top, as GitHub's archives have.
func (f files) pack(t *testing.T, top string) []byte {
	t.Helper()
	var packed bytes.Buffer
	compressed := gzip.NewWriter(&packed)
	archive := tar.NewWriter(compressed)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		header := &tar.Header{Name: top + name, Mode: 0o644, Size: int64(len(f[name])), ModTime: time.Unix(1_700_000_000, 0)}
		require.NoError(t, archive.WriteHeader(header))
		_, err := archive.Write([]byte(f[name]))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, compressed.Close())
	return packed.Bytes()
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// packageServer is a server on the node that serves the same archives over HTTP and HTTPS.
type packageServer struct {
	url       string // without TLS
	secure    string // with a certificate of the authority below
	untrusted string // with a certificate of another authority
	authority string // in PEM

	lock     sync.Mutex
	archives map[string][]byte
	requests int

	hold    sync.Once
	holding chan struct{}
	down    bool
}

func newPackageServer(t *testing.T, cluster *rest.Config) *packageServer {
	t.Helper()
	s, own := &packageServer{archives: map[string][]byte{}, holding: make(chan struct{})}, authority.New(t)
	s.authority = string(own.PEM())
	s.url, s.secure, s.untrusted = s.listen(t, cluster, nil), s.listen(t, cluster, own), s.listen(t, cluster, authority.New(t))
	return s
}

// listen serves the archives at an address of the node, with a certificate if there is an authority, and returns the address.
func (s *packageServer) listen(t *testing.T, cluster *rest.Config, issuer *authority.Authority) string {
	t.Helper()
	listener, scheme := node.Listen(t, cluster), "http://"
	address := listener.Addr().(*net.TCPAddr)
	if issuer != nil {
		issued := issuer.Issue(t, address.IP.String())
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{issued}, MinVersion: tls.VersionTLS12})
		scheme = "https://"
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return scheme + address.String()
}

// ServeHTTP sends an archive. With ?moved it redirects to the archive of Pantry, as GitHub redirects to another host, and with ?loop to the
// same address. With ?cut the response ends in the middle. With ?held the first response stops in the middle until the client disconnects.
func (s *packageServer) ServeHTTP(out http.ResponseWriter, request *http.Request) {
	content, known, down := s.find(request.URL.Path)
	switch {
	case down:
		http.Error(out, "closed", http.StatusForbidden)
	case !known:
		http.NotFound(out, request)
	case request.URL.RawQuery == "moved":
		http.Redirect(out, request, "/Pantry-main.tar.gz", http.StatusFound)
	case request.URL.RawQuery == "loop":
		http.Redirect(out, request, request.URL.Path+"?loop", http.StatusFound) //nolint:gosec // its own address
	case request.URL.RawQuery == "cut", request.URL.RawQuery == "held" && s.takeHold():
		out.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = out.Write(content[:len(content)/2])
		_ = http.NewResponseController(out).Flush()
		if request.URL.RawQuery == "held" {
			<-request.Context().Done()
		}
		panic(http.ErrAbortHandler)
	default:
		_, _ = out.Write(content)
	}
}

// find returns an archive, and whether the server refuses every request.
func (s *packageServer) find(path string) (content []byte, known, down bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.requests++
	content, known = s.archives[path]
	return content, known, s.down
}

// takeHold reports whether this is the first request that is held. If so, it closes the channel holding.
func (s *packageServer) takeHold() (first bool) {
	s.hold.Do(func() {
		first = true
		close(s.holding)
	})
	return first
}

// add serves an archive, and returns it as an item of packages.
func (s *packageServer) add(name, path string, content []byte) map[string]any {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.archives[path] = content
	return map[string]any{"name": name, "url": s.url + path, "sha256": sumOf(content)}
}

// setDown makes the server refuse every request, or none.
func (s *packageServer) setDown(down bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.down = down
}

// count returns how many requests there were.
func (s *packageServer) count() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.requests
}
