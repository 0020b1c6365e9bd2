package engine

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
)

func TestVariablesInAPlanHaveNames(t *testing.T) {
	inputs := func(names ...string) *apitype.StepEventStateMetadata {
		env := make([]any, len(names))
		for i, name := range names {
			env[i] = map[string]any{"name": name}
		}
		container := map[string]any{"env": env}
		return &apitype.StepEventStateMetadata{Inputs: map[string]any{"spec": map[string]any{"containers": []any{container}}}}
	}
	update := apitype.StepEventMetadata{Old: inputs("A", "B", "REMOVED"), New: inputs("A", "C")}
	for path, want := range map[string]string{
		"spec.containers[0].env[1].value": `spec.containers[0].env["C"].value`,
		"spec.containers[0].env[2]":       `spec.containers[0].env["REMOVED"]`,
		"spec.containers[0].image":        "spec.containers[0].image",
		"spec.containers[1].env[0]":       "spec.containers[1].env[0]",
	} {
		assert.Equal(t, want, named(path, update))
	}
}
