package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// schedule describes a CronJob of the wiki.
type schedule struct {
	name         func(wiki string) string
	noun, why    string
	command      string // of cmd/wiki, which does it now
	repair       string // the command that has to be run first after a failure; may be empty
	key, example string // the setting of its schedule, and the default
}

var schedules = []schedule{
	{
		parts.Backups.Of, "backup", "everything written since then is on only one disk", "backup", "",
		"backups.schedule", defaults.BackupSchedule,
	},
	{
		parts.Drill, "restore test", "a backup that was never restored may be unusable", "drill", "backup",
		"backups.drillSchedule", defaults.DrillSchedule,
	},
}

// backups checks the age of the last backup and of the last restore test, and whether these have found damaged backups.
func backups(ctx context.Context, e *Environment) ([]Finding, error) {
	found, err := e.damagedBackups(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range schedules {
		job, err := e.Client.BatchV1().CronJobs(e.Namespace).Get(ctx, c.name(e.Name), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		finding, err := e.checkSchedule(ctx, c, job)
		if err != nil {
			return nil, err
		}
		found = append(found, *finding)
	}
	return orOK(found, passed("this wiki has none")), nil
}

// damagedBackups returns a finding if the last backup or restore test has found damaged backups.
func (e *Environment) damagedBackups(ctx context.Context) ([]Finding, error) {
	metrics, err := e.backupMetrics(ctx)
	damaged := names(metrics, metricDamaged)
	if err != nil || len(damaged) == 0 {
		return nil, err
	}
	return []Finding{{
		Level: Warning, What: "the last backup or restore test found damaged backups: " + strings.Join(damaged, ", "),
		Why: "they cannot be restored. A new backup copies damaged uploads again from the wiki, and damaged backups are deleted once " +
			"there are enough newer ones; those without a readable manifest stay until somebody deletes their directories",
		Fix: e.wikiCommand("backups") + "     (says what is damaged)\n" + e.wikiCommand("backup") + "\n" + e.wikiCommand("drill"),
	}}, nil
}

// wikiCommand returns a command of cmd/wiki for this wiki.
func (e *Environment) wikiCommand(command string) string {
	return fmt.Sprintf("go run ./cmd/wiki --namespace %s %s", e.Namespace, command)
}

func (e *Environment) checkSchedule(ctx context.Context, c schedule, job *batchv1.CronJob) (*Finding, error) {
	finding := &Finding{Why: c.why, Fix: e.wikiCommand(c.command)}
	last, since := "none yet", job.CreationTimestamp.Time
	if success := job.Status.LastSuccessfulTime; success != nil {
		last, since = e.ago(*success), success.Time
	}
	failed, err := e.lastFailed(ctx, job, since)
	if err != nil {
		return nil, err
	}
	if failed != nil {
		finding.Level, finding.What = Failure, fmt.Sprintf("Job %s failed; the last %s: %s", failed.Name, c.noun, last)
		if failed.Annotations["cronjob.kubernetes.io/instantiate"] == "manual" { // the user who started it has seen why it failed
			finding.Level = Warning
		}
		if c.repair != "" {
			finding.Fix = e.wikiCommand(c.repair) + "\n" + finding.Fix
		}
		finding.Details = e.lastMessage(ctx, failed.Name)
		return finding, nil
	}
	if job.Spec.Suspend != nil && *job.Spec.Suspend {
		finding.Level, finding.What = Warning, fmt.Sprintf("the schedule is suspended; the last %s: %s", c.noun, last)
		finding.Fix = "pulumi config set --path backups.enabled true && pulumi up"
		return finding, nil
	}
	due, count, err := overdue(job, since, e.Now)
	if err != nil {
		return nil, err
	}
	switch {
	case due.IsZero():
		finding.Level, finding.What = Failure, fmt.Sprintf("the last %s: %s; none will ever run: no day matches %q",
			c.noun, last, job.Spec.Schedule)
		finding.Fix = fmt.Sprintf("pulumi config set --path %s '%s' && pulumi up", c.key, c.example)
	case count > 1:
		finding.Level, finding.What = Failure, fmt.Sprintf("the last %s: %s; %d have been missed since then", c.noun, last, count)
	case count == 1 && e.Now.Sub(due) > 2*time.Hour:
		finding.Level = Warning
		finding.What = fmt.Sprintf("the last %s: %s; one has been missed, due %s", c.noun, last, e.ago(metav1.NewTime(due)))
	default:
		next := due.Format("Monday at 15:04")
		*finding = Finding{Level: OK, What: fmt.Sprintf("the last %s: %s; the next is due on %s", c.noun, last, next)}
	}
	return finding, nil
}

// overdue returns when a CronJob was first due after a time, and how often it has been due since then, up to 9. If it has not been due, it
// returns when it is due next; the zero time if no day matches the schedule.
func overdue(job *batchv1.CronJob, since, now time.Time) (time.Time, int, error) {
	zone := time.UTC
	if job.Spec.TimeZone != nil {
		found, err := time.LoadLocation(*job.Spec.TimeZone)
		if err != nil {
			return time.Time{}, 0, fmt.Errorf("CronJob %s: %w", job.Name, err)
		}
		zone = found
	}
	times, err := cron.ParseStandard(job.Spec.Schedule)
	if err != nil {
		return time.Time{}, 0, fmt.Errorf("CronJob %s: %w", job.Name, err)
	}
	first := times.Next(since.In(zone))
	count := 0
	for at := first; !at.IsZero() && at.Before(now) && count < 9; at = times.Next(at) {
		count++
	}
	return first, count, nil
}

// lastFailed returns the last Job of a CronJob if it failed after a time, else nil.
func (e *Environment) lastFailed(ctx context.Context, owner *batchv1.CronJob, after time.Time) (*batchv1.Job, error) {
	jobs, err := e.Client.BatchV1().Jobs(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var last *batchv1.Job
	for i := range jobs.Items {
		job := &jobs.Items[i]
		// Backups and restore tests have the same label, and Jobs of other commands have the same owner.
		if metav1.IsControlledBy(job, owner) && job.Spec.Template.Labels["app"] == owner.Spec.JobTemplate.Spec.Template.Labels["app"] &&
			(last == nil || last.CreationTimestamp.Before(&job.CreationTimestamp)) {
			last = job
		}
	}
	if last == nil || failedCondition(last) == nil || failedCondition(last).LastTransitionTime.Time.Before(after) {
		return nil, nil
	}
	return last, nil
}
