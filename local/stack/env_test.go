package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEnvironmentIsThatOfTheNamedCluster runs local/env with programs that stand in for the tools: there is a cluster here, and none
// elsewhere.
func TestEnvironmentIsThatOfTheNamedCluster(t *testing.T) {
	tools := t.TempDir()
	for name, script := range map[string]string{
		"go":      "#!/bin/sh\n",
		"cluster": "#!/bin/sh\n[ \"$*\" = 'kubeconfig --name here' ] && echo /kubeconfig/of/here\n",
	} {
		if err := os.WriteFile(filepath.Join(tools, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"here": "here /kubeconfig/of/here", "elsewhere": "elsewhere none"} {
		command := exec.CommandContext(t.Context(), "bash", "-c",
			`lines=$(CLUSTER=`+name+` ../env) && eval "$lines" && echo "$CLUSTER ${KUBECONFIG-none}"`)
		command.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"), "CLUSTER=another", "KUBECONFIG=/kubeconfig/of/another")
		printed, err := command.CombinedOutput()
		if err != nil || strings.TrimSpace(string(printed)) != want {
			t.Errorf("CLUSTER=%s local/env: %v, %s, not %s", name, err, printed, want)
		}
	}
}
