// Package rollout makes `pulumi up` wait until new Pods have replaced the old ones.
//
// The Kubernetes provider should do that, but it compares an object's status with its specification without looking at
// status.observedGeneration (4.25: pkg/await/statefulset.go and deployment.go). If it reads the object before the controller has noticed
// the change, the status is still that of the old Pods, all of which are ready, and the provider reports success.
package rollout

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

const pollInterval = 500 * time.Millisecond

// workloads are the resource types to wait for.
var workloads = map[string]schema.GroupVersionResource{
	"kubernetes:apps/v1:Deployment":  {Group: "apps", Version: "v1", Resource: "deployments"},
	"kubernetes:apps/v1:StatefulSet": {Group: "apps", Version: "v1", Resource: "statefulsets"},
}

// Await returns an option for a component. After the engine has created or updated a Deployment or a StatefulSet below the component, it
// waits until all of the workload's Pods are new and ready. The update fails if that takes longer than timeout, a duration such as "30m".
func Await(ctx *pulumi.Context, target *cluster.Cluster, timeout string) (pulumi.ResourceOption, error) {
	client, err := target.Client()
	if err != nil {
		return nil, err
	}
	limit, err := time.ParseDuration(timeout)
	if err != nil {
		return nil, err
	}
	hook, err := ctx.RegisterResourceHook("rollout", func(args *pulumi.ResourceHookArgs) error {
		metadata := args.NewOutputs["metadata"].ObjectValue()
		objects := client.Resource(workloads[string(args.Type)]).Namespace(metadata["namespace"].StringValue())
		bounded, cancel := context.WithTimeout(ctx.Context(), limit)
		defer cancel()
		w := workload{objects: objects, name: metadata["name"].StringValue(), client: client}
		return w.await(bounded, func(progress string) {
			_ = ctx.Log.Info(progress, &pulumi.LogArgs{Ephemeral: true}) // progress that cannot be shown is no reason to fail
		})
	}, nil)
	if err != nil {
		return nil, err
	}
	hooks := []*pulumi.ResourceHook{hook}
	binding := pulumi.ResourceHooks(&pulumi.ResourceHookBinding{AfterCreate: hooks, AfterUpdate: hooks})
	return pulumi.Transformations([]pulumi.ResourceTransformation{
		func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			if _, found := workloads[args.Type]; !found {
				return nil
			}
			options := append(args.Opts[:len(args.Opts):len(args.Opts)], binding)
			return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: options}
		},
	}), nil
}

// workload is a Deployment or a StatefulSet on the cluster.
type workload struct {
	client  dynamic.Interface
	objects dynamic.ResourceInterface
	name    string
}

// await polls until the rollout is complete. An API server that does not answer is asked again.
func (w workload) await(ctx context.Context, show func(progress string)) error {
	var last status
	var failed error
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		object, err := w.objects.Get(ctx, w.name, metav1.GetOptions{})
		if failed = err; err != nil {
			return false, nil //nolint:nilerr // ask again until the timeout
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
	if failed != nil {
		return fmt.Errorf("%s: cannot read it: %w", w.name, failed)
	}
	return fmt.Errorf("%s: the rollout is not complete: %s%s", w.name, last, w.reasons())
}

// status is how far a rollout is.
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

// reasons returns why containers of the workload's Pods wait, as the kubelet says it.
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
