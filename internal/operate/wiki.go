package operate

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Wiki is a running wiki.
type Wiki struct {
	Client    kubernetes.Interface
	Attach    Attach
	Exec      Exec
	Fetch     Fetch
	Namespace string
	Name      string // of its MediaWikiStack; the names of its objects begin with it
	// Authorities are those that the certificate of the wiki's address is verified with. Defaults to the system's.
	Authorities *x509.CertPool
}

// Open connects to the cluster of a wiki, which [cluster.Find] finds.
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
	return &Wiki{
		Client: client, Attach: AttachWith(config), Exec: ExecWith(config), Fetch: FetchWith(config), Namespace: namespace, Name: name,
	}, err
}

// Backup makes a backup now, in the same way as the schedule does.
func (w *Wiki) Backup(ctx context.Context, show Printer) error {
	return w.runCronJob(ctx, "backup", show)
}

// Drill tests now whether a backup can be restored, in the same way as the schedule does. An empty name means the newest backup.
func (w *Wiki) Drill(ctx context.Context, name string, show Printer) error {
	return w.runCronJob(ctx, "drill", show, corev1.EnvVar{Name: "DRILL_OF", Value: name})
}

// Restore replaces the wiki's contents with a backup. An empty name means the newest backup.
func (w *Wiki) Restore(ctx context.Context, name string, show Printer) error {
	return w.runMigration(ctx, "restore", show, corev1.EnvVar{Name: "RESTORE_FROM", Value: name})
}

// Backups lists the backups.
func (w *Wiki) Backups(ctx context.Context, show Printer) error {
	return w.runMigration(ctx, "list-backups", show)
}

// runCronJob runs the Job of a CronJob now.
func (w *Wiki) runCronJob(ctx context.Context, command string, show Printer, environment ...corev1.EnvVar) error {
	cron, err := w.cronJob(ctx, command)
	if err != nil {
		return err
	}
	job := &batchv1.Job{ObjectMeta: manualJobMeta(cron, w.Name+"-"+command+"-now-"), Spec: *cron.Spec.JobTemplate.Spec.DeepCopy()}
	job.Spec.BackoffLimit = new(int32) // report a failure at once, instead of retrying
	container := &job.Spec.Template.Spec.Containers[0]
	container.Env = append(container.Env, environment...)
	return w.run(ctx, job, command, show, nil)
}

// runMigration runs another command in a Job like the wiki's last migration.
func (w *Wiki) runMigration(ctx context.Context, command string, show Printer, environment ...corev1.EnvVar) error {
	job, err := w.likeMigration(ctx, command)
	if err != nil {
		return err
	}
	container := &job.Spec.Template.Spec.Containers[0]
	container.Env = append(container.Env, environment...)
	return w.run(ctx, job, migrationContainer, show, nil)
}

const migrationContainer = "migration"

// likeMigration returns a Job that runs another command with the image, settings, volumes and account of the wiki's last migration,
// and with the programs of the CronJob for backups.
func (w *Wiki) likeMigration(ctx context.Context, command string) (*batchv1.Job, error) {
	cron, err := w.cronJob(ctx, "backup")
	if err != nil {
		return nil, err
	}
	last, err := w.lastMigration(ctx)
	if err != nil {
		return nil, err
	}
	job := &batchv1.Job{
		ObjectMeta: manualJobMeta(cron, w.Name+"-"+command+"-"),
		Spec: batchv1.JobSpec{
			BackoffLimit: last.Spec.BackoffLimit, PodFailurePolicy: last.Spec.PodFailurePolicy, Template: *last.Spec.Template.DeepCopy(),
		},
	}
	job.Spec.Template.Labels = map[string]string{"app": last.Spec.Template.Labels["app"]}
	containers := job.Spec.Template.Spec.Containers
	if len(containers) != 1 || containers[0].Name != migrationContainer {
		return nil, fmt.Errorf("the Job %s does not have exactly one container named %s: this program has not created it",
			last.Name, migrationContainer)
	}
	if i, from := programs(job.Spec.Template.Spec), programs(cron.Spec.JobTemplate.Spec.Template.Spec); i >= 0 && from >= 0 {
		job.Spec.Template.Spec.Volumes[i] = cron.Spec.JobTemplate.Spec.Template.Spec.Volumes[from]
	}
	words := containers[0].Command
	words[len(words)-1] = strings.Replace(words[len(words)-1], "migrate", command, 1)
	return job, nil
}

// programs returns the index of the volume with programs; -1 if there is none.
func programs(pod corev1.PodSpec) int {
	return slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == "programs" })
}

func (w *Wiki) cronJob(ctx context.Context, command string) (*batchv1.CronJob, error) {
	name := w.Name + "-" + command
	cron, err := w.Client.BatchV1().CronJobs(w.Namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, &cluster.Error{
			What: fmt.Sprintf("namespace %s has no wiki with backups: there is no CronJob %s", w.Namespace, name),
			Fix:  "kubectl get cronjob -A     (lists the namespaces that have one)",
		}
	}
	return cron, err
}

// manualJobMeta returns metadata for a manually started Job. The CronJob owns it, so scheduled Jobs wait for it and deleting the CronJob
// deletes it; a Job left behind would block its volumes.
func manualJobMeta(cron *batchv1.CronJob, prefix string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		GenerateName: prefix, Annotations: map[string]string{"cronjob.kubernetes.io/instantiate": "manual"},
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
		_, deployed := job.Annotations["pulumi.com/replaceUnready"] // deployed by Pulumi, not created by run
		if deployed && job.Spec.Template.Labels["app"] == parts.Migration.Of(w.Name) && job.Status.Succeeded > 0 &&
			(last == nil || last.CreationTimestamp.Before(&job.CreationTimestamp)) {
			last = job
		}
	}
	if last == nil {
		return nil, &cluster.Error{What: fmt.Sprintf("no migration has succeeded in namespace %s", w.Namespace), Fix: "pulumi up"}
	}
	return last, nil
}
