package components

import (
	"strings"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Labels that Kubernetes recommends. Objects that belong to no part have the name "mediawiki".
// https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
const (
	labelName      = "app.kubernetes.io/name"
	labelInstance  = "app.kubernetes.io/instance"
	labelComponent = "app.kubernetes.io/component"
	labelPartOf    = "app.kubernetes.io/part-of"
	labelManagedBy = "app.kubernetes.io/managed-by"
	labelVersion   = "app.kubernetes.io/version"
)

// labels returns the labels by which a part's Pods are selected. They are immutable in Deployments, StatefulSets and Jobs.
func (w *wiki) labels(part parts.Part) pulumi.StringMap {
	return pulumi.StringMap{"app": pulumi.String(part.Of(w.name))}
}

func (w *wiki) selector(part parts.Part) *metav1.LabelSelectorArgs {
	return &metav1.LabelSelectorArgs{MatchLabels: w.labels(part)}
}

// podLabels returns all labels of a part's Pods.
func (w *wiki) podLabels(part parts.Part, image pulumi.StringInput) pulumi.StringMap {
	labels := w.labels(part)
	for key, value := range standardLabels(w.name) {
		labels[key] = value
	}
	for key, value := range partLabels(part) {
		labels[key] = value
	}
	labels[labelVersion] = imageVersion(image)
	return labels
}

// standardLabels returns the labels of every object of a wiki.
func standardLabels(wiki string) pulumi.StringMap {
	return pulumi.StringMap{
		labelName:      pulumi.String("mediawiki"),
		labelInstance:  pulumi.String(wiki),
		labelPartOf:    pulumi.String("mediawiki-stack"),
		labelManagedBy: pulumi.String("pulumi"),
	}
}

// partLabels returns the labels of a part's objects, beside the standard ones.
func partLabels(part parts.Part) pulumi.StringMap {
	return pulumi.StringMap{labelName: pulumi.String(part.Program()), labelComponent: pulumi.String(part.Component())}
}

// imageVersion returns the tag of an image, or "" if it is known by its digest alone.
func imageVersion(image pulumi.StringInput) pulumi.StringOutput {
	return image.ToStringOutput().ApplyT(func(image string) string {
		reference, _, _ := strings.Cut(image, "@")
		_, tag, _ := strings.Cut(reference[strings.LastIndex(reference, "/")+1:], ":")
		return strings.Trim(tag[:min(len(tag), 63)], "._-") // to be a valid label value
	}).(pulumi.StringOutput)
}
