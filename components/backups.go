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

// backups is the part that copies database and uploads to a volume of their own, and proves that they can be restored, by the clock or
// when it is asked to.
type backups struct{ pulumi.ResourceState }

func newBackups(ctx *pulumi.Context, name string, args *backupsArgs, opts ...pulumi.ResourceOption) error {
	b := &backups{}
	if err := ctx.RegisterComponentResource(BackupsToken, name, b, opts...); err != nil {
		return err
	}
	child := args.child(b)
	labels := pulumi.StringMap{"app": pulumi.String(name + "-backup")}
	egress := append(args.egress(), args.remote.egress()...)
	if err := newPolicy(ctx, name+"-backup", args.namespace, labels, nil, egress, child...); err != nil {
		return err
	}
	copying := args.job("backup", map[string]pulumi.StringInput{"BACKUPS_KEPT": pulumi.Sprintf("%d", args.Keep)})
	backup := args.backupPod(name, copying)
	args.withRemote(backup, copying)
	if err := newCronJob(ctx, name+"-backup", args, args.Schedule, labels, backup, child...); err != nil {
		return err
	}
	drill := args.backupPod(name, args.job("drill", nil))
	if err := newCronJob(ctx, name+"-drill", args, args.DrillSchedule, labels, drill, child...); err != nil {
		return err
	}
	return ctx.RegisterResourceOutputs(b, pulumi.Map{})
}

// newCronJob makes a CronJob of this name, by which people start it by hand.
func newCronJob(
	ctx *pulumi.Context, name string, args *backupsArgs, schedule pulumi.StringInput, labels pulumi.StringMap, pod *corev1.PodSpecArgs,
	opts ...pulumi.ResourceOption,
) error {
	_, err := batchv1.NewCronJob(ctx, name, &batchv1.CronJobArgs{
		Metadata: lasting(args.namespace, name),
		Spec: &batchv1.CronJobSpecArgs{
			Schedule:                   schedule,
			TimeZone:                   args.wiki.Timezone.ToStringOutput().ToStringPtrOutput(),
			Suspend:                    pulumi.Bool(!*args.Enabled),
			ConcurrencyPolicy:          pulumi.String("Forbid"),
			StartingDeadlineSeconds:    pulumi.Int(3600), // after a cluster that was off
			SuccessfulJobsHistoryLimit: pulumi.Int(1),
			FailedJobsHistoryLimit:     pulumi.Int(3),
			JobTemplate: &batchv1.JobTemplateSpecArgs{Spec: &batchv1.JobSpecArgs{
				BackoffLimit: pulumi.Int(1),
				Template:     &corev1.PodTemplateSpecArgs{Metadata: &metav1.ObjectMetaArgs{Labels: labels}, Spec: pod},
			}},
		},
	}, opts...)
	return err
}

// job is a container that runs a program, with an environment of its own.
func (args *backupsArgs) job(name string, environs map[string]pulumi.StringInput) *corev1.ContainerArgs {
	container := args.program(name, environs, name)
	container.Resources = programNeed.resources()
	container.TerminationMessagePolicy = pulumi.String("FallbackToLogsOnError")
	return container
}

// backupPod runs a program with the volumes of uploads and backups.
func (args *backupsArgs) backupPod(name string, program *corev1.ContainerArgs) *corev1.PodSpecArgs {
	spec := args.pod(args.settings.secret)
	spec.RestartPolicy = pulumi.String("Never")
	args.withUploads(name, spec, program)
	args.withTools(spec, program)
	spec.Containers = corev1.ContainerArray{program}
	return spec
}
