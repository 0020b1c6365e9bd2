package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

// Options select the cluster and the wiki to check. The stack provides what is empty, if it is known; else kubectl's defaults apply.
type Options struct {
	Kubeconfig, Context string
	Namespace, Name     string
	// Pulumi is a command that runs pulumi for the wiki's stack, such as "pulumi -s rpi"; empty if there is no stack.
	Pulumi []string
	// Progress is that of the [Environment].
	Progress func(line string)
}

// Examine finds the cluster and the wiki, and runs all checks that are possible.
func Examine(ctx context.Context, options Options) []Finding {
	var stack *Stack
	var problems []Finding
	if len(options.Pulumi) > 0 {
		loaded, err := loadStack(ctx, options.Pulumi)
		if err != nil {
			problems = append(problems, Finding{
				Level: Warning, About: "stack", What: err.Error(), Why: "the cluster is not compared with the stack",
				Fix: strings.Join(options.Pulumi, " ") + " config",
			})
		} else {
			stack = loaded
			options = stack.complete(options)
		}
	}
	e, problem := connect(options)
	if problem != nil {
		return append(problems, *problem)
	}
	e.Stack = stack
	return append(e.Examine(ctx), problems...)
}

// connect connects to the cluster, or returns why that is impossible.
func connect(options Options) (*Environment, *Finding) {
	target, err := cluster.Find(options.Kubeconfig, options.Context)
	if err != nil {
		return nil, kubeconfigProblem(err)
	}
	config, err := target.Config()
	if err != nil {
		return nil, kubeconfigProblem(err)
	}
	e, err := NewEnvironment(config)
	if err != nil {
		return nil, kubeconfigProblem(err)
	}
	e.Namespace, e.Name, e.Progress = options.Namespace, options.Name, options.Progress
	return e, nil
}

func kubeconfigProblem(err error) *Finding {
	finding := &Finding{
		Level: Failure, About: "kubeconfig", What: err.Error(), Why: "it contains the cluster's address and the credentials for it",
		Fix: cluster.PrintKubeconfig,
	}
	var problem *cluster.Error
	if errors.As(err, &problem) {
		finding.What, finding.Fix = problem.What, problem.Fix
	}
	return finding
}
