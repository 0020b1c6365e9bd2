// Package unit holds what the component promises, shown against mocks: for a preview and for an update.
package unit

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// What the mocked API server chooses when none is asked for.
const (
	chosenNodePort = 31234
	chosenAddress  = "10.152.183.7"
)

// recorder is an engine that remembers what was registered and answers as the API server would.
type recorder struct {
	preview   bool
	mu        sync.Mutex
	resources []pulumi.MockResourceArgs
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resources = append(r.resources, args)
	state := args.Inputs.Copy()
	if strings.HasPrefix(args.TypeToken, "kubernetes:") {
		metadata := resource.PropertyMap{}
		if given, ok := state["metadata"]; ok {
			metadata = given.ObjectValue().Copy()
		}
		if _, named := metadata["name"]; !named {
			metadata["name"] = resource.NewStringProperty(args.Name + "-0a1b2c3d")
		}
		state["metadata"] = resource.NewObjectProperty(metadata)
	}
	if args.TypeToken == serviceToken {
		spec := state["spec"].ObjectValue()
		spec["clusterIP"] = resource.NewStringProperty(r.assignedAddress())
		port := spec["ports"].ArrayValue()[0].ObjectValue()
		if _, asked := port["nodePort"]; !asked && spec["type"].HasValue() {
			port["nodePort"] = resource.NewNumberProperty(r.assignedPort())
		}
	}
	if r.preview {
		return "", state, nil // as of an object that does not exist
	}
	return args.Name + "_id", state, nil
}

// assignedAddress is a Service's address as the API server reports it. A dry run answers with the first one of the range.
func (r *recorder) assignedAddress() string {
	if r.preview {
		return "10.152.183.0"
	}
	return chosenAddress
}

// assignedPort is a node port as the API server reports it. A dry run answers with one that is outside of the range.
func (r *recorder) assignedPort() float64 {
	if r.preview {
		return 32769
	}
	return chosenNodePort
}

func (r *recorder) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}

const (
	namespaceToken  = "kubernetes:core/v1:Namespace"
	secretToken     = "kubernetes:core/v1:Secret"
	serviceToken    = "kubernetes:core/v1:Service"
	deploymentToken = "kubernetes:apps/v1:Deployment"
	serverToken     = "kubernetes:apps/v1:StatefulSet"
	claimToken      = "kubernetes:core/v1:PersistentVolumeClaim"
	configMapToken  = "kubernetes:core/v1:ConfigMap"
	jobToken        = "kubernetes:batch/v1:Job"
	cronJobToken    = "kubernetes:batch/v1:CronJob"
	policyToken     = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
	budgetToken     = "kubernetes:policy/v1:PodDisruptionBudget"
)

// all returns the resources of one type, in the order of their names.
func (r *recorder) all(token string) []pulumi.MockResourceArgs {
	var found []pulumi.MockResourceArgs
	for _, res := range r.resources {
		if res.TypeToken == token {
			found = append(found, res)
		}
	}
	slices.SortFunc(found, func(a, b pulumi.MockResourceArgs) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// named returns the resource of a type and name.
func (r *recorder) named(t *testing.T, token, name string) map[string]any {
	t.Helper()
	for _, res := range r.all(token) {
		if res.Name == name {
			return res.Inputs.Mappable()
		}
	}
	require.Failf(t, "not registered", "%s %s", token, name)
	return nil
}

func (r *recorder) one(t *testing.T, token string) map[string]any {
	t.Helper()
	found := r.all(token)
	require.Len(t, found, 1, token)
	return found[0].Inputs.Mappable()
}

// at walks into nested objects and arrays: at(t, deployment, "spec", "template", "spec", "containers", 0, "image").
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := value.(map[string]any)
			require.Truef(t, ok, "no object at %v", step)
			value = object[step]
		case int:
			list, ok := value.([]any)
			require.Truef(t, ok && step < len(list), "no element %d", step)
			value = list[step]
		}
	}
	return value
}

const canary = "canary-master-secret-0123456789"

// wikiArgs are the arguments of an ordinary wiki; each change is applied to them.
func wikiArgs(change ...func(*components.MediaWikiStackArgs)) *components.MediaWikiStackArgs {
	args := &components.MediaWikiStackArgs{
		Namespace:       pulumi.String("wiki"),
		CreateNamespace: true,
		MasterSecret:    pulumi.String(canary),
		NodeHost:        pulumi.String("192.0.2.7"),
	}
	for _, c := range change {
		c(args)
	}
	return args
}

// uncached has the web Pods answer all readers.
func uncached(a *components.MediaWikiStackArgs) { a.Cache.Enabled = pulumi.BoolRef(false) }

// recipeArgs are those of the article's recipe.
func recipeArgs(change ...func(*components.MediaWikiStackArgs)) *components.MediaWikiStackArgs {
	recipe := func(a *components.MediaWikiStackArgs) { a.Database.Mode = components.DatabaseSidecar }
	return wikiArgs(append([]func(*components.MediaWikiStackArgs){recipe}, change...)...)
}

// external has the database run elsewhere.
func external(a *components.MediaWikiStackArgs) {
	a.Database.Mode, a.Database.Host = components.DatabaseExternal, pulumi.String("mariadb.example.org")
	if a.Database.Password == nil {
		a.Database.Password = pulumi.String("canary-external")
	}
}

// run creates wikis under the given names with an explicit provider and returns what was registered.
func run(
	t *testing.T, preview bool, wikis map[string]*components.MediaWikiStackArgs,
) (*recorder, map[string]*components.MediaWikiStack, error) {
	t.Helper()
	r := &recorder{preview: preview}
	made := make(map[string]*components.MediaWikiStack)
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		provider, err := kubernetes.NewProvider(ctx, "microk8s", &kubernetes.ProviderArgs{Kubeconfig: pulumi.String("/kubeconfig")})
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(wikis)) {
			if made[name], err = components.NewMediaWikiStack(ctx, name, wikis[name], pulumi.Provider(provider)); err != nil {
				return err
			}
		}
		return nil
	}, pulumi.WithMocks("mediawiki", "test", r), func(info *pulumi.RunInfo) { info.DryRun = preview })
	return r, made, err
}

// promise runs a test for a preview and for an update of one wiki named mediawiki.
func promise(t *testing.T, args *components.MediaWikiStackArgs, test func(t *testing.T, r *recorder)) {
	t.Helper()
	for name, preview := range map[string]bool{"preview": true, "update": false} {
		t.Run(name, func(t *testing.T) {
			r, _, err := run(t, preview, map[string]*components.MediaWikiStackArgs{"mediawiki": args})
			require.NoError(t, err)
			test(t, r)
		})
	}
}
