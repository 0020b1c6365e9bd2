// Package rollout makes `pulumi up` wait until new Pods have replaced the old ones, all Pods are ready, and the certificate is issued.
//
// The Kubernetes provider should do that, but it compares an object's status with its specification without looking at
// status.observedGeneration (4.25: pkg/await/statefulset.go and deployment.go). If it reads the object before the controller has noticed
// the change, the status is still that of the old Pods, all of which are ready, and the provider reports success. Nor does it wait for Pods
// of an object that has not changed, for example after the cluster was stopped and started.
package rollout

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

const pollInterval = 500 * time.Millisecond

// Await returns the wiki's address, which is known when the Pods of all its workloads are new and ready and its certificate is issued. The
// update fails if that takes longer than timeout, a duration such as "30m". A preview waits for nothing.
func Await(ctx *pulumi.Context, target *cluster.Cluster, timeout string, wiki *components.MediaWikiStack) (pulumi.StringOutput, error) {
	client, err := target.Client()
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	limit, err := time.ParseDuration(timeout)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	show := func(progress string) {
		_ = ctx.Log.Info(progress, &pulumi.LogArgs{Ephemeral: true}) // progress that cannot be shown is no reason to fail
	}
	if ctx.DryRun() {
		return wiki.URL, nil
	}
	begun := time.Now()
	warn := func(text string) {
		if text != "" {
			_ = ctx.Log.Warn(text, nil)
		}
	}
	return pulumi.All(wiki.URL, wiki.Namespace, wiki.Workloads, wiki.Certificate).ApplyT(func(all []any) (string, error) {
		bounded, cancel := context.WithTimeout(ctx.Context(), limit)
		defer cancel()
		for _, name := range all[2].([]string) {
			if err := newWorkload(client, all[1].(string), name).await(bounded, show); err != nil {
				return "", err
			}
		}
		if name := all[3].(string); name != "" {
			if err := (certificate{client: client, namespace: all[1].(string), name: name, begun: begun}).await(bounded, show); err != nil {
				return "", err
			}
		}
		warn(remains(bounded, client, all[1].(string), metav1.NewTime(begun)))
		return all[0].(string), nil
	}).(pulumi.StringOutput), nil
}

// workload is a Deployment or a StatefulSet on the cluster.
type workload struct {
	client  dynamic.Interface
	objects dynamic.ResourceInterface
	name    string
}

// newWorkload returns the workload with a name such as "deployments/mediawiki-app".
func newWorkload(client dynamic.Interface, namespace, name string) workload {
	resource, object, _ := strings.Cut(name, "/")
	return workload{
		client: client, name: object,
		objects: client.Resource(appsv1.SchemeGroupVersion.WithResource(resource)).Namespace(namespace),
	}
}

// await polls until the rollout is complete. It retries if the API server does not answer.
func (w workload) await(ctx context.Context, show func(progress string)) error {
	var last status
	var failed error
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		object, err := w.objects.Get(ctx, w.name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) { // Pulumi has created it, or believes that it exists
			return false, err
		}
		if failed = err; err != nil {
			return false, nil //nolint:nilerr // retry until the timeout
		}
		current, err := statusOf(object)
		if err != nil {
			return false, err
		}
		if current != last && !current.complete() {
			show(fmt.Sprintf("%s: %s", w.name, current))
		}
		last = current
		return current.complete(), nil
	})
	if err == nil {
		return nil
	}
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("%s does not exist: somebody has deleted it, or a pulumi destroy was interrupted\n"+
			"  fix: pulumi up --refresh", w.name)
	}
	if failed != nil {
		return fmt.Errorf("%s: cannot read it: %w", w.name, failed)
	}
	return fmt.Errorf("%s: the rollout is not complete: %s%s", w.name, last, w.reasons())
}

// status is the progress of a rollout.
type status struct {
	observed                    bool // the controller has noticed the last change
	wanted, updated, ready, all int64
}

// statusOf reads what `kubectl rollout status` reads.
func statusOf(object *unstructured.Unstructured) (status, error) {
	var fields struct {
		Metadata struct {
			Generation int64 `json:"generation"`
		} `json:"metadata"`
		Spec struct {
			Replicas *int64 `json:"replicas"`
		} `json:"spec"`
		Status struct {
			ObservedGeneration int64 `json:"observedGeneration"`
			UpdatedReplicas    int64 `json:"updatedReplicas"`
			ReadyReplicas      int64 `json:"readyReplicas"`
			Replicas           int64 `json:"replicas"`
		} `json:"status"`
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &fields); err != nil {
		return status{}, err
	}
	s := status{
		observed: fields.Status.ObservedGeneration >= fields.Metadata.Generation,
		wanted:   1, updated: fields.Status.UpdatedReplicas, ready: fields.Status.ReadyReplicas, all: fields.Status.Replicas,
	}
	if fields.Spec.Replicas != nil {
		s.wanted = *fields.Spec.Replicas
	}
	return s, nil
}

func (s status) complete() bool {
	return s.observed && s.updated == s.wanted && s.ready == s.wanted && s.all == s.wanted
}

func (s status) String() string {
	if !s.observed {
		return "waiting for the controller"
	}
	return fmt.Sprintf("%d of %d Pods are new, %d are ready", s.updated, s.wanted, s.ready)
}

// reasons returns the kubelet's reasons why containers of the workload's Pods wait.
func (w workload) reasons() string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // the other context has ended
	defer cancel()
	object, err := w.objects.Get(ctx, w.name, metav1.GetOptions{})
	if err != nil {
		return ""
	}
	selector, _, _ := unstructured.NestedStringMap(object.Object, "spec", "selector", "matchLabels")
	list, err := w.client.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(object.GetNamespace()).
		List(ctx, metav1.ListOptions{LabelSelector: labels.SelectorFromSet(selector).String()})
	if err != nil {
		return ""
	}
	var text strings.Builder
	for _, item := range list.Items {
		var pod corev1.Pod
		if runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, &pod) != nil {
			continue
		}
		for _, container := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
			if waiting := container.State.Waiting; waiting != nil && waiting.Message != "" {
				fmt.Fprintf(&text, "\n  Pod %s: [%s] %s", pod.Name, container.Name, waiting.Message)
			}
		}
	}
	return text.String()
}
