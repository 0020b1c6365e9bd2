package components

import (
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type jobsArgs struct {
	tierArgs
	url   pulumi.StringOutput
	pages *cache // nil if there is none
}

// jobs is the part that does what readers need not wait for: mail, updates of links and of the search index, thumbnails.
// https://www.mediawiki.org/wiki/Manual:Job_queue
type jobs struct{ pulumi.ResourceState }

func newJobs(ctx *pulumi.Context, name string, args *jobsArgs, opts ...pulumi.ResourceOption) error {
	j := &jobs{}
	if err := ctx.RegisterComponentResource(JobsToken, name, j, opts...); err != nil {
		return err
	}
	child := args.child(j)
	if args.pages != nil {
		// Nodes hear of the caches' Pods up to a second after they are ready. Meanwhile this part starts, so that `pulumi up` of a new wiki
		// does not end before its address answers.
		child = append(child, pulumi.DependsOn([]pulumi.Resource{args.pages.set}))
	}
	labels := pulumi.StringMap{"app": pulumi.String(name + "-jobs")}
	if err := newPolicy(ctx, name+"-jobs", args.namespace, labels, nil, append(args.egress(), args.outward()...), child...); err != nil {
		return err
	}
	container := args.container("jobs", map[string]pulumi.StringInput{"MEDIAWIKI_SERVER": args.url}, "sh", "/etc/mediawiki-stack/jobs.sh")
	container.Resources = args.web.jobsNeed().resources()
	spec := args.pod(args.settings.secret)
	spec.TerminationGracePeriodSeconds = pulumi.Int(40) // jobs.sh gives the job that is running twenty of them
	spec.InitContainers = args.waiting()
	args.withUploads(name, spec, container)
	spec.Containers = corev1.ContainerArray{container}
	if _, err := appsv1.NewDeployment(ctx, name+"-jobs", &appsv1.DeploymentArgs{
		Metadata: lasting(args.namespace, name+"-jobs"),
		Spec: &appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(1),
			Selector: &metav1.LabelSelectorArgs{MatchLabels: labels},
			Strategy: &appsv1.DeploymentStrategyArgs{Type: pulumi.String("Recreate")},
			Template: &corev1.PodTemplateSpecArgs{Metadata: &metav1.ObjectMetaArgs{Labels: labels}, Spec: spec},
		},
	}, child...); err != nil {
		return err
	}
	return ctx.RegisterResourceOutputs(j, pulumi.Map{})
}
