package doctor

import (
	"context"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// check looks at one thing.
type check struct {
	about   string
	examine func(ctx context.Context, p *Patient) ([]Finding, error)
}

// patience is how long a check may take. The stack is previewed in it, on a slow machine by a program that is compiled first.
const patience = 5 * time.Minute

// alive comes before all others, which have nothing to look at if the API server does not answer.
var alive = check{"API server", apiServer}

// ofCluster are the checks of a cluster, with a wiki on it or not.
var ofCluster = []check{
	{"certificates", certificates},
	{"nodes", nodes},
	{"memory", memory},
	{"memory cgroup", memoryCgroup},
	{"disk", disk},
	{"storage class", storageClass},
	{"DNS", dns},
	{"ingress class", ingressClass},
	{"node port", nodePort},
	{"RBAC", rbac},
	{"network policies", networkPolicies},
}

// ofWiki are the checks of a wiki.
var ofWiki = []check{
	{"rollout", rollout},
	{"Pods", pods},
	{"claims", claims},
	{"volumes", volumes},
	{"site", site},
	{"images", images},
	{"versions", wikiVersions},
	{"backups", backups},
}

// ofStack are the checks of a stack whose pulumi can be called.
var ofStack = []check{{"stack", drift}}

// Examine makes every check that can be made, all at once.
func (p *Patient) Examine(ctx context.Context) []Finding {
	found := alive.findings(ctx, p)
	if ExitStatus(found) != 0 {
		return append(found, check{"certificates", certificates}.findings(ctx, p)...)
	}
	checks := append([]check{}, ofCluster...)
	if p.Namespace != "" {
		checks = append(checks, ofWiki...)
	}
	if p.Stack != nil {
		checks = append(checks, ofStack...)
	}
	each := make([][]Finding, len(checks))
	var group sync.WaitGroup
	for i, c := range checks {
		group.Go(func() { each[i] = c.findings(ctx, p) })
	}
	group.Wait()
	for _, findings := range each {
		found = append(found, findings...)
	}
	return found
}

// findings are those of one check. What cannot be looked at is worth a warning: it may be well.
func (c check) findings(ctx context.Context, p *Patient) []Finding {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := c.examine(ctx, p)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("no answer within %s", patience)
		}
		found = []Finding{{
			Level: Warning, What: fmt.Sprintf("cannot be looked at: %v", err),
			Why: "it may be well; nobody can tell from here", Type: onTheMachine("microk8s inspect"),
		}}
		if apierrors.IsForbidden(err) {
			found[0].Why, found[0].Type = "this kubeconfig may not look at it", onTheMachine("microk8s config")
		}
	}
	for i := range found {
		found[i].About = c.about
	}
	return found
}
