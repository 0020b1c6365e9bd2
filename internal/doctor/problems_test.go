package doctor_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

func TestDoctorReportsEachProblemAndItsFix(t *testing.T) {
	const memorySummary = "/api/v1/nodes/pi/proxy/stats/summary?only_cpu_and_memory=true"
	for name, c := range map[string]struct {
		about string
		level doctor.Level
		spoil func(*fixture)
		want  string // parts of the finding, separated by |
	}{
		"an API server that is not ready": {"API server", doctor.Failure, func(b *fixture) {
			b.answers["/readyz?verbose"] = "[+]ping ok\n[-]etcd failed: reason withheld\n"
		}, "is not ready|etcd failed|microk8s inspect"},
		"a node that is not ready": {"nodes", doctor.Failure, func(b *fixture) {
			b.node.Status.Conditions[0] = corev1.NodeCondition{Type: corev1.NodeReady, Status: corev1.ConditionUnknown, Message: "silent"}
		}, "pi is not ready: silent|memory cgroup|journalctl"},
		"a node under pressure": {"nodes", doctor.Failure, func(b *fixture) {
			b.node.Status.Conditions = append(b.node.Status.Conditions,
				corev1.NodeCondition{Type: corev1.NodeDiskPressure, Status: corev1.ConditionTrue})
		}, "pi has DiskPressure|kubectl describe node pi"},
		"a cordoned node": {"nodes", doctor.Warning, func(b *fixture) { b.node.Spec.Unschedulable = true }, "kubectl uncordon pi"},
		"a 32-bit system": {
			"nodes", doctor.Failure, func(b *fixture) { b.node.Status.NodeInfo.Architecture = "arm" },
			"pi has architecture arm|64-bit",
		},
		"no memory left": {"memory", doctor.Warning, func(b *fixture) {
			b.answers[memorySummary] = `{"node":{"memory":{"availableBytes":104857600}}}`
		}, "pi has only 100 MiB left"},
		"no memory cgroup": {"memory cgroup", doctor.Failure, func(b *fixture) {
			b.answers[memorySummary] = `{"pods":[{"containers":[{"name":"mariadb"}]}]}`
		}, "is off on pi|cgroup_enable=memory cgroup_memory=1|/boot/firmware/cmdline.txt"},
		"a full disk": {"disk", doctor.Failure, func(b *fixture) {
			b.answers["/api/v1/nodes/pi/proxy/stats/summary"] = `{"node":{"fs":{"availableBytes":4,"capacityBytes":100}}}`
		}, "the disk of pi is 96% full"},
		"no default class": {
			"storage class", doctor.Failure, func(b *fixture) { b.class.Annotations = nil },
			"no default class|microk8s-hostpath|microk8s enable hostpath-storage",
		},
		"one disk for many nodes": {"storage class", doctor.Warning, func(b *fixture) {
			b.others = append(b.others, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "pi2"}})
			b.answers["/api/v1/nodes/pi2/proxy/stats/summary"] = b.answers["/api/v1/nodes/pi/proxy/stats/summary"]
		}, "all replicas of the wiki share one of the 2 nodes|uploads.accessMode ReadWriteMany|into which a backup is restored"},
		"one disk for many nodes, and no wiki yet": {"storage class", doctor.Warning, func(b *fixture) {
			b.others = append(b.others, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "pi2"}})
			b.answers["/api/v1/nodes/pi2/proxy/stats/summary"] = b.answers["/api/v1/nodes/pi/proxy/stats/summary"]
			b.claim.Name = "of-another-wiki"
		}, "uploads.accessMode ReadWriteMany|before the first pulumi up"},
		"no DNS": {
			"DNS", doctor.Warning, func(b *fixture) { b.dns.Endpoints = nil },
			"no Pod behind Service kube-system/kube-dns is ready|the wiki keeps running",
		},
		"an Ingress that nobody serves": {"ingress class", doctor.Failure, func(b *fixture) {
			class := "nginx"
			b.others = append(b.others, &networkingv1.Ingress{
				ObjectMeta: named("mediawiki"), Spec: networkingv1.IngressSpec{IngressClassName: &class},
			})
		}, `"nginx", which does not exist|microk8s enable ingress`},
		"somebody else's port": {"node port", doctor.Failure, func(b *fixture) {
			b.service.Namespace, b.stack = "shop", &doctor.Stack{NodePort: 30080, Command: []string{"false"}}
		}, "belongs to Service shop/mediawiki-srv-1|pulumi config set nodePort 0"},
		"no RBAC":                       {"RBAC", doctor.Warning, func(b *fixture) { b.rbacOff = true }, "is off|microk8s enable rbac"},
		"policies that nobody enforces": {"network policies", doctor.Warning, func(b *fixture) { b.connects = "open" }, "are not enforced"},
		"a Deployment that misses Pods": {
			"rollout", doctor.Failure, func(b *fixture) { b.web.Status.AvailableReplicas = 0 },
			"mediawiki-app-1 has 0 of 1 Pod ready|describe deployment",
		},
		"a change that is stuck": {
			"rollout", doctor.Warning, func(b *fixture) { b.web.Status.UpdatedReplicas = 0 },
			"0 of 1 Pod updated",
		},
		"a number of Pods that nobody can choose": {"autoscaling", doctor.Warning, func(b *fixture) {
			b.others = append(b.others, autoscaled(autoscalingv2.HorizontalPodAutoscalerCondition{
				Type: autoscalingv2.ScalingActive, Status: corev1.ConditionFalse, Message: "unable to fetch metrics",
			}))
		}, "mediawiki-app-1 does not change: unable to fetch metrics|v1beta1.metrics.k8s.io"},
		"more work than the largest number of Pods can do": {"autoscaling", doctor.Warning, func(b *fixture) {
			b.others = append(b.others, autoscaled(autoscalingv2.HorizontalPodAutoscalerCondition{
				Type: autoscalingv2.ScalingLimited, Status: corev1.ConditionTrue, Reason: "TooManyReplicas",
			}))
		}, "would have more than 4 Pods|autoscaling.max"},
		"a migration that failed": {"rollout", doctor.Failure, func(b *fixture) {
			failed(b.job)
			b.others = append(b.others, ended("mediawiki-migration-1", "extensions: the image has no VisualEdtior"))
		}, "Job mediawiki-migration-1 failed: too often|no VisualEdtior|logs job/mediawiki-migration-1"},
		"an image that is not there": {"Pods", doctor.Failure, func(b *fixture) {
			waits("ImagePullBackOff", "not found")(b)
			b.others = append(b.others, anEvent("Pod", "mediawiki-app-1", "Failed", "manifest unknown"))
		}, "container mediawiki is in ImagePullBackOff for mediawiki:1.43.9|manifest unknown|pulumi config set --path images.mediawiki"},
		"an image of memcached that is not there": {"Pods", doctor.Failure, func(b *fixture) {
			waits("ImagePullBackOff", "not found")(b)
			b.pod.Status.ContainerStatuses[0].Name, b.pod.Status.ContainerStatuses[0].Image = "memcached", "memcached:9"
		}, "container memcached is in ImagePullBackOff for memcached:9|pulumi config set --path images.memcached …"},
		"an image of somebody else's container": {"Pods", doctor.Failure, func(b *fixture) {
			waits("ImagePullBackOff", "not found")(b)
			b.pod.Status.ContainerStatuses[0].Name = "mesh"
		}, "container mesh is in ImagePullBackOff|describe pod mediawiki-app-1"},
		"a container that ends": {"Pods", doctor.Failure, func(b *fixture) {
			waits("CrashLoopBackOff", "")(b)
			b.pod.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 139}
		}, "ended|exit code 139|fake logs|--previous"},
		"an image of another architecture": {"Pods", doctor.Failure, func(b *fixture) {
			waits("CrashLoopBackOff", "")(b)
			b.pod.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
				Message: "exec /usr/bin/sh: exec format error",
			}
		}, "built for another architecture"},
		"a Pod without a node": {"Pods", doctor.Failure, func(b *fixture) {
			b.pod.Status.Conditions = []corev1.PodCondition{{
				Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "0/1 nodes are available",
			}}
		}, "cannot be scheduled: 0/1 nodes are available"},
		"a claim without a volume": {"claims", doctor.Failure, func(b *fixture) {
			b.claim.Status.Phase = corev1.ClaimPending
			b.others = append(b.others, anEvent("PersistentVolumeClaim", "mediawiki-uploads", "ProvisioningFailed", `"nfs" not found`))
		}, `mediawiki-uploads is Pending|ProvisioningFailed|"nfs" not found|describe pvc mediawiki-uploads`},
		"a Pod that stays after it was deleted, on a node that is away": {"Pods", doctor.Failure, func(b *fixture) {
			gone := hoursBefore(0.5)
			b.pod.DeletionTimestamp, b.pod.Finalizers = &gone, []string{"example.org/holds"}
			b.others = append(b.others, readyPod("mediawiki-app", "mediawiki"))
			b.pod.Name = "mediawiki-app-2"
		}, "was deleted and should have disappeared|waiting for the finalizer example.org/holds|kubectl patch pod mediawiki-app-2"},
		"a quota that a Pod does not fit into": {"Pods", doctor.Failure, func(b *fixture) {
			refused(b, `pods "x" is forbidden: failed quota: compute: must specify limits.cpu for: mediawiki`)
		}, `ReplicaSet mediawiki-app-1 gets no Pod|must specify limits.cpu|"kind":"LimitRange"|"default":{"cpu":"2"}`},
		"a quota that is used up": {"Pods", doctor.Failure, func(b *fixture) {
			refused(b, `pods "x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=9, limited: pods=9`)
		}, "gets no Pod|exceeded quota: compute|kubectl describe quota"},
		"no Pod, and no reason": {"Pods", doctor.Warning, func(b *fixture) {
			b.pod.Status.Conditions, b.pod.CreationTimestamp = nil, hoursBefore(0)
			b.alone = true
		}, "none is ready, and there is no sign why"},
		"a namespace that is being deleted": {
			"rollout", doctor.Failure, func(b *fixture) { b.leaving = true }, "is being deleted|shows what blocks it",
		},
		"a volume that nobody gave to the wiki": {
			"volumes", doctor.Failure, func(b *fixture) { b.claim.Spec.VolumeName, b.unwritable = "pv-1", "0:0, mode 755; 33:33\n" },
			"runs as 33:33, cannot write to mediawiki-uploads|belongs to 0:0, mode 755|kubectl get pv pv-1|sudo chown -R 33:33 DIRECTORY",
		},
		"a full volume": {
			"volumes", doctor.Warning, func(b *fixture) { b.df = "1000 900 100 90% /data" },
			"the disk of mediawiki-uploads is 90% full|uploads.size",
		},
		"a wiki that answers with an error": {
			"site", doctor.Failure, func(b *fixture) { b.siteStatus = http.StatusInternalServerError },
			"500 Internal Server Error|logs -l app=mediawiki-app",
		},
		"an image that is being pulled": {"images", doctor.Warning, func(b *fixture) {
			b.pod.Status.ContainerStatuses[0].ImageID, b.pod.Status.ContainerStatuses[0].Image = "", "mediawiki:1.43.8"
		}, "not on the nodes yet: mediawiki:1.43.8"},
		"a release behind": {"versions", doctor.Warning, func(b *fixture) {
			b.web.Spec.Template.Spec.Containers[0].Image = "mediawiki:1.43.8"
		}, "MediaWiki 1.43.8 runs, and 1.43.9 is available|pulumi config set --path images.mediawiki mediawiki:1.43.9"},
		"a series that ended": {"versions", doctor.Warning, func(b *fixture) {
			b.web.Spec.Template.Spec.Containers[0].Image = "mediawiki:1.39.17"
		}, "MediaWiki 1.39 reached its end of life on 2025-12-31"},
		"a series of Varnish that ended": {"versions", doctor.Warning, func(b *fixture) {
			b.web.Spec.Template.Spec.InitContainers = []corev1.Container{{Name: "varnish", Image: "varnish:7.6.1"}}
		}, "Varnish 7.6 reached its end of life on 2025-09-15|pulumi config set --path images.varnish"},
		"a series of which nobody knows any more": {"versions", doctor.Warning, func(b *fixture) {
			b.web.Spec.Template.Spec.Containers[0].Image = "mediawiki:1.19.24"
		}, "MediaWiki 1.19 is not maintained"},
		"a series that ends soon": {
			"versions", doctor.Warning, func(b *fixture) { b.now = noon.AddDate(1, 0, 0) },
			"MediaWiki 1.43 reaches its end of life on 2027-12-31|git pull",
		},
		"a mail server that is away": {
			"mail", doctor.Failure, func(b *fixture) { b.mail = "Failed to connect to mail.example.org:25" },
			"Failed to connect to mail.example.org:25|lost|pulumi config get --path mail",
		},
		"a backup that was missed": {
			"backups", doctor.Warning, func(b *fixture) { *b.cron.Status.LastSuccessfulTime = hoursBefore(32.5) },
			"the last backup: 32h ago; one has been missed, due 8h ago|wiki --namespace mediawiki-test backup",
		},
		"no backup for days": {
			"backups", doctor.Failure, func(b *fixture) { *b.cron.Status.LastSuccessfulTime = hoursBefore(80.5) },
			"the last backup: 3d8h ago; 3 have been missed",
		},
		"a backup that failed": {"backups", doctor.Failure, func(b *fixture) {
			b.others = append(b.others, failed(aJobOf(b.cron, "mediawiki-backup-2")),
				ended("mediawiki-backup-2", "no space left on device"))
		}, "Job mediawiki-backup-2 failed|no space left on device"},
		"a backup that failed before the eyes of whoever started it": {"backups", doctor.Warning, func(b *fixture) {
			job := failed(aJobOf(b.cron, "mediawiki-backup-now-x"))
			job.Annotations = map[string]string{"cronjob.kubernetes.io/instantiate": "manual"}
			b.others = append(b.others, job, ended("mediawiki-backup-now-x", "there is no backup foo"))
		}, "Job mediawiki-backup-now-x failed|there is no backup foo"},
		"a schedule that no day matches": {
			"backups", doctor.Failure, func(b *fixture) { b.cron.Spec.Schedule = "0 3 31 2 *" },
			`none will ever run: no day matches "0 3 31 2 *"|pulumi config set --path backups.schedule '17 3 * * *'`,
		},
		"a stopped clock": {"backups", doctor.Warning, func(b *fixture) {
			stopped := true
			b.cron.Spec.Suspend = &stopped
		}, "the schedule is suspended|backups.enabled true"},
	} {
		t.Run(name, func(t *testing.T) {
			b := healthy()
			c.spoil(b)
			found := about(t, c.about, b.environment(t).Examine(t.Context()))
			assert.Equal(t, c.level, found[0].Level, said(found[0]))
			for _, part := range strings.Split(c.want, "|") {
				assert.Contains(t, said(found[0]), part)
			}
			assert.NotEmpty(t, found[0].Why)
			assert.NotEmpty(t, found[0].Fix)
		})
	}
}

// autoscaled returns the autoscaler of the fixture's web Pods in a condition.
func autoscaled(condition autoscalingv2.HorizontalPodAutoscalerCondition) *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: named("mediawiki-app"),
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{Name: "mediawiki-app-1"}, MaxReplicas: 4,
		},
		Status: autoscalingv2.HorizontalPodAutoscalerStatus{
			Conditions: []autoscalingv2.HorizontalPodAutoscalerCondition{condition},
		},
	}
}
