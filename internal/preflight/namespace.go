package preflight

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

var (
	namespaces     = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	resourceQuotas = schema.GroupVersionResource{Version: "v1", Resource: "resourcequotas"}
)

// namespaceTakes refuses a namespace that is not there, is going, or does not take the wiki's Pods. Of one that is still to be made nothing
// can be asked.
func (f *Findings) namespaceTakes(ctx context.Context, client dynamic.Interface, seen *cluster, name string, cfg *config.Config) error {
	namespace, err := client.Resource(namespaces).Get(ctx, cfg.Namespace, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		if !cfg.CreateNamespace {
			f.Problems = append(f.Problems, config.Problem{
				Key: "createNamespace", Found: fmt.Sprintf("false, and there is no namespace %q", cfg.Namespace),
				Want: "a namespace that is there, or one that the stack makes",
				Fix: "kubectl create namespace " + cfg.Namespace +
					"\n    or, for the stack to make it: pulumi config set createNamespace true",
			})
		}
		return nil
	case apierrors.IsForbidden(err): // the API server says it again when it is asked for Pods
	case err != nil:
		return err
	case namespace.GetDeletionTimestamp() != nil:
		f.Problems = append(f.Problems, config.Problem{
			Key: "namespace", Found: fmt.Sprintf("%q, which is being deleted since %s", cfg.Namespace, namespace.GetDeletionTimestamp()),
			Want: "a namespace that stays: nothing new is taken by one that is going",
			Fix: fmt.Sprintf("kubectl wait namespace %s --for=delete --timeout=5m && pulumi preview\n"+
				"    and, if that does not end, what holds it: kubectl get namespace %s -o jsonpath='{.status.conditions}'",
				cfg.Namespace, cfg.Namespace),
		})
		return nil
	}
	own, err := podsOf(ctx, client, name, cfg)
	if err != nil {
		return err
	}
	f.stuck(own, cfg.Namespace)
	made := newClaims(seen, name, cfg)
	if err := f.quotas(ctx, client, own, made, name, cfg); err != nil {
		return err
	}
	return f.try(ctx, client, len(own) > 0, made, name, cfg)
}
