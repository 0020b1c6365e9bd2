package preflight

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// checkNamespace refuses a namespace that does not exist, is being deleted, or does not admit the wiki's Pods. Nothing is known of a
// namespace that the stack has yet to create.
func (f *Findings) checkNamespace(ctx context.Context, client dynamic.Interface, seen *snapshot, name string, cfg *config.Config) error {
	switch namespace := seen.namespace; {
	case namespace == nil && cfg.CreateNamespace:
		return nil
	case namespace == nil:
		f.Problems = append(f.Problems, config.Problem{
			Key: "createNamespace", Found: fmt.Sprintf("false, but there is no namespace %q", cfg.Namespace),
			Want: "a namespace that exists, or one that the stack creates",
			Fix: "kubectl create namespace " + cfg.Namespace +
				"\n    or, for the stack to create it: pulumi config set createNamespace true",
		})
		return nil
	case namespace.GetDeletionTimestamp() != nil:
		f.Problems = append(f.Problems, config.Problem{
			Key: "namespace", Found: fmt.Sprintf("%q, which is being deleted since %s", cfg.Namespace, namespace.GetDeletionTimestamp()),
			Want: "a namespace that is not being deleted: such a namespace accepts no new objects",
			Fix: fmt.Sprintf("kubectl wait namespace %s --for=delete --timeout=5m && pulumi preview\n"+
				"    or, if that times out, to see what blocks it: kubectl get namespace %s -o jsonpath='{.status.conditions}'",
				cfg.Namespace, cfg.Namespace),
		})
		return nil
	}
	f.warnOfStuckPods(seen, cfg.Namespace)
	f.warnOfLostNodes(seen)
	missing := missingClaims(seen, name, cfg)
	if err := f.checkQuotas(ctx, client, seen.pods, missing, name, cfg); err != nil {
		return err
	}
	return f.tryCreating(ctx, client, len(seen.pods) > 0, missing, name, cfg)
}

// warnOfStuckPods warns of Pods that should have been deleted by now: their successors, and pulumi up, wait for that.
func (f *Findings) warnOfStuckPods(seen *snapshot, namespace string) {
	for i := range seen.pods {
		if why, fix := admission.Stuck(&seen.pods[i], namespace, time.Now()); fix != "" {
			f.Warnings = append(f.Warnings, fmt.Sprintf("Pod %s %s; pulumi up may wait for it in vain\n  fix: %s",
				seen.pods[i].Name, why, strings.ReplaceAll(fix, "\n", "\n       ")))
		}
	}
}
