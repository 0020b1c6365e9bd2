package doctor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// check looks at one thing.
type check struct {
	about    string
	examine  func(ctx context.Context, p *Patient) ([]Finding, error)
	patience time.Duration // how long it may take
}

// quick is the patience with what is asked over the network, slow the one with a preview, whose program may have to be compiled first.
const quick, slow = time.Minute, 10 * time.Minute

// ofCluster are the checks of a cluster, with a wiki on it or not.
var ofCluster = []check{
	{"API server", apiServer, quick},
	{"certificates", certificates, quick},
	{"nodes", nodes, quick},
	{"memory", memory, quick},
	{"memory cgroup", memoryCgroup, quick},
	{"disk", disk, quick},
	{"storage class", storageClass, quick},
	{"DNS", dns, quick},
	{"ingress class", ingressClass, quick},
	{"node port", nodePort, quick},
	{"RBAC", rbac, quick},
	{"network policies", networkPolicies, quick},
}

// ofWiki are the checks of a wiki.
var ofWiki = []check{
	{"rollout", rollout, quick},
	{"Pods", pods, quick},
	{"claims", claims, quick},
	{"volumes", volumes, quick},
	{"site", site, quick},
	{"images", images, quick},
	{"versions", wikiVersions, quick},
	{"backups", backups, quick},
	{"mail", mail, quick},
	{"backup clock", backupClock, quick},
}

// ofStack are the checks of a stack whose pulumi can be called.
var ofStack = []check{{"stack", drift, slow}}

// Examine makes every check that can be made, all at once.
func (p *Patient) Examine(ctx context.Context) []Finding {
	if _, err := p.Get(ctx, "/version"); err != nil { // the others would all say the same
		return append([]Finding{p.unreachable(err)}, check{"certificates", certificates, quick}.findings(ctx, p)...)
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
	return slices.Concat(each...)
}

// findings are those of one check. What cannot be looked at is worth a warning: it may be well.
func (c check) findings(ctx context.Context, p *Patient) []Finding {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	found, err := c.examine(ctx, p)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("no answer within %s", c.patience)
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
