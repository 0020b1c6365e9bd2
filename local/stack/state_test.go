package main

import (
	"os"
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
