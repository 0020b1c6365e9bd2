package preflight

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/client-go/dynamic"

	"mediawiki-stack/components"
	"mediawiki-stack/internal/config"
	"mediawiki-stack/internal/microk8s"
)

// patience is how long the API server may take to answer all questions.
const patience = 30 * time.Second

// Run checks the configuration of the wiki with this name against the cluster, and logs what is worth knowing. Mistakes are
// reported as those of the configuration are: a [*config.Problems] with all of them.
func Run(ctx *pulumi.Context, cluster *microk8s.Cluster, name string, cfg *config.Config) (*Findings, error) {
	client, err := cluster.Client()
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx.Context(), patience)
	defer cancel()
	findings, err := Check(bounded, client, name, components.StackLabelValue(ctx.Project(), ctx.Stack()), cfg)
	if err != nil {
		return nil, fmt.Errorf("looking at the cluster (context %s of %s): %w\n"+
			"  type: microk8s status --wait-ready     (on the cluster's machine)", cluster.Context, cluster.Path, err)
	}
	for _, warning := range findings.Warnings {
		err = errors.Join(err, ctx.Log.Warn(warning, nil))
	}
	if len(findings.Problems) > 0 {
		return nil, &config.Problems{Project: ctx.Project(), List: findings.Problems}
	}
	return findings, err
}

// Findings are what a look at the cluster has found.
type Findings struct {
	Problems []config.Problem
	Warnings []string
	// ProvenBackup is the name of the backup that the last drill has proven good; empty if it is not known.
	ProvenBackup string
}

// Check looks at what the cluster has of the wiki with this name, and whether the rest can be made. stack is the value of
// [components.StackLabel].
func Check(ctx context.Context, client dynamic.Interface, name, stack string, cfg *config.Config) (*Findings, error) {
	seen, err := look(ctx, client, cfg.Namespace, name, stack)
	if err != nil {
		return nil, err
	}
	f := &Findings{ProvenBackup: seen.proven}
	f.place(seen, stack, cfg)
	if err := f.namespaceTakes(ctx, client, seen, name, cfg); err != nil {
		return nil, err
	}
	if cfg.Database.Mode == components.DatabaseSidecar {
		return f, nil // which keeps nothing, so that nothing else can be wrong
	}
	if cfg.Database.Mode == components.DatabaseStatefulSet {
		if err := f.credentials(seen, cfg); err != nil {
			return nil, err
		}
		f.volume("database", seen.database, seen, cfg.Database.Volume)
	}
	f.volume("uploads", seen.uploads, seen, cfg.Uploads.Volume)
	f.versions(seen, cfg)
	f.volume("backups", seen.backups, seen, cfg.Backups.Volume)
	f.accessMode(seen, cfg)
	return f, nil
}

// place refuses what would leave a wiki behind and show an empty one: another namespace, another database, a mode that keeps nothing.
func (f *Findings) place(seen *cluster, stack string, cfg *config.Config) {
	if seen.uploads == nil && len(seen.elsewhere) > 0 {
		there := seen.elsewhere[0]
		f.Problems = append(f.Problems, config.Problem{
			Key: "namespace", Found: fmt.Sprintf("%q, but this stack has a wiki in namespace %q", cfg.Namespace, there),
			Want: "the namespace the wiki is in: it does not move",
			Type: fmt.Sprintf("pulumi config set namespace %s\n    or, to leave that wiki there for good and begin another: "+
				"kubectl label pvc -n %s -l %s=%s %s-", there, there, components.StackLabel, stack, components.StackLabel),
		})
	}
	if seen.database == nil {
		return
	}
	if is := seen.database.databaseName; cfg.Database.Mode == components.DatabaseStatefulSet && is != "" && is != cfg.Database.Name {
		f.Problems = append(f.Problems, config.Problem{
			Key: "database.name", Found: fmt.Sprintf("%q, but the wiki is in database %q", cfg.Database.Name, is),
			Want: "the name it has: a database is not renamed", Type: "pulumi config set --path database.name " + is,
		})
	}
	if cfg.Database.Mode == components.DatabaseSidecar {
		f.Problems = append(f.Problems, config.Problem{
			Key:   "database.mode",
			Found: fmt.Sprintf("%q, but a wiki is kept in claim %s/%s", cfg.Database.Mode, cfg.Namespace, seen.database.name),
			Want:  "a mode that shows that wiki; the recipe needs a stack of its own",
			Type:  "pulumi config set --path database.mode " + components.DatabaseStatefulSet,
		})
	}
}

// credentials refuses passwords that the data of an earlier life of the stack was not written with. While the database's
// StatefulSet is there it is the same life, and new passwords are a change like any other.
func (f *Findings) credentials(seen *cluster, cfg *config.Config) error {
	if seen.database == nil || seen.database.credentials == "" || seen.running {
		return nil
	}
	ours, err := components.Fingerprint(cfg.Namespace, cfg.MasterSecret, cfg.DatabasePassword, cfg.MigrationPassword)
	if err != nil || ours == seen.database.credentials {
		return err
	}
	f.Problems = append(f.Problems, config.Problem{
		Key:   "masterSecret",
		Found: fmt.Sprintf("not what the volume of claim %s/%s was written with", cfg.Namespace, seen.database.name),
		Want:  "the masterSecret (databasePassword, migrationPassword) that this wiki had when it was destroyed",
		Type: fmt.Sprintf("pulumi config set --secret masterSecret\n    or, to give the wiki on that volume the passwords of now: "+
			"kubectl annotate pvc -n %s %s %s-", cfg.Namespace, seen.database.name, components.CredentialsAnnotation),
	})
	return nil
}

func (f *Findings) accessMode(seen *cluster, cfg *config.Config) {
	mode := cfg.Uploads.AccessMode
	if seen.uploads != nil && seen.uploads.accessMode != mode {
		f.Problems = append(f.Problems, config.Problem{
			Key: "uploads.accessMode", Found: fmt.Sprintf("%q, but the claim for uploads was made with %q", mode, seen.uploads.accessMode),
			Want: "the mode it was made with", Type: "pulumi config set --path uploads.accessMode " + seen.uploads.accessMode,
		})
	}
	if mode == components.ReadWriteOnce && seen.nodes > 1 && cfg.Replicas > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("the volume for uploads can be mounted on one node at a time (uploads.accessMode %s): "+
			"all Pods of the wiki share one of the %d nodes", mode, seen.nodes))
	}
}
