package components

import (
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newDeployment creates a Deployment and adds it to the wiki's workloads.
func (w *wiki) newDeployment(ctx *pulumi.Context, name string, args *appsv1.DeploymentArgs, opts ...pulumi.ResourceOption) error {
	deployment, err := appsv1.NewDeployment(ctx, name, args, opts...)
	if err != nil {
		return err
	}
	w.workloads = append(w.workloads, pulumi.Sprintf("deployments/%s", deployment.Metadata.Name().Elem()))
	return nil
}

// newStatefulSet creates a StatefulSet and adds it to the wiki's workloads.
func (w *wiki) newStatefulSet(
	ctx *pulumi.Context, name string, args *appsv1.StatefulSetArgs, opts ...pulumi.ResourceOption,
) (*appsv1.StatefulSet, error) {
	set, err := appsv1.NewStatefulSet(ctx, name, args, opts...)
	if err != nil {
		return nil, err
	}
	w.workloads = append(w.workloads, pulumi.Sprintf("statefulsets/%s", set.Metadata.Name().Elem()))
	return set, nil
}
