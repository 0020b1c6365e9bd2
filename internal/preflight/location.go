package preflight

import (
	"fmt"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// checkLocation refuses settings that would abandon an existing wiki and show an empty one: another cluster, another namespace, another
// database, a mode that stores nothing. It also refuses to adopt objects that belong to another stack. It reports whether the stack's wiki
// is here; if not, no other check makes sense.
func (f *Findings) checkLocation(seen *snapshot, own *state.Stack, cfg *config.Config) bool {
	f.Identity = seen.uid
	if own.Deployed {
		f.Identity = own.Cluster // a different value would replace the provider and every object
	}
	if own.Deployed && !seen.isOf(own) {
		f.Problems = append(f.Problems, otherCluster(own, cfg))
		return false
	}
	current := own.Namespace
	if current == "" && seen.uploads == nil && len(seen.elsewhere) > 0 {
		current = seen.elsewhere[0]
	}
	switch {
	case current != "" && current != cfg.Namespace:
		f.Problems = append(f.Problems, otherNamespace(current, own, cfg))
	case len(seen.foreign) > 0:
		f.Problems = append(f.Problems, foreign(seen, own, cfg))
	default:
		f.checkDatabase(seen, cfg)
		return true
	}
	return false
}

// isOf reports whether this is the cluster that the stack was deployed to. A stack that an older version of the program deployed has the
// name of a context as its identity; its objects identify the cluster in that case.
func (s *snapshot) isOf(own *state.Stack) bool { return s.uid == own.Cluster || s.known }

func otherCluster(own *state.Stack, cfg *config.Config) config.Problem {
	back := "pulumi config set context " + own.Context
	if own.Context == cfg.Context {
		back = "pulumi config set kubeconfig PATH     (of the file with that cluster)"
	}
	return config.Problem{
		Key: "context", Found: fmt.Sprintf("%q, which is not the cluster that this stack's wiki is in", cfg.Context),
		Want: fmt.Sprintf("that cluster, under any name; the stack last used context %q", own.Context),
		Fix: back + "\n    or, to create another wiki here: pulumi stack init NAME" +
			"\n    or, if that cluster is lost: pulumi stack rm --force --preserve-config && pulumi stack init     (the same name)",
	}
}

// otherNamespace reports a namespace that changed. The default changes when the stack or the project is renamed.
func otherNamespace(current string, own *state.Stack, cfg *config.Config) config.Problem {
	problem := config.Problem{
		Key: "namespace", Found: fmt.Sprintf("%q, but this stack has a wiki in namespace %q", cfg.Namespace, current),
		Want: "the namespace that the wiki is in: a wiki does not move, even if the stack or the project is renamed",
		Fix:  "pulumi config set namespace " + current,
	}
	if !own.Deployed {
		problem.Fix += fmt.Sprintf("\n    or, to abandon that wiki for good and start a new one: kubectl label pvc -n %s -l %s=%s %s-",
			current, marks.StackLabel, own.Label, marks.StackLabel)
	}
	return problem
}

func foreign(seen *snapshot, own *state.Stack, cfg *config.Config) config.Problem {
	const shown = 3
	names := strings.Join(seen.foreign[:min(shown, len(seen.foreign))], ", ")
	if more := len(seen.foreign) - shown; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return config.Problem{
		Key: "namespace", Found: fmt.Sprintf("%q, in which %s belong to another stack, or to none", cfg.Namespace, names),
		Want: "a namespace that only this stack uses; pulumi up would adopt these objects, and pulumi destroy would delete them",
		Fix: fmt.Sprintf("pulumi config set namespace OTHER\n    or, if this stack was renamed or created again and they belong to it: "+
			"kubectl label -n %s --overwrite %s %s=%s", cfg.Namespace, strings.Join(seen.foreign, " "), marks.StackLabel, own.Label),
	}
}

// checkDatabase refuses settings under which the wiki on an existing volume would not be found.
func (f *Findings) checkDatabase(seen *snapshot, cfg *config.Config) {
	if seen.database == nil {
		return
	}
	name := seen.database.Annotations[marks.DatabaseAnnotation]
	if cfg.Database.Mode == choices.DatabaseStatefulSet && name != "" && name != cfg.Database.Name {
		f.Problems = append(f.Problems, config.Problem{
			Key: "database.name", Found: fmt.Sprintf("%q, but the wiki is in database %q", cfg.Database.Name, name),
			Want: "the current name: a database cannot be renamed", Fix: "pulumi config set --path database.name " + name,
		})
	}
	if cfg.Database.Mode == choices.DatabaseSidecar {
		f.Problems = append(f.Problems, config.Problem{
			Key:   "database.mode",
			Found: fmt.Sprintf("%q, but claim %s/%s holds a wiki", cfg.Database.Mode, cfg.Namespace, seen.database.Name),
			Want:  "a mode that serves that wiki; the recipe needs a stack of its own",
			Fix:   "pulumi config set --path database.mode " + choices.DatabaseStatefulSet,
		})
	}
}
