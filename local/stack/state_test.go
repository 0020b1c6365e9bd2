package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestStateIsKeptWithoutFilesOfAttributes(t *testing.T) {
	newCheckout(t)
	s := prepared(t)
	if want := "PULUMI_BACKEND_URL=file://" + filepath.Join(s.folder, "state") + "?metadata=skip"; !slices.Contains(s.env(), want) {
		t.Errorf("%s is not in %v", want, s.env())
	}
}

// A kill leaves an empty file of attributes, and a temporary file that has not been renamed yet.
func TestWhatAKilledPulumiLeftIsDeleted(t *testing.T) {
	newCheckout(t)
	s := prepared(t)
	root := filepath.Join(s.folder, "state", ".pulumi")
	for path, c := range map[string]struct {
		age  time.Duration
		gone bool
	}{
		"stacks/wiki/pi.json":                              {0, false},
		"stacks/wiki/pi.json.attrs":                        {0, true},
		"stacks/wiki/pi.json.bak.attrs":                    {time.Hour, true},
		"stacks/wiki/pi.json.18b2c1.tmp":                   {0, false},
		"locks/organization/wiki/pi/a.json":                {time.Hour, false},
		"locks/organization/wiki/pi/b.json.17a2c1.tmp":     {time.Hour, true},
		"history/wiki/pi/pi-1.checkpoint.json.attrs":       {time.Hour, true},
		"history/wiki/pi/pi-1.checkpoint.json.17a2c10.tmp": {time.Hour, true},
	} {
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, file, "")
		age(t, file, time.Now().Add(-c.age))
		prepared(t)
		if _, err := os.Stat(file); os.IsNotExist(err) != c.gone {
			t.Errorf("%s: %v; deleted: %v", path, err, c.gone)
		}
	}
}

func TestLockOfADeadProcessIsDeleted(t *testing.T) {
	newCheckout(t)
	s := prepared(t)
	ended := exec.CommandContext(t.Context(), "true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	here, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pid     int
		host    string
		deleted bool
	}{
		"of a dead process":       {ended.Process.Pid, here, true},
		"of a process that runs":  {os.Getpid(), here, false},
		"of another machine":      {ended.Process.Pid, "not-" + here, false},
		"of nobody, but complete": {0, here, false},
	} {
		file := filepath.Join(s.folder, "state", ".pulumi", "locks", "organization", "wiki", "pi", "a.json")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, file, fmt.Sprintf(`{"pid":%d,"username":"cook","hostname":%q,"timestamp":"2026-11-29T17:00:00Z"}`, c.pid, c.host))
		prepared(t)
		if _, err := os.Stat(file); os.IsNotExist(err) != c.deleted {
			t.Errorf("a lock %s: %v; deleted: %v", name, err, c.deleted)
		}
	}
}
