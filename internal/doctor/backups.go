package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// clock is something that a CronJob does for the wiki.
type clock struct {
	suffix, noun, why string
	now               string // the command that does it at once
	key, example      string // the setting that says when, and its default
}

var clocks = []clock{
	{
		"-backup", "backup", "what was written since then is on one disk only", "backup",
		"backups.schedule", components.DefaultBackupSchedule,
	},
	{
		"-drill", "restore drill", "a backup that was never restored may be unusable", "drill",
		"backups.drillSchedule", components.DefaultDrillSchedule,
	},
}

// backups looks at how old the last one is, and the last drill of restoring one.
func backups(ctx context.Context, p *Patient) ([]Finding, error) {
	var found []Finding
	for _, c := range clocks {
		job, err := p.Client.BatchV1().CronJobs(p.Namespace).Get(ctx, p.Name+c.suffix, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		finding, err := p.clock(ctx, c, job)
		if err != nil {
			return nil, err
		}
		found = append(found, *finding)
	}
	return worst(found, fine("this wiki makes none")), nil
}

func (p *Patient) clock(ctx context.Context, c clock, job *batchv1.CronJob) (*Finding, error) {
	finding := &Finding{Why: c.why, Type: fmt.Sprintf("go run ./cmd/wiki --namespace %s %s", p.Namespace, c.now)}
	last, begin := "none yet", job.CreationTimestamp.Time
	if success := job.Status.LastSuccessfulTime; success != nil {
		last, begin = p.ago(*success), success.Time
	}
	failed, err := p.lastFailed(ctx, job, begin)
	if err != nil {
		return nil, err
	}
	if failed != nil {
		finding.Level, finding.What = Failure, fmt.Sprintf("Job %s failed; the last %s: %s", failed.Name, c.noun, last)
		finding.Details = p.lastWords(ctx, failed.Name)
		return finding, nil
	}
	if job.Spec.Suspend != nil && *job.Spec.Suspend {
		finding.Level, finding.What = Warning, fmt.Sprintf("the clock is stopped; the last %s: %s", c.noun, last)
		finding.Type = "pulumi config set --path backups.enabled true && pulumi up"
		return finding, nil
	}
	due, count, err := missed(job, begin, p.Now)
	if err != nil {
		return nil, err
	}
	switch {
	case due.IsZero():
		finding.Level, finding.What = Failure, fmt.Sprintf("the last %s: %s; none is ever due: no day matches %q",
			c.noun, last, job.Spec.Schedule)
		finding.Type = fmt.Sprintf("pulumi config set --path %s '%s' && pulumi up", c.key, c.example)
	case count > 1:
		finding.Level, finding.What = Failure, fmt.Sprintf("the last %s: %s; %d were due since then", c.noun, last, count)
	case count == 1 && p.Now.Sub(due) > 2*time.Hour:
		finding.Level, finding.What = Warning, fmt.Sprintf("the last %s: %s; one was due %s", c.noun, last, p.ago(metav1.NewTime(due)))
	default:
		next := due.Format("Monday at 15:04")
		*finding = Finding{Level: OK, What: fmt.Sprintf("the last %s: %s; the next is due on %s", c.noun, last, next)}
	}
	return finding, nil
}

// missed is when something was due first after a moment, and how often it was due since then; more than 9 times are 9.
// If it was not, it is when it is due next; the zero time if no day ever matches the schedule.
func missed(job *batchv1.CronJob, since, now time.Time) (time.Time, int, error) {
	zone := time.UTC
	if job.Spec.TimeZone != nil {
		found, err := time.LoadLocation(*job.Spec.TimeZone)
		if err != nil {
			return time.Time{}, 0, fmt.Errorf("CronJob %s: %w", job.Name, err)
		}
		zone = found
	}
	schedule, err := cron.ParseStandard(job.Spec.Schedule)
	if err != nil {
		return time.Time{}, 0, fmt.Errorf("CronJob %s: %w", job.Name, err)
	}
	first := schedule.Next(since.In(zone))
	count := 0
	for at := first; !at.IsZero() && at.Before(now) && count < 9; at = schedule.Next(at) {
		count++
	}
	return first, count, nil
}

// lastFailed is the last Job of a CronJob, if it has failed after a moment.
func (p *Patient) lastFailed(ctx context.Context, owner *batchv1.CronJob, after time.Time) (*batchv1.Job, error) {
	jobs, err := p.Client.BatchV1().Jobs(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var last *batchv1.Job
	for i := range jobs.Items {
		job := &jobs.Items[i]
		// Backups and drills have the same label, and Jobs with other programs have the same owner.
		if metav1.IsControlledBy(job, owner) && job.Spec.Template.Labels["app"] == owner.Spec.JobTemplate.Spec.Template.Labels["app"] &&
			(last == nil || last.CreationTimestamp.Before(&job.CreationTimestamp)) {
			last = job
		}
	}
	if last == nil || failure(last) == nil || failure(last).LastTransitionTime.Time.Before(after) {
		return nil, nil
	}
	return last, nil
}
