package doctor_test

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// waits makes a container of the web Pod wait forever.
func waits(reason, message string) func(*fixture) {
	return func(b *fixture) {
		b.pod.Status.Conditions[0].Status = corev1.ConditionFalse
		b.pod.Status.ContainerStatuses[0].State.Waiting = &corev1.ContainerStateWaiting{Reason: reason, Message: message}
	}
}

func anEvent(kind, name, reason, message string) *corev1.Event {
	return &corev1.Event{
		ObjectMeta: named(name + "." + reason), Type: corev1.EventTypeWarning, Reason: reason, Message: message,
		InvolvedObject: corev1.ObjectReference{Kind: kind, Name: name}, LastTimestamp: hoursBefore(0.1),
	}
}

// failed returns a Job that failed an hour ago.
func failed(job *batchv1.Job) *batchv1.Job {
	job.Status.Succeeded = 0
	job.Status.Conditions = []batchv1.JobCondition{{
		Type: batchv1.JobFailed, Status: corev1.ConditionTrue, Message: "too often", LastTransitionTime: hoursBefore(1),
	}}
	return job
}

// ended returns the failed Pod of a Job with a termination message.
func ended(job, message string) *corev1.Pod {
	pod := readyPod(job, "job")
	pod.Labels["job-name"] = job
	pod.Status.Phase = corev1.PodFailed
	pod.Status.ContainerStatuses[0].State.Terminated = &corev1.ContainerStateTerminated{ExitCode: 1, Message: message}
	return pod
}

// aJobOf returns a Job that a CronJob has created.
func aJobOf(cron *batchv1.CronJob, name string) *batchv1.Job {
	job := &batchv1.Job{ObjectMeta: named(name), Spec: *cron.Spec.JobTemplate.Spec.DeepCopy()}
	job.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(cron, batchv1.SchemeGroupVersion.WithKind("CronJob"))}
	return job
}

// refused adds an event of a ReplicaSet whose Pods the API server does not admit.
func refused(b *fixture, message string) {
	wanted := int32(1)
	set := &appsv1.ReplicaSet{ObjectMeta: named("mediawiki-app-1"), Spec: appsv1.ReplicaSetSpec{Replicas: &wanted}}
	b.others = append(b.others, set, anEvent("ReplicaSet", "mediawiki-app-1", "FailedCreate", message))
}
