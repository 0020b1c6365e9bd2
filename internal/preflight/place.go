package preflight

import (
	"fmt"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// place refuses what would leave a wiki behind and show an empty one: another cluster, another namespace, another database, a mode that
// keeps nothing. It also refuses to take over what belongs to another stack. It reports whether this is the place of the stack's wiki: if
// not, nothing else that is found there matters.
func (f *Findings) place(seen *cluster, own *state.Stack, cfg *config.Config) bool {
	f.Identity = seen.uid
	if own.Deployed {
		f.Identity = own.Cluster // another one would replace the provider, and all objects with it
	}
	if own.Deployed && !seen.isOf(own) {
		f.Problems = append(f.Problems, otherCluster(own, cfg))
		return false
	}
	there := own.Namespace
	if there == "" && seen.uploads == nil && len(seen.elsewhere) > 0 {
		there = seen.elsewhere[0]
	}
	switch {
	case there != "" && there != cfg.Namespace:
		f.Problems = append(f.Problems, otherNamespace(there, own, cfg))
	case len(seen.foreign) > 0:
		f.Problems = append(f.Problems, foreign(seen, own, cfg))
	default:
		f.database(seen, cfg)
		return true
	}
	return false
}

// isOf reports whether this is the cluster that the stack was deployed to. A stack that was deployed by an older version of the program has
// the name of a context as its identity; the objects that it has made tell then.
func (c *cluster) isOf(own *state.Stack) bool { return c.uid == own.Cluster || c.known }

func otherCluster(own *state.Stack, cfg *config.Config) config.Problem {
	back := "pulumi config set context " + own.Context
	if own.Context == cfg.Context {
		back = "pulumi config set kubeconfig PATH     (of the file with that cluster)"
	}
	return config.Problem{
		Key: "context", Found: fmt.Sprintf("%q, which is not the cluster that this stack's wiki is in", cfg.Context),
		Want: fmt.Sprintf("that cluster, under any name; the stack last used context %q", own.Context),
		Fix: back + "\n    or, to make another wiki here: pulumi stack init NAME" +
			"\n    or, if that cluster is lost: pulumi stack rm --force --preserve-config && pulumi stack init     (the same name)",
	}
}

// otherNamespace is reported when the key was changed, and when the stack or the project was renamed, because the default follows them.
func otherNamespace(there string, own *state.Stack, cfg *config.Config) config.Problem {
	problem := config.Problem{
		Key: "namespace", Found: fmt.Sprintf("%q, but this stack has a wiki in namespace %q", cfg.Namespace, there),
		Want: "the namespace the wiki is in: it does not move, also when the stack or the project is renamed",
		Fix:  "pulumi config set namespace " + there,
	}
	if !own.Deployed {
		problem.Fix += fmt.Sprintf("\n    or, to leave that wiki there for good and begin another: kubectl label pvc -n %s -l %s=%s %s-",
			there, components.StackLabel, own.Label, components.StackLabel)
	}
	return problem
}

func foreign(seen *cluster, own *state.Stack, cfg *config.Config) config.Problem {
	const shown = 3
	names := strings.Join(seen.foreign[:min(shown, len(seen.foreign))], ", ")
	if more := len(seen.foreign) - shown; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return config.Problem{
		Key: "namespace", Found: fmt.Sprintf("%q, in which %s belong to another stack, or to none", cfg.Namespace, names),
		Want: "a namespace of this stack's own; up would take these over, and destroy would delete them",
		Fix: fmt.Sprintf("pulumi config set namespace OTHER\n    or, if this stack was renamed or made again, and they are its own: "+
			"kubectl label -n %s --overwrite %s %s=%s", cfg.Namespace, strings.Join(seen.foreign, " "), components.StackLabel, own.Label),
	}
}

func (f *Findings) database(seen *cluster, cfg *config.Config) {
	if seen.database == nil {
		return
	}
	if is := seen.database.databaseName; cfg.Database.Mode == components.DatabaseStatefulSet && is != "" && is != cfg.Database.Name {
		f.Problems = append(f.Problems, config.Problem{
			Key: "database.name", Found: fmt.Sprintf("%q, but the wiki is in database %q", cfg.Database.Name, is),
			Want: "the name it has: a database is not renamed", Fix: "pulumi config set --path database.name " + is,
		})
	}
	if cfg.Database.Mode == components.DatabaseSidecar {
		f.Problems = append(f.Problems, config.Problem{
			Key:   "database.mode",
			Found: fmt.Sprintf("%q, but a wiki is kept in claim %s/%s", cfg.Database.Mode, cfg.Namespace, seen.database.name),
			Want:  "a mode that shows that wiki; the recipe needs a stack of its own",
			Fix:   "pulumi config set --path database.mode " + components.DatabaseStatefulSet,
		})
	}
}
