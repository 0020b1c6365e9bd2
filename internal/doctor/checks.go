package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

// check examines one thing.
type check struct {
	about   string
	examine func(ctx context.Context, e *Environment) ([]Finding, error)
	timeout time.Duration
}

// quick is the timeout of requests over the network, slow that of a preview, which may have to compile the program first.
const quick, slow = time.Minute, 10 * time.Minute

// reportInterval is how often the checks that are still running are reported.
const reportInterval = 5 * time.Second

// clusterChecks apply to every cluster, with or without a wiki.
var clusterChecks = []check{
	{"API server", apiServer, quick},
	{"certificates", clusterCertificates, quick},
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

// wikiChecks apply to a wiki.
var wikiChecks = []check{
	{"rollout", rollout, quick},
	{"autoscaling", autoscaling, quick},
	{"Pods", pods, quick},
	{"claims", claims, quick},
	{"volumes", volumes, quick},
	{"second database", secondDatabase, quick},
	{"site", site, quick},
	{"host", host, quick},
	{"TLS certificate", tlsCertificate, quick},
	{"reader's address", readerAddress, quick},
	{"images", images, quick},
	{"versions", wikiVersions, quick},
	{"backups", backups, quick},
	{"mail", mail, quick},
	{"backup clock", backupClock, quick},
}

// stackChecks apply if pulumi can be run for the stack.
var stackChecks = []check{{"stack", drift, slow}}

// Examine runs all checks that are possible, concurrently.
func (e *Environment) Examine(ctx context.Context) []Finding {
	if _, err := e.Get(ctx, "/version"); err != nil { // the other checks would all fail for the same reason
		return append([]Finding{e.unreachable(err)}, check{"certificates", clusterCertificates, quick}.run(ctx, e)...)
	}
	checks := slices.Clone(clusterChecks)
	if e.Namespace != "" {
		checks = append(checks, wikiChecks...)
	}
	if e.Stack != nil {
		checks = append(checks, stackChecks...)
	}
	findings, done := make([][]Finding, len(checks)), make(chan string)
	var running []string
	for i, c := range checks {
		running = append(running, c.about)
		go func() {
			findings[i] = c.run(ctx, e)
			done <- c.about
		}()
	}
	ticker := time.NewTicker(reportInterval)
	defer ticker.Stop()
	for len(running) > 0 {
		select {
		case about := <-done:
			running = slices.DeleteFunc(running, func(name string) bool { return name == about })
		case <-ticker.C:
			if e.Progress != nil {
				e.Progress("still checking: " + strings.Join(running, ", "))
			}
		}
	}
	return slices.Concat(findings...)
}

// run returns the findings of one check. A check that fails is a warning: what it examines may be all right.
func (c check) run(ctx context.Context, e *Environment) []Finding {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	found, err := c.examine(ctx, e)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("no answer within %s", c.timeout)
		}
		found = []Finding{{
			Level: Warning, What: fmt.Sprintf("cannot be checked: %v", err),
			Why: "it may be all right, but the doctor cannot tell", Fix: cluster.OnTheMachine("microk8s inspect"),
		}}
		if apierrors.IsForbidden(err) {
			found[0].Why, found[0].Fix = "this kubeconfig has no permission to read it", cluster.PrintKubeconfig
		}
	}
	for i := range found {
		found[i].About, found[i].Fix = c.about, e.advice(found[i].Fix)
	}
	return found
}

// advice adapts a command to this cluster.
func (e *Environment) advice(fix string) string {
	if e.Config == nil {
		return fix
	}
	return cluster.Advice(e.Config.Host, fix)
}
