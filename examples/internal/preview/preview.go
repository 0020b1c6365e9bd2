// Package preview runs a Pulumi program against mocks, for the tests of the examples.
package preview

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// Result is what a program registered.
type Result struct {
	Objects []string // "Deployment team-wiki/team-app", sorted
	Outputs []string // names, sorted
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
	secrets := make([]string, 0, len(config))
	for key, value := range config {
		values[project.Name+":"+key] = value
		secrets = append(secrets, project.Name+":"+key)
	}
	m := &mocks{}
	var result Result
	err = pulumi.RunErr(func(ctx *pulumi.Context) error {
		err := program(ctx)
		for name := range ctx.GetCurrentExportMap() {
			result.Outputs = append(result.Outputs, name)
		}
		return err
	}, pulumi.WithMocks(project.Name, "test", m), func(info *pulumi.RunInfo) {
		info.DryRun, info.Config, info.ConfigSecretKeys = true, values, secrets
	})
	slices.Sort(m.objects)
	slices.Sort(result.Outputs)
	result.Objects = m.objects
	return result, err
}

type mocks struct {
	mu      sync.Mutex
	objects []string
}

// NewResource records Kubernetes objects and answers as a preview does: there is no ID yet.
func (m *mocks) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if strings.HasPrefix(args.TypeToken, "kubernetes:") {
		kind := args.TypeToken[strings.LastIndex(args.TypeToken, ":")+1:]
		namespace := ""
		if metadata := args.Inputs["metadata"].ObjectValue(); metadata["namespace"].IsString() {
			namespace = metadata["namespace"].StringValue()
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.objects = append(m.objects, fmt.Sprintf("%s %s/%s", kind, namespace, args.Name))
	}
	return "", args.Inputs, nil
}

func (m *mocks) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}
