package doctor

import (
	"context"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/microk8s"
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
	cluster, err := microk8s.Find(options.Kubeconfig, options.Context)
	if err != nil {
		return nil, noKubeconfig(err)
	}
	config, err := cluster.Config()
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

func noKubeconfig(err error) *Finding {
	what, mend, _ := strings.Cut(err.Error(), "\n  type: ")
	if mend == "" {
		mend = onTheMachine("microk8s config") + ", and put what it prints into the kubeconfig"
	}
	return &Finding{
		Level: Failure, About: "kubeconfig", What: what, Why: "it says where the cluster is, and who may use it",
		Type: strings.ReplaceAll(mend, "\n  or:   ", "\n"),
	}
}
