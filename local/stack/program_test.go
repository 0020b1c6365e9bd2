package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestProgramIsCurrentUntilSomethingOfItChanges(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(path ...string) error
		path    []string
		current bool
	}{
		"nothing":           {func(...string) error { return nil }, nil, true},
		"a document":        {touch, []string{"docs", "a.md"}, true},
		"the settings":      {touch, []string{"Pulumi.yaml"}, false},
		"a source":          {touch, []string{"components", "a.go"}, false},
		"a source, new":     {touch, []string{"components", "b.go"}, false},
		"a source, deleted": {remove, []string{"components", "a.go"}, false},
		"a folder, deleted": {remove, []string{"components"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			root := newCheckout(t)
			for _, file := range []string{"components/a.go", "docs/a.md"} {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755); err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(root, file), "")
			}
			s := &stack{checkout: root, program: filepath.Join(t.TempDir(), "program")}
			write(t, s.program, "")
			compiled := time.Now().Add(-time.Hour)
			age(t, s.program, compiled)
			age(t, root, compiled.Add(-time.Hour))
			if err := c.change(append([]string{root}, c.path...)...); err != nil {
				t.Fatal(err)
			}
			if current, err := s.isCurrent(); err != nil || current != c.current {
				t.Errorf("current: %v, %v; want %v", current, err, c.current)
			}
		})
	}
}

func TestEachCheckoutHasAProgramOfItsOwn(t *testing.T) {
	newCheckout(t)
	one := prepared(t)
	newCheckout(t)
	if other := prepared(t); one.checkout == other.checkout || one.program == other.program {
		t.Errorf("checkouts %s and %s have the programs %s and %s", one.checkout, other.checkout, one.program, other.program)
	}
}

func TestProgramThatIsNotThereIsNotCurrent(t *testing.T) {
	s := &stack{checkout: newCheckout(t), program: filepath.Join(t.TempDir(), "program")}
	if current, err := s.isCurrent(); err != nil || current {
		t.Errorf("current: %v, %v", current, err)
	}
}

func touch(path ...string) error  { return os.WriteFile(filepath.Join(path...), nil, 0o644) }
func remove(path ...string) error { return os.RemoveAll(filepath.Join(path...)) }

// age sets the modification time of a file, or of a folder and everything in it.
func age(t *testing.T, root string, at time.Time) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, at, at) //nolint:gosec // the folder belongs to the test
	})
	if err != nil {
		t.Fatal(err)
	}
}
