package components

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
)

// marked returns the options that give every Kubernetes object below a component what all of them need:
//   - the label of its stack, and the standard labels. The recipe's objects have only the label of the stack.
//   - patchForce, with which an update takes back a field that somebody has changed by hand. Without it the update fails.
//     https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
//   - deleteBeforeReplace if its name is fixed. The provider adopts an object that exists: creating the new object first would adopt the
//     old one, which would then be deleted. The name of a Job changes with its content, so a new Job is another object.
func marked(ctx *pulumi.Context, name string, args *MediaWikiStackArgs) []pulumi.ResourceOption {
	labels := pulumi.StringMap{marks.StackLabel: pulumi.String(marks.Stack(ctx.Project(), ctx.Stack()))}
	if args.Database.Mode != DatabaseSidecar {
		maps.Copy(labels, standardLabels(name))
	}
	annotations := pulumi.StringMap{"pulumi.com/patchForce": pulumi.String("true")}
	return []pulumi.ResourceOption{eachObject(func(object *pulumi.ResourceTransformationArgs, metadata *metav1.ObjectMetaArgs) {
		metadata.Labels = merged(labels, metadata.Labels)
		metadata.Annotations = merged(annotations, metadata.Annotations)
		if metadata.Name != nil && object.Type != "kubernetes:batch/v1:Job" {
			object.Opts = append(slices.Clip(object.Opts), pulumi.DeleteBeforeReplace(true))
		}
	})}
}

// labelled returns the option that adds labels to every Kubernetes object below a component.
func labelled(labels pulumi.StringMap) pulumi.ResourceOption {
	return eachObject(func(_ *pulumi.ResourceTransformationArgs, metadata *metav1.ObjectMetaArgs) {
		metadata.Labels = merged(labels, metadata.Labels)
	})
}

// eachObject returns the option that calls change for every Kubernetes object below a component, with a copy of its metadata, because
// objects share metadata.
func eachObject(change func(*pulumi.ResourceTransformationArgs, *metav1.ObjectMetaArgs)) pulumi.ResourceOption {
	return pulumi.Transformations([]pulumi.ResourceTransformation{
		func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			if !strings.HasPrefix(args.Type, "kubernetes:") {
				return nil
			}
			if custom, is := args.Props.(kubernetes.UntypedArgs); is {
				copied := *custom["metadata"].(*metav1.ObjectMetaArgs)
				change(args, &copied)
				props := maps.Clone(custom)
				props["metadata"] = &copied
				return &pulumi.ResourceTransformationResult{Props: props, Opts: args.Opts}
			}
			object := reflect.ValueOf(args.Props).Elem()
			field := object.FieldByName("Metadata")
			if !field.IsValid() {
				return nil // an object that is only read
			}
			metadata, is := field.Interface().(*metav1.ObjectMetaArgs)
			if !is {
				return nil // the unit tests find an object without marks
			}
			copied := *metadata
			change(args, &copied)
			props := reflect.New(object.Type())
			props.Elem().Set(object)
			props.Elem().FieldByName("Metadata").Set(reflect.ValueOf(&copied))
			return &pulumi.ResourceTransformationResult{Props: props.Interface().(pulumi.Input), Opts: args.Opts}
		},
	})
}

// merged returns a copy of base with the entries of more, which win.
func merged(base pulumi.StringMap, more pulumi.StringMapInput) pulumi.StringMap {
	all := maps.Clone(base)
	if given, is := more.(pulumi.StringMap); is {
		maps.Copy(all, given)
	}
	return all
}
