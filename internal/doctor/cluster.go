package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

// apiServer checks the health of the API server.
func apiServer(ctx context.Context, e *Environment) ([]Finding, error) {
	answer, err := e.Get(ctx, "/version")
	if err != nil {
		return nil, err
	}
	var release version.Info
	if err := json.Unmarshal(answer, &release); err != nil {
		return nil, fmt.Errorf("%s/version: %w", e.Config.Host, err)
	}
	answer, err = e.Get(ctx, "/readyz?verbose")
	var failed []string
	healthy := 0
	for line := range strings.Lines(string(answer)) {
		switch {
		case strings.HasPrefix(line, "[-]"):
			failed = append(failed, strings.TrimSpace(line[3:]))
		case strings.HasPrefix(line, "[+]"):
			healthy++
		}
	}
	if len(failed) > 0 {
		return []Finding{{
			Level: Failure, What: fmt.Sprintf("%s answers at %s, but is not ready", release.GitVersion, e.Config.Host), Details: failed,
			Why: "requests to it may fail", Fix: cluster.OnTheMachine("microk8s inspect"),
		}}, nil
	}
	if err != nil {
		return nil, err
	}
	return passed("%s answers at %s, and passes %s", release.GitVersion, e.Config.Host, english.Plural(healthy, "health check", "")), nil
}

// unreachable explains why a cluster does not answer.
func (e *Environment) unreachable(err error) Finding {
	found := Finding{
		Level: Failure, About: "API server", What: fmt.Sprintf("does not answer at %s: %v", e.Config.Host, innermost(err)),
		Why: "without it pulumi, kubectl and this program can do nothing; a wiki may still be serving",
		Fix: cluster.OnTheMachine("microk8s status --wait-ready"),
	}
	if apierrors.IsUnauthorized(err) || apierrors.IsForbidden(err) {
		found.What = fmt.Sprintf("does not accept the credentials of this kubeconfig at %s", e.Config.Host)
		found.Fix = cluster.PrintKubeconfig
	}
	found.Fix = e.advice(found.Fix)
	return found
}

// innermost returns the error at the end of a chain, which is what the system reported.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// rbac checks whether an account without any rights can read Secrets. Without RBAC, microk8s allows everything to everybody.
func rbac(ctx context.Context, e *Environment) ([]Finding, error) {
	const nobody = "system:serviceaccount:default:no-such-account"
	review, err := e.Client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               nobody,
			ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: "kube-system", Verb: "list", Resource: "secrets"},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	if review.Status.Allowed {
		return []Finding{{
			Level: Warning, What: "is off: an account without any rights can list the Secrets of kube-system",
			Why: "any Pod with a token controls the cluster. The wiki's own Pods have no token; others on this cluster do",
			Fix: cluster.OnTheMachine("microk8s enable rbac"),
		}}, nil
	}
	return passed("is on: an account without rights cannot list Secrets"), nil
}
