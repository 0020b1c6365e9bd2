package preflight

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// podsOf returns the Pods of a wiki.
func podsOf(ctx context.Context, client dynamic.Interface, name string, cfg *config.Config) ([]corev1.Pod, error) {
	list, err := client.Resource(pods).Namespace(cfg.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var own []corev1.Pod
	for i := range list.Items {
		var pod corev1.Pod
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(list.Items[i].Object, &pod); err != nil {
			return nil, err
		}
		if strings.HasPrefix(pod.Labels["app"], name+"-") {
			own = append(own, pod)
		}
	}
	return own, nil
}

// stuck warns of Pods that should be gone: what takes their place waits for that, and pulumi up with it.
func (f *Findings) stuck(own []corev1.Pod, namespace string) {
	for i := range own {
		if why, fix := admission.Stuck(&own[i], namespace, time.Now()); fix != "" {
			f.Warnings = append(f.Warnings, fmt.Sprintf("Pod %s %s; pulumi up may wait for it in vain\n  type: %s",
				own[i].Name, why, strings.ReplaceAll(fix, "\n", "\n        ")))
		}
	}
}
