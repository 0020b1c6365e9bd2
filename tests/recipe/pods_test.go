package recipe

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// The containers of the article's Pod.
const (
	mediawikiContainer = "mediawiki-container"
	mariadbContainer   = "mariadb-container"
)

// deployment returns the stack's only Deployment, whose name Pulumi generates.
func (s *stack) deployment(t *testing.T) *appsv1.Deployment {
	t.Helper()
	found, err := s.Kube.AppsV1().Deployments(s.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, found.Items, 1, "Deployments in namespace %s", s.Name)
	return &found.Items[0]
}

// service returns the wiki's Service.
func (s *stack) service(t *testing.T) *corev1.Service {
	t.Helper()
	service, err := s.Kube.CoreV1().Services(s.Name).Get(t.Context(), s.ServiceName, metav1.GetOptions{})
	require.NoError(t, err)
	return service
}

// pods waits until exactly the requested number of Pods exists and runs both containers. It returns them sorted by name.
func (s *stack) pods(t *testing.T) []corev1.Pod {
	t.Helper()
	selector := metav1.FormatLabelSelector(s.deployment(t).Spec.Selector)
	var pods []corev1.Pod
	await.Success(t, fmt.Sprintf("%d Pods 2/2 Running", s.replicas), func() error {
		found, err := s.Kube.CoreV1().Pods(s.Name).List(t.Context(), metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return err
		}
		pods = found.Items
		if len(pods) != s.replicas {
			return fmt.Errorf("%d Pods exist", len(pods))
		}
		for _, pod := range pods {
			if err := unready(&pod); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(pods, func(a, b corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	return pods
}

// unready returns why a Pod is not 2/2 Running.
func unready(pod *corev1.Pod) error {
	if pod.DeletionTimestamp != nil {
		return fmt.Errorf("%s is terminating", pod.Name)
	}
	if pod.Status.Phase != corev1.PodRunning || len(pod.Status.ContainerStatuses) != 2 {
		return fmt.Errorf("%s is %s with %d containers", pod.Name, pod.Status.Phase, len(pod.Status.ContainerStatuses))
	}
	for _, container := range pod.Status.ContainerStatuses {
		if !container.Ready || container.State.Running == nil {
			return fmt.Errorf("%s of %s is not running: %+v", container.Name, pod.Name, container.State)
		}
	}
	return nil
}

// pod returns the current state of a Pod.
func (s *stack) pod(ctx context.Context, name string) (*corev1.Pod, error) {
	return s.Kube.CoreV1().Pods(s.Name).Get(ctx, name, metav1.GetOptions{})
}

// container returns a container of a Pod's specification.
func container(t *testing.T, pod *corev1.Pod, name string) *corev1.Container {
	t.Helper()
	for i := range pod.Spec.Containers {
		if pod.Spec.Containers[i].Name == name {
			return &pod.Spec.Containers[i]
		}
	}
	t.Fatalf("Pod %s has no container %s", pod.Name, name)
	return nil
}

// status returns the status of a Pod's container.
func status(pod *corev1.Pod, name string) corev1.ContainerStatus {
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name == name {
			return status
		}
	}
	return corev1.ContainerStatus{}
}

// inMediaWiki runs a command in a Pod's MediaWiki container, which must succeed.
func (s *stack) inMediaWiki(t *testing.T, pod, stdin string, command ...string) string {
	t.Helper()
	printed, err := s.Exec(t.Context(), pod, mediawikiContainer, stdin, command...)
	require.NoError(t, err)
	return printed
}
