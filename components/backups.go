package components

import (
	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type backupsArgs struct {
	tierArgs
	BackupsArgs
}

// backups is the part that copies database and uploads to a volume of their own, by the clock or when it is asked to.
type backups struct{ pulumi.ResourceState }

func newBackups(ctx *pulumi.Context, name string, args *backupsArgs, opts ...pulumi.ResourceOption) error {
	b := &backups{}
	if err := ctx.RegisterComponentResource(BackupsToken, name, b, opts...); err != nil {
		return err
	}
	child := args.child(b)
	labels := pulumi.StringMap{"app": pulumi.String(name + "-backup")}
	if err := newPolicy(ctx, name+"-backup", args.namespace, labels, nil, args.egress(), child...); err != nil {
		return err
	}
	if _, err := batchv1.NewCronJob(ctx, name+"-backup", &batchv1.CronJobArgs{
		Metadata: lasting(args.namespace, name+"-backup"),
		Spec: &batchv1.CronJobSpecArgs{
			Schedule:                   args.Schedule,
			TimeZone:                   args.wiki.TimeZone.ToStringOutput().ToStringPtrOutput(),
			Suspend:                    pulumi.Bool(args.Disabled),
			ConcurrencyPolicy:          pulumi.String("Forbid"),
			StartingDeadlineSeconds:    pulumi.Int(3600), // after a cluster that was off
			SuccessfulJobsHistoryLimit: pulumi.Int(1),
			FailedJobsHistoryLimit:     pulumi.Int(3),
			JobTemplate: &batchv1.JobTemplateSpecArgs{Spec: &batchv1.JobSpecArgs{
				BackoffLimit: pulumi.Int(1),
				Template: &corev1.PodTemplateSpecArgs{
					Metadata: &metav1.ObjectMetaArgs{Labels: labels}, Spec: backupPod(name, args),
				},
			}},
		},
	}, append(child, args.after)...); err != nil {
		return err
	}
	return ctx.RegisterResourceOutputs(b, pulumi.Map{})
}

func backupPod(name string, args *backupsArgs) *corev1.PodSpecArgs {
	spec := args.pod(args.settings.secret)
	spec.RestartPolicy = pulumi.String("Never")
	container := args.container("backup", map[string]pulumi.StringInput{
		"BACKUPS_KEPT": pulumi.Sprintf("%d", args.Keep),
	}, "php", "/etc/mediawiki-stack/backup.php")
	container.Resources = resources("50m", "64Mi", "256Mi")
	container.TerminationMessagePolicy = pulumi.String("FallbackToLogsOnError")
	args.withUploads(name, spec, container)
	args.withTools(spec, container)
	spec.Containers = corev1.ContainerArray{container}
	return spec
}
