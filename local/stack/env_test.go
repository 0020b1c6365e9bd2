package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestEnvironmentIsThatOfTheNamedCluster runs local/env with programs that stand in for the tools: cluster "here" exists, and no other.
func TestEnvironmentIsThatOfTheNamedCluster(t *testing.T) {
	b := newBuilder(t)
	b.program(t, b.programs, "cluster", "#!/bin/sh\n[ \"$*\" = 'kubeconfig --name here' ] && echo /kubeconfig/of/here\n")
	for name, want := range map[string]string{"here": "here /kubeconfig/of/here", "elsewhere": "elsewhere none"} {
		command := exec.CommandContext(t.Context(), "bash", "-c",
			`lines=$(CLUSTER=`+name+` ./env 2>/dev/null) && eval "$lines" && echo "$CLUSTER ${KUBECONFIG-none}"`)
		command.Dir = b.local
		command.Env = append(slices.Clone(b.env), "CLUSTER=another", "KUBECONFIG=/kubeconfig/of/another")
		printed, err := command.CombinedOutput()
		if err != nil || strings.TrimSpace(string(printed)) != want {
			t.Errorf("CLUSTER=%s local/env: %v, %s, not %s", name, err, printed, want)
		}
	}
}
