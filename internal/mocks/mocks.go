// Package mocks runs Pulumi programs without an engine, a provider or a cluster, and records what they register. Everything that previews a
// program in memory uses it: the tests of the component and of the examples, and the generator of documents.
package mocks

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
)

// Values that the API server assigns to a Service that requests neither an address nor a node port. A dry run answers with others: the
// first address of the range, and a port outside of the range.
const (
	ClusterIP = "10.152.183.7"
	NodePort  = 31234

	dryRunClusterIP = "10.152.183.0"
	dryRunNodePort  = 32769
)

// Options say how a program runs.
type Options struct {
	// Project is the project's name. Defaults to "mediawiki".
	Project string
	// Stack is the stack's name. Defaults to "test".
	Stack string
	// Preview runs the program as `pulumi preview` does: objects have no ID, and what only the API server knows is unknown.
	Preview bool
	// Found has the states of objects that the program reads from the cluster, by their names.
	Found map[string]map[string]any
	// Config has the configuration by full key, such as "mediawiki:siteName". All values are secret.
	Config map[string]string
}

// Recording is what a program registered.
type Recording struct {
	// Preview is Options.Preview.
	Preview bool
	// Resources are sorted by type and name.
	Resources []*Resource
	// Outputs are the names of the stack's outputs, sorted.
	Outputs []string
}

// Run runs a program. It returns what the program has registered even if the program fails, and an error for each Kubernetes object that
// the API server could not decode.
func Run(program pulumi.RunFunc, options Options) (*Recording, error) {
	project, stack := cmp.Or(options.Project, "mediawiki"), cmp.Or(options.Stack, "test")
	r, m := &Recording{Preview: options.Preview}, &monitor{preview: options.Preview, found: options.Found}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		err := program(ctx)
		r.Outputs = slices.Sorted(maps.Keys(ctx.GetCurrentExportMap()))
		return err
	}, pulumi.WithMocks(project, stack, m), func(info *pulumi.RunInfo) {
		info.DryRun, info.Config, info.ConfigSecretKeys = options.Preview, options.Config, slices.Collect(maps.Keys(options.Config))
	})
	errs := make([]error, 0, len(m.registered)+1)
	errs = append(errs, err)
	for _, args := range m.registered {
		res := &Resource{MockResourceArgs: args}
		errs = append(errs, res.decode())
		r.Resources = append(r.Resources, res)
	}
	slices.SortFunc(r.Resources, func(a, b *Resource) int {
		return cmp.Or(strings.Compare(a.TypeToken, b.TypeToken), strings.Compare(a.Name, b.Name))
	})
	return r, errors.Join(errs...)
}

// monitor answers a program as the engine does.
type monitor struct {
	preview    bool
	found      map[string]map[string]any
	mu         sync.Mutex
	registered []pulumi.MockResourceArgs
}

// NewResource records a resource and returns its ID and state as the API server reports them.
func (m *monitor) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.ReadRPC != nil {
		return args.ID, resource.NewPropertyMapFromMap(m.found[strings.TrimSuffix(args.ID, idSuffix)]), nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.registered = append(m.registered, args)
	state := args.Inputs.Copy()
	if strings.HasPrefix(args.TypeToken, kubernetes) {
		metadata := resource.PropertyMap{}
		if given, ok := state["metadata"]; ok {
			metadata = given.ObjectValue().Copy()
		}
		if _, named := metadata["name"]; !named {
			name, err := generatedName(args)
			if err != nil {
				return "", nil, err
			}
			metadata["name"] = resource.NewProperty(name)
		}
		state["metadata"] = resource.NewProperty(metadata)
	}
	if args.TypeToken == kubernetes+"core/v1:Service" {
		m.assign(state["spec"].ObjectValue())
	}
	if m.preview {
		return "", state, nil // the object does not exist yet
	}
	return args.Name + idSuffix, state, nil
}

// idSuffix ends the ID of an object, after its name.
const idSuffix = "_id"

// generatedName returns the name of an object that was registered without one. As with the real engine, an object with other content has
// another name.
func generatedName(args pulumi.MockResourceArgs) (string, error) {
	content, err := json.Marshal(args.Inputs.Mappable())
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", args.TypeToken, args.Name, err)
	}
	return args.Name + "-" + marks.ShortHash(string(content)), nil
}

// assign gives a Service an address, and a node port if its type has one and it requests none.
func (m *monitor) assign(spec resource.PropertyMap) {
	address, nodePort := ClusterIP, NodePort
	if m.preview {
		address, nodePort = dryRunClusterIP, dryRunNodePort
	}
	spec["clusterIP"] = resource.NewProperty(address)
	port := spec["ports"].ArrayValue()[0].ObjectValue()
	if _, requested := port["nodePort"]; !requested && spec["type"].HasValue() {
		port["nodePort"] = resource.NewProperty(float64(nodePort))
	}
}

// Call fails: our programs call no function of a provider.
func (m *monitor) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return nil, fmt.Errorf("there is no provider for the function %s", args.Token)
}
