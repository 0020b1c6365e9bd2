// Package preview previews the Pulumi program of an example, for its test.
package preview

import (
	"fmt"
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// Result is what a program registered.
type Result struct {
	*mocks.Recording
	Objects []string // "Deployment team-wiki/team-app"
}

// Run previews the program of the current folder, whose Pulumi.yaml it reads, with the given configuration.
// Every configuration value is a secret.
func Run(t *testing.T, program pulumi.RunFunc, config map[string]string) (Result, error) {
	t.Helper()
	text, err := os.ReadFile("Pulumi.yaml")
	require.NoError(t, err)
	var project struct{ Name, Runtime string }
	require.NoError(t, yaml.Unmarshal(text, &project))
	require.Equal(t, "go", project.Runtime)

	values := make(map[string]string)
	for key, value := range config {
		values[project.Name+":"+key] = value
	}
	registered, err := mocks.Run(program, mocks.Options{Project: project.Name, Preview: true, Config: values})
	result := Result{Recording: registered}
	for _, res := range registered.Resources {
		if res.Object != nil {
			result.Objects = append(result.Objects, fmt.Sprintf("%s %s/%s", res.Kind(), res.Object.GetNamespace(), res.Name))
		}
	}
	return result, err
}
