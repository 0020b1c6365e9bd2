package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
)

// apiServer asks the API server how it is.
func apiServer(ctx context.Context, p *Patient) ([]Finding, error) {
	answer, err := p.Get(ctx, "/version")
	if err != nil {
		return nil, err
	}
	var is version.Info
	if err := json.Unmarshal(answer, &is); err != nil {
		return nil, fmt.Errorf("%s/version: %w", p.Config.Host, err)
	}
	answer, err = p.Get(ctx, "/readyz?verbose")
	var failed []string
	passed := 0
	for line := range strings.Lines(string(answer)) {
		switch {
		case strings.HasPrefix(line, "[-]"):
			failed = append(failed, strings.TrimSpace(line[3:]))
		case strings.HasPrefix(line, "[+]"):
			passed++
		}
	}
	if len(failed) > 0 {
		return []Finding{{
			Level: Failure, What: fmt.Sprintf("%s answers at %s, but is not ready", is.GitVersion, p.Config.Host), Details: failed,
			Why: "what it is asked to do it may not do", Type: onTheMachine("microk8s inspect"),
		}}, nil
	}
	if err != nil {
		return nil, err
	}
	return fine("%s answers at %s, and has passed %s", is.GitVersion, p.Config.Host, counted(passed, "check")), nil
}

// unreachable says why a cluster does not answer.
func (p *Patient) unreachable(err error) Finding {
	found := Finding{
		Level: Failure, About: "API server", What: fmt.Sprintf("does not answer at %s: %v", p.Config.Host, innermost(err)),
		Why:  "without it there is nothing that pulumi, kubectl or this program could do; a wiki may still be serving",
		Type: onTheMachine("microk8s status --wait-ready"),
	}
	if apierrors.IsUnauthorized(err) || apierrors.IsForbidden(err) {
		found.What = fmt.Sprintf("does not accept the credentials of this kubeconfig at %s", p.Config.Host)
		found.Type = onTheMachine("microk8s config") + ", and put what it prints into the kubeconfig"
	}
	return found
}

// innermost is the error at the end of a chain: what the system said.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// rbac asks whether somebody without any rights may read what is secret. Without RBAC microk8s allows everything to everybody.
func rbac(ctx context.Context, p *Patient) ([]Finding, error) {
	const nobody = "system:serviceaccount:default:no-such-account"
	review, err := p.Client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
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
			Level: Warning, What: "is off: an account without any rights may list the Secrets of kube-system",
			Why:  "a Pod with a token owns the cluster. The wiki's own Pods have none; others on this cluster do",
			Type: onTheMachine("microk8s enable rbac"),
		}}, nil
	}
	return fine("is on: an account without rights may not list Secrets"), nil
}
