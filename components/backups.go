package components

import (
	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// backups is the part that backs up database and uploads to a separate volume, and restores the newest backup into a temporary database to
// prove that it can be restored. Both run on a schedule or on demand.
type backups struct{ pulumi.ResourceState }

func newBackups(ctx *pulumi.Context, w *wiki, mw *mediawiki, migration *migration) (*backups, error) {
	b := &backups{}
	if err := w.register(ctx, parts.Backups, b); err != nil {
		return nil, err
	}
	child, args := w.childOf(b, migration.first()), w.args.Backups
	if err := newNetworkPolicy(ctx, w, parts.Backups, child...); err != nil {
		return nil, err
	}
	programs, err := newPrograms(ctx, w, parts.Backups, backupPrograms, child...)
	if err != nil {
		return nil, err
	}
	if err := newCronJob(ctx, w, parts.Backups.Of(w.name), args.Schedule, backupPod(mw, programs), child...); err != nil {
		return nil, err
	}
	if err := newCronJob(ctx, w, parts.Drill(w.name), args.DrillSchedule, drillPod(mw, programs), child...); err != nil {
		return nil, err
	}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{})
}

// newCronJob creates a CronJob with a fixed name, by which operators start it on demand.
func newCronJob(
	ctx *pulumi.Context, w *wiki, name string, schedule pulumi.StringInput, pod *pod, opts ...pulumi.ResourceOption,
) error {
	_, err := batchv1.NewCronJob(ctx, name, &batchv1.CronJobArgs{
		Metadata: w.workloadMetadata(name, w.args.Image),
		Spec: &batchv1.CronJobSpecArgs{
			Schedule:                   schedule,
			TimeZone:                   stringPtr(w.args.Wiki.Timezone),
			Suspend:                    pulumi.Bool(!*w.args.Backups.Enabled),
			ConcurrencyPolicy:          pulumi.String("Forbid"),
			StartingDeadlineSeconds:    pulumi.Int(3600), // for a cluster that was off
			SuccessfulJobsHistoryLimit: pulumi.Int(1),
			FailedJobsHistoryLimit:     pulumi.Int(3),
			JobTemplate: &batchv1.JobTemplateSpecArgs{Spec: &batchv1.JobSpecArgs{
				BackoffLimit: pulumi.Int(1),
				Template:     pod.template(w.podLabels(parts.Backups, w.args.Image), nil),
			}},
		},
	}, opts...)
	return err
}

func backupPod(mw *mediawiki, programs *programs) *pod {
	c := mw.program("backup", map[string]pulumi.StringInput{"BACKUPS_KEPT": pulumi.Sprintf("%d", mw.args.Backups.Keep)}, "backup")
	p := programPod(mw, c, programs)
	mw.database.tellReplica(p.initContainers[len(p.initContainers)-1])
	mw.addRemote(p, c)
	mw.backUpPackages(c)
	if mw.args.Wiki.hasArchives() {
		p.volumes = append(p.volumes, claimVolume(packagesVolume, mw.claims.packages))
	}
	return p
}

func drillPod(mw *mediawiki, programs *programs) *pod {
	return programPod(mw, mw.program("drill", nil, "drill"), programs)
}

// programPod returns a Pod that runs a program with the volumes of uploads and backups.
func programPod(mw *mediawiki, program *container, programs *programs) *pod {
	program.explains = true
	p := mw.pod(mw.settings.secret, programs, mw.sizes.ProgramDisk())
	p.runsOnce = true
	mw.mountUploads(p, program)
	mw.addTools(p, program)
	p.containers = []*container{program}
	return p
}
