package operate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
)

const theNamespace = "mediawiki-test"

// aPod returns a template with one container that runs a command.
func aPod(app, container string, command ...string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": app}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: container, Command: command}}},
	}
}

func aBackupCronJob() *batchv1.CronJob {
	cron := &batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Name: "mediawiki-backup", Namespace: theNamespace}}
	cron.Spec.JobTemplate.Spec.Template = aPod("mediawiki-backup", "backup", "php", "backup.php")
	return cron
}

// aMigration returns a successful Job that was created so many minutes after midnight, by Pulumi or not.
func aMigration(name string, minute int, deployed bool) *batchv1.Job {
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{
		Name: name, Namespace: theNamespace, CreationTimestamp: metav1.Unix(int64(60*minute), 0), Annotations: map[string]string{},
	}}
	if deployed {
		job.Annotations["pulumi.com/replaceUnready"] = "true"
	}
	job.Spec.Template = aPod("mediawiki-migration", "migration", "sh", "run.sh", "migrate")
	job.Spec.Template.Annotations = map[string]string{"made-for": name}
	job.Status.Succeeded = 1
	return job
}

// notEmpty is the termination message of the check before an import, if it fails.
const notEmpty = "this wiki is not empty"

// clusterOf returns a wiki on an API server where Jobs end as soon as they are created, in this way and with this termination message. The
// check before an import succeeds unless the message is its own.
func clusterOf(t *testing.T, end batchv1.JobConditionType, message string, objects ...runtime.Object) (*operate.Wiki, func() *batchv1.Job) {
	t.Helper()
	client := fake.NewClientset(objects...)
	var made *batchv1.Job
	client.PrependReactor("create", "jobs", func(action clienttesting.Action) (bool, runtime.Object, error) {
		job := action.(clienttesting.CreateAction).GetObject().(*batchv1.Job)
		job.Name = job.GenerateName + "1"
		end := end
		if job.GenerateName == "mediawiki-check-import-" && message != notEmpty {
			end = batchv1.JobComplete
		}
		job.Status.Conditions = []batchv1.JobCondition{{Type: end, Status: corev1.ConditionTrue, Message: "no reason"}}
		made = job.DeepCopy()
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			Name: job.Name + "-pod", Namespace: theNamespace, Labels: map[string]string{"job-name": job.Name},
		}}
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
			Name:  job.Spec.Template.Spec.Containers[0].Name,
			State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Message: message}},
		}}
		require.NoError(t, client.Tracker().Add(pod))
		return false, nil, nil
	})
	return &operate.Wiki{Client: client, Namespace: theNamespace, Name: "mediawiki"}, func() *batchv1.Job { return made }
}

func TestManualBackupRunsTheSameJobAsTheSchedule(t *testing.T) {
	cron := aBackupCronJob()
	wiki, made := clusterOf(t, batchv1.JobComplete, "", cron)
	var shown []string
	require.NoError(t, wiki.Backup(t.Context(), func(line string) { shown = append(shown, line) }))
	assert.Equal(t, cron.Spec.JobTemplate.Spec.Template, made().Spec.Template)
	assert.Equal(t, int32(0), *made().Spec.BackoffLimit, "tries after the first")
	assert.Equal(t, "CronJob", made().OwnerReferences[0].Kind, "whose history of Jobs it is part of")
	assert.Equal(t, []string{"Job " + made().Name, "  fake logs"}, shown)
	_, err := wiki.Client.BatchV1().Jobs(theNamespace).Get(t.Context(), made().Name, metav1.GetOptions{})
	assert.True(t, apierrors.IsNotFound(err), "a Job that has succeeded is deleted")
}

func TestManualDrillRunsTheSameJobAsTheSchedule(t *testing.T) {
	cron := aBackupCronJob()
	cron.Name = "mediawiki-drill"
	cron.Spec.JobTemplate.Spec.Template = aPod("mediawiki-backup", "drill", "php", "drill.php")
	wiki, made := clusterOf(t, batchv1.JobComplete, "", cron)
	require.NoError(t, wiki.Drill(t.Context(), "20261125T031700Z", func(string) {}))
	container := made().Spec.Template.Spec.Containers[0]
	assert.Equal(t, []string{"php", "drill.php"}, container.Command)
	assert.Equal(t, []corev1.EnvVar{{Name: "DRILL_OF", Value: "20261125T031700Z"}}, container.Env)
}

func TestFailedBackupPrintsTheReasonAndKeepsItsJob(t *testing.T) {
	wiki, made := clusterOf(t, batchv1.JobFailed, "the disk is full", aBackupCronJob())
	err := wiki.Backup(t.Context(), func(string) {})
	require.ErrorContains(t, err, "the disk is full")
	require.ErrorContains(t, err, made().Name)
	_, err = wiki.Client.BatchV1().Jobs(theNamespace).Get(t.Context(), made().Name, metav1.GetOptions{})
	assert.NoError(t, err)
}

func TestBackupOfAnUnknownWikiNamesTheCommandThatFixesIt(t *testing.T) {
	wiki, _ := clusterOf(t, batchv1.JobComplete, "")
	err := wiki.Backup(t.Context(), func(string) {})
	require.ErrorContains(t, err, "no CronJob mediawiki-backup")
	require.ErrorContains(t, err, "kubectl get cronjob -A")
	require.ErrorContains(t, wiki.Restore(t.Context(), "", func(string) {}), "no CronJob mediawiki-backup")
	wiki, _ = clusterOf(t, batchv1.JobComplete, "", aBackupCronJob())
	require.ErrorContains(t, wiki.Restore(t.Context(), "", func(string) {}), "pulumi up")
}

func TestRestoreHasTheVolumesAndAccountsOfTheLastMigration(t *testing.T) {
	failed := aMigration("mediawiki-migration-failed", 4, true)
	failed.Status.Succeeded = 0
	wiki, made := clusterOf(t, batchv1.JobComplete, "", aBackupCronJob(),
		aMigration("mediawiki-migration-old", 1, true), aMigration("mediawiki-migration-new", 2, true), failed,
		aMigration("mediawiki-restore-before", 3, false))
	require.NoError(t, wiki.Restore(t.Context(), "20261125T031700Z", func(string) {}))
	assert.Equal(t, "CronJob", made().OwnerReferences[0].Kind, "with which it goes")
	container := made().Spec.Template.Spec.Containers[0]
	assert.Equal(t, []string{"sh", "run.sh", "restore"}, container.Command)
	assert.Equal(t, "mediawiki-migration-new", made().Spec.Template.Annotations["made-for"])
	assert.Contains(t, container.Env, corev1.EnvVar{Name: "RESTORE_FROM", Value: "20261125T031700Z"})
	assert.Equal(t, map[string]string{"app": "mediawiki-migration"}, made().Spec.Template.Labels, "what policies let it")
	again, err := wiki.Client.BatchV1().Jobs(theNamespace).Get(t.Context(), "mediawiki-migration-new", metav1.GetOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"sh", "run.sh", "migrate"}, again.Spec.Template.Spec.Containers[0].Command, "which is not changed")
}
