package components

import (
	"maps"
	"reflect"
	"strings"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// StackLabel names the stack that an object belongs to, as [StackLabelValue] does. internal/preflight refuses to adopt what belongs to
// another stack.
const StackLabel = "mediawiki-stack/stack"

// StackLabelValue is the value of [StackLabel] for a stack. A label has at most 63 characters.
func StackLabelValue(project, stack string) string { return "stack-" + shortHash(project, stack) }

// marked gives every Kubernetes object below a component what all of them need, so that none can be forgotten:
//   - the label of its stack;
//   - patchForce, with which an update takes back a field that somebody has changed by hand. Without it the update fails.
//     https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
//   - deleteBeforeReplace if its name is fixed. The provider adopts an object that exists: if the new one were created first, it would be
//     the old one, and then be deleted. The name of a Job changes with its content, so a new Job is another object.
func marked(ctx *pulumi.Context) pulumi.ResourceOption {
	label := pulumi.String(StackLabelValue(ctx.Project(), ctx.Stack()))
	return pulumi.Transformations([]pulumi.ResourceTransformation{
		func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			if !strings.HasPrefix(args.Type, "kubernetes:") {
				return nil
			}
			object := reflect.ValueOf(args.Props).Elem()
			metadata, is := object.FieldByName("Metadata").Interface().(*metav1.ObjectMetaArgs)
			if !is {
				return nil // the unit tests find an object without marks
			}
			copied := *metadata // objects share it
			copied.Labels = with(metadata.Labels, StackLabel, label)
			copied.Annotations = with(metadata.Annotations, "pulumi.com/patchForce", pulumi.String("true"))
			props := reflect.New(object.Type())
			props.Elem().Set(object)
			props.Elem().FieldByName("Metadata").Set(reflect.ValueOf(&copied))
			options := args.Opts
			if metadata.Name != nil && args.Type != "kubernetes:batch/v1:Job" {
				options = append(options[:len(options):len(options)], pulumi.DeleteBeforeReplace(true))
			}
			return &pulumi.ResourceTransformationResult{Props: props.Interface().(pulumi.Input), Opts: options}
		},
	})
}

// with copies a map and sets a key in the copy.
func with(all pulumi.StringMapInput, key string, value pulumi.String) pulumi.StringMap {
	copied := pulumi.StringMap{}
	if given, is := all.(pulumi.StringMap); is {
		maps.Copy(copied, given)
	}
	copied[key] = value
	return copied
}
