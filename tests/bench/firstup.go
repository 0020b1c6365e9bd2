package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// firstUp measures the first `pulumi up` of the default stack, with images present and the program built. Its floor is the sum of what
// must happen in sequence: MariaDB's first start, the installation, and the start of a web Pod, which Kubernetes records by the second.
func (b *bench) firstUp(ctx context.Context) error {
	if _, err := pulumi(ctx, "local", "preview"); err != nil { // builds the program
		return err
	}
	began := time.Now()
	ours, err := deployOurs(ctx)
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	b.ours = ours
	var floor float64
	for _, part := range []string{"mediawiki-db", "mediawiki-migration", "mediawiki-app"} {
		seconds, err := ours.longest(ctx, part)
		if err != nil {
			return err
		}
		progress("including %s: %.0f s", part, seconds)
		floor += seconds
	}
	b.add(&measure{
		Name: "pulumi up, from nothing", Unit: "s", ours: []float64{took}, Floor: &spread{Median: floor, Least: floor, Most: floor},
	})
	return nil
}

// longest returns the longest time that a container of these Pods took from its start until it was ready or had ended.
func (s *site) longest(ctx context.Context, app string) (float64, error) {
	pods, err := s.Kube.CoreV1().Pods(s.Name).List(ctx, metav1.ListOptions{LabelSelector: "app=" + app})
	if err != nil {
		return 0, err
	}
	var longest float64
	for _, pod := range pods.Items {
		for _, status := range pod.Status.ContainerStatuses {
			switch state := status.State; {
			case state.Terminated != nil:
				longest = max(longest, state.Terminated.FinishedAt.Sub(state.Terminated.StartedAt.Time).Seconds())
			case state.Running != nil:
				longest = max(longest, readySince(&pod).Sub(state.Running.StartedAt.Time).Seconds())
			}
		}
	}
	if len(pods.Items) == 0 {
		return 0, fmt.Errorf("stack %s has no Pod %s", s.stack, app)
	}
	return longest, nil
}

func readySince(pod *corev1.Pod) time.Time {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.LastTransitionTime.Time
		}
	}
	return time.Time{}
}
