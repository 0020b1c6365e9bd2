package state

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// Stack is a stack as its last update left it.
type Stack struct {
	// Label is the value of [components.StackLabel] on the stack's objects.
	Label string
	// Deployed reports whether the stack has objects in a cluster. All fields below are empty if it has none.
	Deployed bool
	// Cluster is the identity of the cluster, as the provider was given it. Context is the context of the kubeconfig that it used.
	Cluster, Context string
	// Namespace is the namespace of the objects.
	Namespace string
	// UIDs holds the UID of each object.
	UIDs map[string]bool

	outputs map[string]any
	secrets []string // names of outputs that are secret
}

// Read asks the engine for the state of the stack that the program runs for. A preview of a stack whose first update has never succeeded
// gets an empty Stack.
func Read(ctx *pulumi.Context) (*Stack, error) {
	s := &Stack{Label: components.StackLabelValue(ctx.Project(), ctx.Stack()), UIDs: map[string]bool{}}
	if err := s.readOutputs(ctx); err != nil {
		return nil, err
	}
	// The engine crashes when it is asked for the objects of a stack that was never updated. The outputs tell; and during an update the
	// stack's own resource is in the state already.
	if len(s.outputs) == 0 && ctx.DryRun() {
		return s, nil
	}
	return s, s.readObjects(ctx)
}

func (s *Stack) readOutputs(ctx *pulumi.Context) error {
	type argument struct {
		Name string `pulumi:"name"`
	}
	var answer struct {
		Outputs map[string]any `pulumi:"outputs"`
		Secrets []string       `pulumi:"secretOutputNames"`
	}
	if err := ask(ctx, "pulumi:pulumi:readStackOutputs", &argument{reference(ctx)}, &answer); err != nil {
		return err
	}
	s.outputs, s.secrets = answer.Outputs, answer.Secrets
	return nil
}

// ask calls one of the engine's own functions. It tries again for some seconds: while an update runs the engine writes the state, and what
// reads the state of a stack in a folder at that moment may find an empty file.
func ask(ctx *pulumi.Context, token string, argument, answer any) error {
	const tries, pause = 20, 250 * time.Millisecond
	var err error
	for range tries {
		if _, err = ctx.InvokePackageRaw(token, argument, answer, ""); err == nil {
			return nil
		}
		select {
		case <-ctx.Context().Done():
			return ctx.Context().Err()
		case <-time.After(pause):
		}
	}
	return fmt.Errorf("reading the stack's own state: %w", err)
}

func (s *Stack) readObjects(ctx *pulumi.Context) error {
	type argument struct {
		Name string `pulumi:"stackName"`
	}
	var answer struct {
		Resources map[string]map[string]any `pulumi:"outputs"` // by URN
	}
	if err := ask(ctx, "pulumi:pulumi:readStackResourceOutputs", &argument{reference(ctx)}, &answer); err != nil {
		return err
	}
	for _, urn := range slices.Sorted(maps.Keys(answer.Resources)) {
		token, _ := answer.Resources[urn]["type"].(string)
		outputs, _ := answer.Resources[urn]["outputs"].(map[string]any)
		if token == "pulumi:providers:kubernetes" {
			s.Cluster, _ = outputs["clusterIdentifier"].(string)
			s.Context, _ = outputs["context"].(string)
		}
		if metadata, is := outputs["metadata"].(map[string]any); is && strings.HasPrefix(token, "kubernetes:") {
			s.addObject(metadata)
		}
	}
	return nil
}

func (s *Stack) addObject(metadata map[string]any) {
	s.Deployed = true
	if uid, is := metadata["uid"].(string); is {
		s.UIDs[uid] = true
	}
	if namespace, is := metadata["namespace"].(string); is {
		s.Namespace = namespace
	}
}

// KeepOutputs exports what the last update exported. A program that fails without it leaves the stack without outputs.
func (s *Stack) KeepOutputs(ctx *pulumi.Context) {
	for name, value := range s.outputs {
		output := pulumi.Any(value)
		if slices.Contains(s.secrets, name) {
			output = pulumi.ToSecret(output).(pulumi.AnyOutput)
		}
		ctx.Export(name, output)
	}
}

// reference is the name by which the engine finds the stack. Only Pulumi Cloud has organizations; elsewhere it is "organization".
func reference(ctx *pulumi.Context) string {
	if organization := ctx.Organization(); organization != "organization" {
		return organization + "/" + ctx.Project() + "/" + ctx.Stack()
	}
	return ctx.Stack()
}
