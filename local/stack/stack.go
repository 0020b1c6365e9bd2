package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	projectFile = "Pulumi.yaml"
	// standInStack is the stack whose images every stack uses on the embedded cluster.
	standInStack = "local"
	masterSecret = "mediawiki:masterSecret"
	imagesKey    = "mediawiki:images"
)

// runsProgram are the pulumi commands that run the program, which must be compiled first.
var runsProgram = []string{"up", "update", "preview", "pre", "refresh", "destroy", "watch", "import"}

// stack is a stack of the project on the embedded cluster.
type stack struct {
	name       string
	checkout   string
	folder     string // where pulumi runs; it holds everything of the stack
	program    string // the compiled program, in the cache
	cluster    string
	kubeconfig string
}

// openStack returns a stack with its paths. It creates nothing.
func openStack(name string) (*stack, error) {
	root, err := checkout()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, stackFile(name))); err != nil {
		return nil, fmt.Errorf("no stack %s: %s has no %s (there are: %s)", name, root, stackFile(name), strings.Join(stacks(root), ", "))
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("%w: set HOME or XDG_CACHE_HOME", err)
	}
	data, err := dataFolder()
	if err != nil {
		return nil, err
	}
	cluster := cmp.Or(os.Getenv("CLUSTER"), "mediawiki")
	// Each checkout has a program of its own: isCurrent would take that of another checkout, compiled later, for this one's.
	from := fmt.Sprintf("%x", sha256.Sum256([]byte(root)))[:10]
	return &stack{
		name:     name,
		checkout: root,
		folder:   filepath.Join(data, "stacks", cluster, name),
		program:  filepath.Join(cache, "mediawiki-stack", "program", cluster, name, from, "mediawiki"),
		cluster:  cluster,
	}, nil
}

// dataFolder returns the folder for everything that must not be lost.
func dataFolder() (string, error) {
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("%w: set HOME or XDG_DATA_HOME", err)
		}
		data = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(data, "mediawiki-stack"), nil
}

func stackFile(name string) string { return "Pulumi." + name + ".yaml" }

// stacks lists the stacks that a checkout has a file for.
func stacks(checkout string) []string {
	files, err := filepath.Glob(filepath.Join(checkout, stackFile("*")))
	if err != nil {
		return nil // a malformed pattern, which this one is not
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "Pulumi."), ".yaml")
	}
	return files
}

// env returns the environment in which pulumi finds the stack, its state, its passphrase and the cluster. A variable that the user has set
// for stacks of their own is left out, because a program sees the first of two values.
func (s *stack) env() []string {
	own := map[string]string{
		"PULUMI_STACK":                  s.name,
		"PULUMI_BACKEND_URL":            s.backend(),
		"PULUMI_CONFIG_PASSPHRASE_FILE": filepath.Join(s.folder, "passphrase"),
		"PULUMI_SKIP_UPDATE_CHECK":      "true",
		"KUBECONFIG":                    s.kubeconfig,
		// At each run the provider leaves a copy of the kubeconfig in the temporary folder, which is deleted with the stack.
		"TMPDIR": s.temporary(),
	}
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		_, replaced := own[name]
		return replaced || name == "PULUMI_CONFIG_PASSPHRASE" // which has precedence over the file
	})
	for name, value := range own {
		env = append(env, name+"="+value)
	}
	return env
}

// backend returns the URL of the stack's state. By default Pulumi writes a file NAME.attrs beside each file of the state. It needs none of
// them, and does not write them atomically: if pulumi is killed and leaves an empty one, no command can read the state beside it.
func (s *stack) backend() string { return "file://" + s.state() + "?metadata=skip" }

func (s *stack) state() string { return filepath.Join(s.folder, "state") }

func (s *stack) temporary() string { return filepath.Join(s.folder, "tmp") }

// prepare sets up the stack's folder for a pulumi command: files, passphrase, program, the stack itself and its master secret.
func (s *stack) prepare(ctx context.Context, command string) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	kubeconfig, err := output(ctx, "cluster", "kubeconfig", "--name", s.cluster)
	if err != nil {
		return err
	}
	s.kubeconfig = kubeconfig
	for _, dir := range []string{s.state(), s.temporary()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := removeLeftovers(s.state()); err != nil {
		return err
	}
	passphrase := filepath.Join(s.folder, "passphrase")
	if _, err := os.Stat(passphrase); errors.Is(err, fs.ErrNotExist) {
		if err := writeFile(passphrase, []byte(rand.Text()+"\n")); err != nil {
			return err
		}
	}
	config, err := s.writeFiles()
	if err != nil {
		return err
	}
	if slices.Contains(runsProgram, command) {
		if err := config.checkSize(); err != nil {
			return err
		}
		if err := s.build(ctx); err != nil {
			return err
		}
	}
	return s.ensure(ctx, config)
}

// lock waits until no other command prepares the stack: if two created it at once, each would write a passphrase.
func (s *stack) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(s.folder, "lock"), flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err == nil && !locked {
		fmt.Fprintf(os.Stderr, "another command prepares stack %s: waiting for it\n", s.name)
		_, err = lock.TryLockContext(ctx, 100*time.Millisecond)
	}
	return func() { _ = lock.Unlock() }, err
}

// ensure creates the stack and sets its master secret unless they exist.
func (s *stack) ensure(ctx context.Context, config *stackConfig) error {
	state := filepath.Join(s.state(), ".pulumi", "stacks", config.project, s.name+".json")
	if _, err := os.Stat(state); errors.Is(err, fs.ErrNotExist) {
		if err := s.pulumi(ctx, "", "stack", "init", s.name); err != nil {
			return err
		}
	}
	if config.has(masterSecret) {
		return nil
	}
	return s.pulumi(ctx, rand.Text()+rand.Text(), "config", "set", "--secret", masterSecret)
}

// pulumi runs a command and shows its output only if it fails. Secrets are passed on stdin, not on the command line.
func (s *stack) pulumi(ctx context.Context, stdin string, args ...string) error {
	cmd := exec.CommandContext(ctx, "pulumi", append(args, "--non-interactive")...)
	cmd.Dir, cmd.Env = s.folder, s.env()
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pulumi %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// output runs a command and returns the line it prints.
func output(ctx context.Context, name string, args ...string) (string, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}

// writeFile atomically writes a file that only its owner can read.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
