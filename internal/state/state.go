package state

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
)

// Stack is the state of a stack after its last update.
type Stack struct {
	// Label is the value of [marks.StackLabel] on the stack's objects.
	Label string
	// Deployed reports whether the stack has objects in a cluster. The fields down to Claims are empty if it has none.
	Deployed bool
	// Cluster is the identity of the cluster that the provider was created with. Context is the kubeconfig context that it used.
	Cluster, Context string
	// Namespace is the namespace of the objects.
	Namespace string
	// UIDs holds the UID of each object.
	UIDs map[string]bool
	// Claims holds the UIDs of the claims for volumes by their names.
	Claims map[string]string

	// DatabaseHost is the output of this name of the last update: the database that the stack's wiki is in. A refresh does not change it,
	// whatever is missing in the cluster. It is empty if the stack has no wiki.
	DatabaseHost string

	outputs map[string]any
	secrets []string // names of outputs that are secret
}

// Keep reads the state of the stack and passes it to deploy. If deploy fails, the stack keeps the outputs of its last update.
func Keep(ctx *pulumi.Context, deploy func(*Stack) error) error {
	s, err := Read(ctx)
	if err != nil {
		return err
	}
	if err = deploy(s); err != nil {
		s.KeepOutputs(ctx)
	}
	return err
}

// Read reads the state of the current stack from the engine. For a preview of a stack without a successful update, it returns an empty
// Stack.
func Read(ctx *pulumi.Context) (*Stack, error) {
	s := &Stack{Label: marks.Stack(ctx.Project(), ctx.Stack()), UIDs: map[string]bool{}, Claims: map[string]string{}}
	if err := s.readOutputs(ctx); err != nil {
		return nil, err
	}
	// The engine crashes on a request for the objects of a stack that was never updated, which has no outputs. During an update the stack's
	// own resource is in the state already.
	if len(s.outputs) == 0 && ctx.DryRun() {
		return s, nil
	}
	return s, s.readObjects(ctx)
}

func (s *Stack) readOutputs(ctx *pulumi.Context) error {
	type argument struct {
		Name string `pulumi:"name"`
	}
	var result struct {
		Outputs map[string]any `pulumi:"outputs"`
		Secrets []string       `pulumi:"secretOutputNames"`
	}
	if err := invoke(ctx, "pulumi:pulumi:readStackOutputs", &argument{reference(ctx)}, &result); err != nil {
		return err
	}
	s.outputs, s.secrets = result.Outputs, result.Secrets
	s.DatabaseHost, _ = s.outputs["databaseHost"].(string)
	return nil
}

// invoke calls one of the engine's own functions. It retries for some seconds: while an update runs, the engine writes the state, and a
// read at that moment may find an empty file.
func invoke(ctx *pulumi.Context, token string, argument, result any) error {
	const interval, timeout = 250 * time.Millisecond, 5 * time.Second
	var last error
	err := wait.PollUntilContextTimeout(ctx.Context(), interval, timeout, true, func(context.Context) (bool, error) {
		_, last = ctx.InvokePackageRaw(token, argument, result, "")
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("cannot read the stack's state: %w", cmp.Or(last, err))
	}
	return nil
}

func (s *Stack) readObjects(ctx *pulumi.Context) error {
	type argument struct {
		Name string `pulumi:"stackName"`
	}
	var result struct {
		Resources map[string]map[string]any `pulumi:"outputs"` // by URN
	}
	if err := invoke(ctx, "pulumi:pulumi:readStackResourceOutputs", &argument{reference(ctx)}, &result); err != nil {
		return err
	}
	for _, urn := range slices.Sorted(maps.Keys(result.Resources)) {
		token, _ := result.Resources[urn]["type"].(string)
		outputs, _ := result.Resources[urn]["outputs"].(map[string]any)
		if token == "pulumi:providers:kubernetes" {
			s.Cluster, _ = outputs["clusterIdentifier"].(string)
			s.Context, _ = outputs["context"].(string)
		}
		if metadata, ok := outputs["metadata"].(map[string]any); ok && strings.HasPrefix(token, "kubernetes:") {
			s.addObject(token, metadata)
		}
	}
	return nil
}

func (s *Stack) addObject(token string, metadata map[string]any) {
	s.Deployed = true
	uid, ok := metadata["uid"].(string)
	if ok {
		s.UIDs[uid] = true
	}
	if name, named := metadata["name"].(string); named && strings.HasSuffix(token, ":PersistentVolumeClaim") {
		s.Claims[name] = uid
	}
	if namespace, ok := metadata["namespace"].(string); ok {
		s.Namespace = namespace
	}
}

// KeepOutputs exports the outputs of the last update again. Without it, a program that fails leaves the stack without outputs.
func (s *Stack) KeepOutputs(ctx *pulumi.Context) {
	for name, value := range s.outputs {
		output := pulumi.Any(value)
		if slices.Contains(s.secrets, name) {
			output = pulumi.ToSecret(output).(pulumi.AnyOutput)
		}
		ctx.Export(name, output)
	}
}

// reference returns the name of the stack for the engine. Only Pulumi Cloud has organizations; elsewhere the name is "organization".
func reference(ctx *pulumi.Context) string {
	if organization := ctx.Organization(); organization != "organization" {
		return organization + "/" + ctx.Project() + "/" + ctx.Stack()
	}
	return ctx.Stack()
}
