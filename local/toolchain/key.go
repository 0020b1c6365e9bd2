package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/modfile"
)

// pinned is a tool with what its module's files say of it.
type pinned struct {
	tool
	version string // "v3.259.0"; empty for the project's own
	key     string // names the folder its build is kept in
}

// pin reads a tool's version and computes its key. src is the folder of this module.
func pin(src string, t tool) (pinned, error) {
	p := pinned{tool: t}
	dir := filepath.Join(src, t.dir)
	var err error
	if p.version, err = requiredVersion(filepath.Join(dir, "go.mod"), t.release); err != nil {
		return p, fmt.Errorf("%s: %w", t.name, err)
	}
	h := sha256.New()
	recipe := []any{runtime.Version(), runtime.GOOS, runtime.GOARCH, p.flags(), t.static, t.pkg, t.plugin, t.overlays}
	if err := json.NewEncoder(h).Encode(recipe); err != nil {
		return p, fmt.Errorf("%s: %w", t.name, err)
	}
	if err := hashModule(h, dir); err != nil {
		return p, fmt.Errorf("%s: %w", t.name, err)
	}
	p.key = shortKey(h)
	return p, nil
}

// flags are the flags of `go build` but for those that name a folder of this machine.
func (p pinned) flags() []string {
	link := "-s -w"
	if p.stamp != "" {
		link += " -X " + p.stamp + strings.TrimPrefix(p.version, "v")
	}
	return []string{"-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags=" + link}
}

// String is the tool's name and version, as progress lines show it.
func (p pinned) String() string {
	return strings.TrimSpace(p.name + " " + p.version)
}

// requiredVersion reads the version of module that a go.mod requires. An empty module has none.
func requiredVersion(file, module string) (string, error) {
	if module == "" {
		return "", nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	mod, err := modfile.ParseLax(file, data, nil)
	if err != nil {
		return "", err
	}
	for _, r := range mod.Require {
		if r.Mod.Path == module {
			return r.Mod.Version, nil
		}
	}
	return "", fmt.Errorf("%s requires no %s, whose version is the tool's", file, module)
}

// hashModule feeds h with names and contents of the files a module is built from: all in its folder, but for its tests and for
// modules nested in it.
func hashModule(h io.Writer, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != dir && skipFolder(path):
			return fs.SkipDir
		case !d.Type().IsRegular() || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return hashFile(h, path, rel)
	})
}

func skipFolder(path string) bool {
	if filepath.Base(path) == "testdata" {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

func hashFile(h io.Writer, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	_, err = fmt.Fprintf(h, "%x %q\n", sum.Sum(nil), name)
	return err
}

// shortKey is the part of a hash that names a folder: 64 bits, enough to tell a few hundred builds apart.
func shortKey(h hash.Hash) string {
	return hex.EncodeToString(h.Sum(nil)[:8])
}
