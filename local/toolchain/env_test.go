package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestExportsPutTheToolsFirstAndCanBeRepeated(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	tools := pulumiTools()
	b := newBuilder(t, tools)
	old := filepath.Join(b.store.root, "bin", "otherkey")
	t.Setenv("PATH", old+":/it's here")
	t.Setenv("GOFLAGS", "-mod=mod")
	lines := b.store.exports(tools)
	out, err := exec.CommandContext(t.Context(), bash, "-c", lines+lines+`echo "$PATH|$PULUMI_HOME|$GOFLAGS"`).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := b.store.bin() + ":/it's here|" + b.store.folder(tools[2]) + "|-mod=mod -trimpath"
	if got := strings.TrimSpace(string(out)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
