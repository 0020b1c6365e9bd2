package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// versionTimeout bounds how long a pulumi found on the PATH may take to tell its version; it takes a fraction of a second.
const versionTimeout = 20 * time.Second

// withoutOwn takes pulumi and its Go language host off the missing tools if the machine has both of its own: a pulumi on the PATH at
// or above the release that all pins, with a language host beside it or on the PATH.
func withoutOwn(ctx context.Context, s store, missing, all []pinned) []pinned {
	isPair := func(p pinned) bool { return p.name == pulumiName || p.name == languageName }
	if !slices.ContainsFunc(missing, isPair) {
		return missing
	}
	i := slices.IndexFunc(all, func(p pinned) bool { return p.name == pulumiName })
	if i < 0 || !hasOwnPulumi(ctx, s, all[i].version) {
		return missing
	}
	return slices.DeleteFunc(slices.Clone(missing), isPair)
}

// hasOwnPulumi reports whether the PATH, but for this store's folders, has a pulumi to use instead of building one.
func hasOwnPulumi(ctx context.Context, s store, atLeast string) bool {
	path := s.foreignPath()
	pulumi := lookPath(pulumiName, path)
	if pulumi == "" {
		return false
	}
	if lookPath(languageName, append(path, filepath.Dir(pulumi))) == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, pulumi, "version")
	cmd.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	out, err := cmd.Output()
	if err != nil {
		return false // whatever it is, it is not a pulumi to rely on
	}
	version := strings.TrimSpace(string(out))
	return semver.IsValid(version) && semver.Compare(version, atLeast) >= 0
}

// foreignPath is the PATH without folders of this store, whose tools count only under their own key.
func (s store) foreignPath() []string {
	return slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(dir string) bool {
		return strings.HasPrefix(dir, s.root+string(filepath.Separator))
	})
}

// lookPath finds a program in folders, the first that has it.
func lookPath(name string, folders []string) string {
	for _, dir := range folders {
		if !filepath.IsAbs(dir) {
			continue
		}
		if file, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return file
		}
	}
	return ""
}

// adopt links a plugin of the same version that the user's PULUMI_HOME has into the store, and reports whether there was one.
func (b builder) adopt(p pinned) (bool, error) {
	if p.plugin == "" {
		return false, nil
	}
	home := os.Getenv("PULUMI_HOME")
	if home == "" || strings.HasPrefix(home, b.store.root) {
		user, err := os.UserHomeDir()
		if err != nil {
			return false, nil //nolint:nilerr // no home, no plugins
		}
		home = filepath.Join(user, ".pulumi")
	}
	theirs := p.file(home)
	if _, err := exec.LookPath(theirs); err != nil {
		return false, nil //nolint:nilerr // not there, or not a program
	}
	return true, b.store.keep(p, func(file string) error { return os.Symlink(theirs, file) })
}
