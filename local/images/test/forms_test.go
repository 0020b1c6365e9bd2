package test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// member is a file in a tar archive. A text that begins with "-> " makes it a link.
type member struct{ name, text string }

func tarOf(t *testing.T, members ...member) string {
	t.Helper()
	var text bytes.Buffer
	writer := tar.NewWriter(&text)
	for _, m := range members {
		header := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.text))}
		if target, link := strings.CutPrefix(m.text, "-> "); link {
			header = &tar.Header{Name: m.name, Typeflag: tar.TypeSymlink, Linkname: target}
			m.text = ""
		}
		must(t, writer.WriteHeader(header))
		_, err := writer.Write([]byte(m.text))
		must(t, err)
	}
	must(t, writer.Close())
	return text.String()
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var compressed bytes.Buffer
	writer := gzip.NewWriter(&compressed)
	_, err := writer.Write([]byte(text))
	must(t, err)
	must(t, writer.Close())
	return compressed.String()
}

// The archives are of the forms that docker save, skopeo and buildah write.
func TestArchivesOfEachFormAreUnpacked(t *testing.T) {
	t.Parallel()
	config := fmt.Sprintf(`{"architecture":%q,"config":{"User":"cook"}}`, runtime.GOARCH)
	below := tarOf(t, member{"etc/old", "old"}, member{"etc/soup", "soup"}, member{"srv/a", "a"}, member{"srv/.b", "b"})
	above := tarOf(t, member{"etc/.wh.old", ""}, member{"srv/.wh..wh..opq", ""}, member{"srv/new", "new"})
	oci := func(manifest string) []member {
		return []member{
			{"index.json", `{"manifests":[{"digest":"sha256:m","annotations":{"org.opencontainers.image.ref.name":"soup:1"}}]}`},
			{"blobs/sha256/m", manifest},
			{"blobs/sha256/c", config},
			{"blobs/sha256/1", gzipped(t, below)},
			{"blobs/sha256/2", above},
		}
	}
	withoutInterpreters(t)
	docker := `[{"Config":"c.json","RepoTags":["soup:1"],"Layers":["1/layer.tar","2.tar"]}]`
	for name, c := range map[string]struct {
		members []member
		says    string // part of the error, if it is refused
	}{
		"docker": {members: []member{
			{"1/layer.tar", "-> ../one.tar"}, {"2.tar", above}, {"one.tar", below}, {"c.json", config}, {"manifest.json", docker},
		}},
		"OCI": {members: oci(`{"config":{"digest":"sha256:c"},"layers":[{"digest":"sha256:1"},{"digest":"sha256:2"}]}`)},
		"OCI, of several architectures": {
			oci(`{"manifests":[{"digest":"sha256:x"},{"digest":"sha256:y"}]}`), "choose one, with --override-arch",
		},
		"docker, of another architecture": {
			[]member{{"c.json", `{"architecture":"riscv64"}`}, {"manifest.json", docker}}, "apt-get install qemu-user-static",
		},
		"docker, compressed with zstd": {
			[]member{{"c.json", config}, {"manifest.json", docker}, {"1/layer.tar", "\x28\xb5\x2f\xfd"}}, "zstd",
		},
		"something else": {[]member{{"README", "soup"}}, "neither a docker archive nor an OCI archive"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			archive, root := filepath.Join(folder, "soup.tar"), filepath.Join(folder, "root")
			must(t, os.WriteFile(archive, []byte(tarOf(t, c.members...)), 0o600))
			var i image
			err := i.unpack(t.Context(), archive, root)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v, want an error that says %q", err, c.says)
				}
				return
			}
			must(t, err)
			if i.reference != "soup:1" || i.config.User != "cook" {
				t.Errorf("reference %q, user %q", i.reference, i.config.User)
			}
			found, err := filepath.Glob(filepath.Join(root, "*/*"))
			must(t, err)
			if want := []string{filepath.Join(root, "etc/soup"), filepath.Join(root, "srv/new")}; !slices.Equal(found, want) {
				t.Errorf("it has %q, want %q", found, want)
			}
		})
	}
}

// withoutInterpreters hides this machine's interpreters from the test.
func withoutInterpreters(t *testing.T) {
	t.Helper()
	registered := binfmt
	t.Cleanup(func() { binfmt = registered })
	binfmt = t.TempDir()
}

func TestImageOfAnotherArchitectureIsAcceptedWhereTheKernelHasAnInterpreter(t *testing.T) {
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	withoutInterpreters(t)
	if runsHere(other) == nil {
		t.Error("it is not refused without an interpreter")
	}
	for _, name := range []string{"qemu-aarch64", "qemu-x86_64"} {
		must(t, os.WriteFile(filepath.Join(binfmt, name), []byte("enabled\ninterpreter /usr/libexec/qemu-binfmt\nflags: POCF\n"), 0o600))
	}
	must(t, runsHere(other))
}
