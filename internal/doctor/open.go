package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

// Options say whom to examine. Whatever is empty is what the stack says, else kubectl's default.
type Options struct {
	Kubeconfig, Context string
	Namespace, Name     string
	// Pulumi is a command that runs pulumi for the wiki's stack, such as pulumi -s rpi; empty if there is no stack to ask.
	Pulumi []string
}

// Examine finds the cluster and the wiki, and makes every check that can be made.
func Examine(ctx context.Context, options Options) []Finding {
	var stack *Stack
	var found []Finding
	if len(options.Pulumi) > 0 {
		asked, err := askStack(ctx, options.Pulumi)
		if err != nil {
			found = append(found, Finding{
				Level: Warning, About: "stack", What: err.Error(), Why: "what the stack wants is not compared with what there is",
				Type: strings.Join(options.Pulumi, " ") + " config",
			})
		} else {
			stack = asked
			options = stack.fill(options)
		}
	}
	p, finding := open(options)
	if finding != nil {
		return append(found, *finding)
	}
	p.Stack = stack
	return append(p.Examine(ctx), found...)
}

// open connects to the cluster, or says why there is none to connect to.
func open(options Options) (*Patient, *Finding) {
	target, err := cluster.Find(options.Kubeconfig, options.Context)
	if err != nil {
		return nil, noKubeconfig(err)
	}
	config, err := target.Config()
	if err != nil {
		return nil, noKubeconfig(err)
	}
	p, err := NewPatient(config)
	if err != nil {
		return nil, noKubeconfig(err)
	}
	p.Namespace, p.Name = options.Namespace, options.Name
	return p, nil
}

// noKubeconfig returns the finding for a cluster that could not be connected to.
func noKubeconfig(err error) *Finding {
	finding := &Finding{
		Level: Failure, About: "kubeconfig", What: err.Error(), Why: "it contains the cluster's address and the credentials for it",
		Type: cluster.PrintKubeconfig,
	}
	var problem *cluster.Error
	if errors.As(err, &problem) {
		finding.What, finding.Type = problem.What, problem.Fix
	}
	return finding
}
