// Package images builds the images that the cluster itself runs, from static binaries beside this program.
package images

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Image is an image that holds one static program.
type Image struct {
	Reference string
	Binary    string // path on this machine; in the image it is in /
	User      string
}

// Archive writes the image as an archive into dir, unless there is one that is newer than the program, and returns its path. An archive
// remains valid when the program is deleted.
func (i Image) Archive(dir string) (string, error) {
	target := filepath.Join(dir, filepath.Base(i.Binary)+".tar")
	made, madeErr := os.Stat(target)
	if source, err := os.Stat(i.Binary); err == nil {
		if madeErr == nil && made.ModTime().After(source.ModTime()) {
			return target, nil
		}
	} else if madeErr == nil {
		return target, nil
	} else {
		return "", err
	}
	image, err := i.build()
	if err != nil {
		return "", fmt.Errorf("building image %s: %w", i.Reference, err)
	}
	tag, err := name.NewTag(i.Reference)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := tarball.WriteToFile(target+".new", tag, image); err != nil {
		return "", err
	}
	return target, os.Rename(target+".new", target)
}

func (i Image) build() (v1.Image, error) {
	layer, err := i.layer()
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config.Entrypoint = []string{"/" + filepath.Base(i.Binary)}
	config.Config.User = i.User
	return mutate.ConfigFile(image, config)
}

func (i Image) layer() (v1.Layer, error) {
	program, err := os.ReadFile(i.Binary)
	if err != nil {
		return nil, err
	}
	var content bytes.Buffer
	writer := tar.NewWriter(&content)
	header := &tar.Header{Name: filepath.Base(i.Binary), Mode: 0o755, Size: int64(len(program)), Typeflag: tar.TypeReg}
	if err := writer.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := writer.Write(program); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content.Bytes())), nil
	})
}
