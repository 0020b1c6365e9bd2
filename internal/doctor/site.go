package doctor

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// web is the Deployment that answers readers; nil if there is none.
func (p *Patient) web(ctx context.Context) (*appsv1.Deployment, error) {
	list, err := p.Client.AppsV1().Deployments(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for i := range list.Items {
		if list.Items[i].Spec.Template.Labels["app"] == p.Name+"-app" {
			return &list.Items[i], nil
		}
	}
	return nil, nil
}

// address is what readers type; empty if the wiki has not been told (the recipe's).
func address(deployment *appsv1.Deployment) string {
	for _, container := range deployment.Spec.Template.Spec.Containers {
		for _, variable := range container.Env {
			if variable.Name == "MEDIAWIKI_SERVER" {
				return variable.Value
			}
		}
	}
	return ""
}

// site asks for the wiki as a reader does, from here.
func site(ctx context.Context, p *Patient) ([]Finding, error) {
	deployment, err := p.web(ctx)
	if err != nil {
		return nil, err
	}
	if deployment == nil || address(deployment) == "" {
		return fine("the wiki does not know its address, so it is not asked"), nil
	}
	at, err := url.Parse(address(deployment))
	if err != nil {
		return nil, err
	}
	var found []Finding
	if at.Scheme == "https" {
		if served, err := shown(ctx, at, &tls.Config{MinVersion: tls.VersionTLS12}); err == nil {
			found = p.expiries([]certificate{{at.Hostname() + "'s certificate", served.NotAfter, "kubectl get certificate -A"}})
			if found[0].Level == OK {
				found = nil
			}
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.JoinPath("/").String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Timeout: quick / 2}).Do(request)
	if err != nil {
		return append(found, Finding{
			Level: Warning, What: fmt.Sprintf("does not answer at %s: %v", at, innermost(err)),
			Why:  "readers type this address; perhaps only this machine does not reach it",
			Type: "pulumi config get siteUrl; curl -v " + at.String(),
		}), nil
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusInternalServerError {
		return append(found, Finding{
			Level: Failure, What: fmt.Sprintf("answers at %s with %s", at, response.Status), Why: "readers see an error",
			Type: p.kubectl("logs -l app=" + p.Name + "-app --tail=20"),
		}), nil
	}
	return append(found, fine("answers at %s", at)...), nil
}
