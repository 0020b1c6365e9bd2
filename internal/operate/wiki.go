package operate

import (
	"context"
	"fmt"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

// Wiki is one that runs.
type Wiki struct {
	Client    kubernetes.Interface
	Attach    Attach
	Namespace string
	Name      string // of its MediaWikiStack, with which the names of its objects begin
}

// Open connects to the cluster of a wiki, which it finds as [cluster.Find] does.
func Open(kubeconfig, kubeContext, namespace, name string) (*Wiki, error) {
	target, err := cluster.Find(kubeconfig, kubeContext)
	if err != nil {
		return nil, err
	}
	config, err := target.Config()
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	return &Wiki{Client: client, Attach: AttachWith(config), Namespace: namespace, Name: name}, err
}

// Backup takes a backup now, as the clock does.
func (w *Wiki) Backup(ctx context.Context, show Printer) error {
	return w.runCronJob(ctx, "backup", show)
}

// Drill proves now, as the clock does, that a backup can be restored: the one with this name, or with an empty name the newest.
func (w *Wiki) Drill(ctx context.Context, of string, show Printer) error {
	return w.runCronJob(ctx, "drill", show, corev1.EnvVar{Name: "DRILL_OF", Value: of})
}

// Restore puts a backup in the place of what the wiki has: the one with this name, or with an empty name the newest.
func (w *Wiki) Restore(ctx context.Context, from string, show Printer) error {
	return w.runMigration(ctx, "restore", show, corev1.EnvVar{Name: "RESTORE_FROM", Value: from})
}

// Backups prints those that there are.
func (w *Wiki) Backups(ctx context.Context, show Printer) error {
	return w.runMigration(ctx, "backups", show)
}

// runCronJob does now what a CronJob does by the clock.
func (w *Wiki) runCronJob(ctx context.Context, program string, show Printer, environment ...corev1.EnvVar) error {
	cron, err := w.cronJob(ctx, program)
	if err != nil {
		return err
	}
	job := &batchv1.Job{ObjectMeta: byHand(cron, w.Name+"-"+program+"-now-"), Spec: *cron.Spec.JobTemplate.Spec.DeepCopy()}
	job.Spec.BackoffLimit = new(int32) // whoever waits for it wants to know
	container := &job.Spec.Template.Spec.Containers[0]
	container.Env = append(container.Env, environment...)
	return w.run(ctx, job, program, show, nil)
}

// runMigration runs another program with all that the wiki's last migration had.
func (w *Wiki) runMigration(ctx context.Context, program string, show Printer, environment ...corev1.EnvVar) error {
	job, err := w.likeMigration(ctx, program)
	if err != nil {
		return err
	}
	container := &job.Spec.Template.Spec.Containers[0]
	container.Env = append(container.Env, environment...)
	return w.run(ctx, job, migrationContainer, show, nil)
}

const migrationContainer = "migration"

// likeMigration is a Job that runs another program with the image, settings, volumes and account of the wiki's last migration.
func (w *Wiki) likeMigration(ctx context.Context, program string) (*batchv1.Job, error) {
	cron, err := w.cronJob(ctx, "backup")
	if err != nil {
		return nil, err
	}
	last, err := w.lastMigration(ctx)
	if err != nil {
		return nil, err
	}
	job := &batchv1.Job{
		ObjectMeta: byHand(cron, w.Name+"-"+program+"-"),
		Spec: batchv1.JobSpec{
			BackoffLimit: last.Spec.BackoffLimit, PodFailurePolicy: last.Spec.PodFailurePolicy, Template: *last.Spec.Template.DeepCopy(),
		},
	}
	job.Spec.Template.Labels = map[string]string{"app": last.Spec.Template.Labels["app"]}
	containers := job.Spec.Template.Spec.Containers
	if len(containers) != 1 || containers[0].Name != migrationContainer {
		return nil, fmt.Errorf("the migration %s has not one container, %s: it is not of this program's making",
			last.Name, migrationContainer)
	}
	words := containers[0].Command
	words[len(words)-1] = strings.Replace(words[len(words)-1], "migrate", program, 1)
	return job, nil
}

func (w *Wiki) cronJob(ctx context.Context, program string) (*batchv1.CronJob, error) {
	name := w.Name + "-" + program
	cron, err := w.Client.BatchV1().CronJobs(w.Namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, &cluster.Error{
			What: fmt.Sprintf("namespace %s has no wiki with backups: there is no CronJob %s", w.Namespace, name),
			Fix:  "kubectl get cronjob -A     (lists the namespaces that have one)",
		}
	}
	return cron, err
}

// byHand is a Job beside those of the clock: it keeps them waiting while it runs, and goes with the CronJob. One that stayed would keep
// the volumes that its Pod has mounted.
func byHand(cron *batchv1.CronJob, beginning string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		GenerateName: beginning, Annotations: map[string]string{"cronjob.kubernetes.io/instantiate": "manual"},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(cron, batchv1.SchemeGroupVersion.WithKind("CronJob"))},
	}
}

func (w *Wiki) lastMigration(ctx context.Context) (*batchv1.Job, error) {
	jobs, err := w.Client.BatchV1().Jobs(w.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var last *batchv1.Job
	for i := range jobs.Items {
		job := &jobs.Items[i]
		_, deployed := job.Annotations["pulumi.com/replaceUnready"] // the program's, not one that run has made
		if deployed && job.Spec.Template.Labels["app"] == w.Name+"-migration" && job.Status.Succeeded > 0 &&
			(last == nil || last.CreationTimestamp.Before(&job.CreationTimestamp)) {
			last = job
		}
	}
	if last == nil {
		return nil, &cluster.Error{What: fmt.Sprintf("no migration has succeeded in namespace %s", w.Namespace), Fix: "pulumi up"}
	}
	return last, nil
}
