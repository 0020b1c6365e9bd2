package doctor_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

const theNamespace = "mediawiki-test"

// aPod returns a template whose Pods have one container.
func aPod(app, container string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": app}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: container}}},
	}
}

// aMigration returns a Job that has succeeded.
func aMigration() *batchv1.Job {
	job := &batchv1.Job{ObjectMeta: named("mediawiki-migration-1")}
	job.Spec.Template = aPod("mediawiki-migration", "migration")
	job.Status.Succeeded = 1
	return job
}

func aBackupCronJob() *batchv1.CronJob {
	cron := &batchv1.CronJob{ObjectMeta: named("mediawiki-backup")}
	cron.Spec.JobTemplate.Spec.Template = aPod("mediawiki-backup", "backup")
	return cron
}

// noon is the time of each examination.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func hoursBefore(hours float64) metav1.Time {
	return metav1.NewTime(noon.Add(-time.Duration(hours * float64(time.Hour))))
}

// fixture is a cluster with a wiki. Tests break one part of it.
type fixture struct {
	node         *corev1.Node
	class        *storagev1.StorageClass
	dns          *discoveryv1.EndpointSlice
	service      *corev1.Service
	web          *appsv1.Deployment
	database     *appsv1.StatefulSet
	claim        *corev1.PersistentVolumeClaim
	pod          *corev1.Pod // of web
	job          *batchv1.Job
	cron         *batchv1.CronJob
	others       []runtime.Object
	answers      map[string]string // of the API server, by path, and of Pods, by Pod:port/path
	df, connects string            // output of df and of the connection test in a Pod
	alone        bool              // whether the web Pod is the only Pod
	leaving      bool              // whether the namespace is being deleted
	unwritable   string            // output of the test whether a container can write to a volume
	mail         string            // output of check-mail.php
	siteStatus   int
	siteBody     string
	siteHost     string // instead of the address at which the site is
	rbacOff      bool   // whether RBAC is off
	stack        *doctor.Stack
	now          time.Time
}

func named(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: theNamespace, CreationTimestamp: hoursBefore(100)}
}

// readyPod returns a ready Pod of an app, with one container of MediaWiki's image.
func readyPod(app, container string) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: named(app + "-1")}
	pod.Labels = map[string]string{"app": app}
	pod.Spec.NodeName = "pi"
	pod.Spec.Containers = []corev1.Container{{
		Name: container, VolumeMounts: []corev1.VolumeMount{{Name: "data", MountPath: "/data"}},
	}}
	pod.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "mediawiki-uploads"},
	}}}
	pod.Status.PodIP = "10.1.0.7"
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: container, Image: "mediawiki:1.43.9", ImageID: "sha256:1"}}
	return pod
}

// healthy returns a Raspberry Pi with a wiki, neither of which has a problem.
func healthy() *fixture {
	replicas := int32(1)
	b := &fixture{
		node: &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "pi"}},
		df:   "1000 100 900 10% /data", connects: "closed", mail: "ok", siteStatus: http.StatusOK,
		class: &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "microk8s-hostpath", Annotations: map[string]string{
			"storageclass.kubernetes.io/is-default-class": "true",
		}}, Provisioner: "microk8s.io/hostpath"},
		dns:     &discoveryv1.EndpointSlice{Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.1.0.2"}}}},
		service: &corev1.Service{ObjectMeta: named("mediawiki-srv-1"), Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort}},
		web:     &appsv1.Deployment{ObjectMeta: named("mediawiki-app-1")}, database: &appsv1.StatefulSet{ObjectMeta: named("mediawiki-db")},
		claim: &corev1.PersistentVolumeClaim{ObjectMeta: named("mediawiki-uploads")},
		pod:   readyPod("mediawiki-app", "mediawiki"),
		job:   aMigration(), cron: aBackupCronJob(), now: noon,
		answers: map[string]string{
			"/version":        `{"gitVersion":"v1.34.4"}`,
			"/readyz?verbose": "[+]ping ok\n[+]etcd ok\nreadyz check passed\n",
			"/api/v1/nodes/pi/proxy/stats/summary": `{"node":{"fs":{"availableBytes":90,"capacityBytes":100},"runtime":{"imageFs":` +
				`{"availableBytes":90,"capacityBytes":100}}}}`,
			"/api/v1/nodes/pi/proxy/stats/summary?only_cpu_and_memory=true": `{"node":{"memory":{"availableBytes":2147483648}},` +
				`"pods":[{"containers":[{"memory":{"workingSetBytes":1}}]}]}`,
		},
	}
	b.node.Status.NodeInfo = corev1.NodeSystemInfo{Architecture: "arm64", OSImage: "Ubuntu 24.04.1 LTS", KubeletVersion: "v1.34.4"}
	b.node.Status.Allocatable = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("4Gi")}
	b.node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	b.dns.ObjectMeta = metav1.ObjectMeta{
		Name: "kube-dns-1", Namespace: "kube-system", Labels: map[string]string{"kubernetes.io/service-name": "kube-dns"},
	}
	b.service.Spec.Ports = []corev1.ServicePort{{NodePort: 30080}}
	b.web.Spec.Replicas, b.database.Spec.Replicas = &replicas, &replicas
	b.web.Status.AvailableReplicas, b.web.Status.UpdatedReplicas = 1, 1
	b.database.Status.ReadyReplicas, b.database.Status.UpdatedReplicas = 1, 1
	b.web.Spec.Template = aPod("mediawiki-app", "mediawiki")
	b.web.Spec.Template.Spec.Containers[0].Image = "mediawiki:1.43.9"
	b.database.Spec.Template = aPod("mediawiki-db", "mariadb")
	b.database.Spec.Template.Spec.Containers[0].Image = "mariadb:11.8.8"
	b.claim.Status.Phase = corev1.ClaimBound
	b.cron.Spec.Schedule = "17 3 * * *"
	b.cron.CreationTimestamp, b.cron.UID = hoursBefore(100), "backup"
	success := hoursBefore(8.5)
	b.cron.Status.LastSuccessfulTime = &success
	return b
}

func (b *fixture) namespace() *corev1.Namespace {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: theNamespace}}
	if b.leaving {
		since := hoursBefore(1)
		namespace.DeletionTimestamp, namespace.Finalizers = &since, []string{"kubernetes"}
	}
	return namespace
}

// environment returns the cluster that the fixture describes.
func (b *fixture) environment(t *testing.T) *doctor.Environment {
	t.Helper()
	reader := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(b.siteStatus)
		_, _ = io.WriteString(w, b.siteBody)
	}))
	t.Cleanup(reader.Close)
	site := reader.URL
	if b.siteHost != "" {
		site = strings.Replace(site, "127.0.0.1", b.siteHost, 1)
	}
	b.web.Spec.Template.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "MEDIAWIKI_SERVER", Value: site}}
	objects := append([]runtime.Object{
		b.node, b.class, b.dns, b.service, b.web, b.database, b.claim, b.pod, b.job, b.cron,
		b.namespace(),
		&corev1.Service{ObjectMeta: metav1.ObjectMeta{
			Name: "kube-dns", Namespace: "kube-system", Labels: map[string]string{"k8s-app": "kube-dns"},
		}},
		&networkingv1.NetworkPolicy{ObjectMeta: named("mediawiki-app")},
	}, b.others...)
	if !b.alone {
		objects = append(objects, readyPod("mediawiki-jobs", "jobs"))
	}
	client := fake.NewClientset(objects...)
	client.PrependReactor("create", "subjectaccessreviews", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, &authorizationv1.SubjectAccessReview{Status: authorizationv1.SubjectAccessReviewStatus{Allowed: b.rbacOff}}, nil
	})
	return &doctor.Environment{
		Client: client, Config: &rest.Config{Host: "http://192.0.2.7:16443"}, Namespace: theNamespace, Name: "mediawiki",
		Now: b.now, Stack: b.stack,
		Get: func(_ context.Context, path string) ([]byte, error) {
			if answer, there := b.answers[path]; there {
				return []byte(answer), nil
			}
			return nil, fmt.Errorf("no %s", path)
		},
		Fetch: func(_ context.Context, pod string, port int, path string) ([]byte, error) {
			address := fmt.Sprintf("%s:%d%s", pod, port, path)
			if answer, there := b.answers[address]; there {
				return []byte(answer), nil
			}
			return nil, errors.New("no " + address)
		},
		Exec: func(_ context.Context, _, _ string, command ...string) (string, error) {
			if command[0] == "df" {
				return "Filesystem 1-blocks Used Available Capacity Mounted on\n/dev/sda1 " + b.df + "\n", nil
			}
			if command[0] == "sh" {
				return b.unwritable, nil
			}
			if slices.Contains(command, "/etc/mediawiki-programs/bin/check-mail.php") {
				return b.mail, nil
			}
			return b.connects, nil
		},
	}
}

// about returns the findings of one check.
func about(t *testing.T, check string, findings []doctor.Finding) []doctor.Finding {
	t.Helper()
	var found []doctor.Finding
	for _, f := range findings {
		if f.About == check {
			found = append(found, f)
		}
	}
	require.NotEmpty(t, found, "findings about %s", check)
	return found
}

// said returns the whole text of a finding.
func said(f doctor.Finding) string {
	return strings.Join(append([]string{f.What, f.Why, f.Fix}, f.Details...), "\n")
}

// pemOf encodes a certificate as in a kubeconfig.
func pemOf(certificate *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
}
