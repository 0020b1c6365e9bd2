package preflight_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

const (
	thisNamespace = "mediawiki-test"
	thisCluster   = "c0ffee00-0000-4000-8000-000000000001" // its identity
	masterSecret  = "canary-canary-canary-canary-canary-canary"
)

// thisStack is the stack that is checked. It is not deployed.
var thisStack = &state.Stack{Label: "stack-0123456789"}

// clusterWith returns a client of an API server with these objects.
func clusterWith(objects ...runtime.Object) *fake.FakeDynamicClient {
	return fake.NewSimpleDynamicClient(scheme.Scheme,
		append(objects[:len(objects):len(objects)], namespaceOf("kube-system", thisCluster, ""))...)
}

// settings returns the configuration of a stack that sets these values.
func settings(t *testing.T, values map[string]string) *config.Config {
	t.Helper()
	project, err := os.ReadFile("../../Pulumi.yaml")
	require.NoError(t, err)
	raw := &config.Raw{
		Project: "mediawiki", Stack: "test",
		Values: map[string]string{"mediawiki:masterSecret": masterSecret}, Secret: map[string]bool{"mediawiki:masterSecret": true},
	}
	for key, value := range values {
		raw.Values["mediawiki:"+key] = value
	}
	cfg, err := config.Load(project, raw)
	require.NoError(t, err)
	return cfg
}

func labelsOf(stack string) map[string]string {
	if stack == "" {
		return nil
	}
	return map[string]string{marks.StackLabel: stack}
}

func namespaceOf(name, uid, stack string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(uid), Labels: labelsOf(stack)}}
}

// newNamespace returns the wiki's namespace.
func newNamespace() *corev1.Namespace { return namespaceOf(thisNamespace, "", "") }

// newService returns a Service in the wiki's namespace.
func newService(name, uid, stack string) *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{
		Name: name, Namespace: thisNamespace, UID: types.UID(uid), Labels: labelsOf(stack),
	}}
}

func newNode(name string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func newClass(name string, expands, isDefault bool) *storagev1.StorageClass {
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: "microk8s.io/hostpath", AllowVolumeExpansion: &expands,
	}
	if isDefault {
		class.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
	}
	return class
}

// hostpath returns the default class of microk8s.
func hostpath() *storagev1.StorageClass { return newClass("microk8s-hostpath", false, true) }

// newClaim returns a claim of the default size that belongs to thisStack.
func newClaim(name, class, credentials string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: thisNamespace, Labels: labelsOf(thisStack.Label),
			Annotations: map[string]string{marks.CredentialsAnnotation: credentials},
		},
		Spec: corev1.PersistentVolumeClaimSpec{
			StorageClassName: &class, AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceStorage: resource.MustParse(defaults.VolumeSize),
			}},
		},
	}
}

// newDeployment returns a Deployment whose Pods run an image.
func newDeployment(name, image string) *appsv1.Deployment {
	return &appsv1.Deployment{ObjectMeta: workloadMeta(name), Spec: appsv1.DeploymentSpec{Template: template(name, image)}}
}

// newServer returns the database's StatefulSet, all of whose Pods run an image.
func newServer(image string) *appsv1.StatefulSet {
	return &appsv1.StatefulSet{
		ObjectMeta: workloadMeta("mediawiki-db"), Spec: appsv1.StatefulSetSpec{Template: template("mediawiki-db", image)},
		Status: appsv1.StatefulSetStatus{CurrentRevision: "1", UpdateRevision: "1", Replicas: 1, ReadyReplicas: 1},
	}
}

func workloadMeta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: thisNamespace, Labels: labelsOf(thisStack.Label)}
}

func template(app, image string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": app}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: image}}},
	}
}

// newPod returns a Pod of a part of the wiki on a node.
func newPod(part, node string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "mediawiki-" + part + "-x", Namespace: thisNamespace, Labels: map[string]string{"app": "mediawiki-" + part},
		},
		Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "c", Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")},
			Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Gi")},
		}}}},
	}
}

// deleted marks an object as deleted an hour ago. It still exists.
func deleted[T metav1.Object](object T, finalizers ...string) T {
	then := metav1.NewTime(time.Now().Add(-time.Hour))
	object.SetDeletionTimestamp(&then)
	object.SetFinalizers(finalizers)
	return object
}

// newQuota returns a quota for one resource.
func newQuota(name corev1.ResourceName, hard, used string) *corev1.ResourceQuota {
	limit := corev1.ResourceList{name: resource.MustParse(hard)}
	return &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "compute", Namespace: thisNamespace}, Spec: corev1.ResourceQuotaSpec{Hard: limit},
		Status: corev1.ResourceQuotaStatus{Hard: limit, Used: corev1.ResourceList{name: resource.MustParse(used)}},
	}
}
