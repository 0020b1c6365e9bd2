package preflight

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/microk8s"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// patience is how long the API server may take to answer all questions.
const patience = 30 * time.Second

// Run checks the configuration of the wiki with this name against the cluster, and logs what is worth knowing. Mistakes are
// reported as those of the configuration are: a [*config.Problems] with all of them.
func Run(ctx *pulumi.Context, cluster *microk8s.Cluster, name string, own *state.Stack, cfg *config.Config) (*Findings, error) {
	client, err := cluster.Client()
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx.Context(), patience)
	defer cancel()
	findings, err := Check(bounded, client, name, own, cfg)
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
	// Identity is what the provider is told to know the cluster by: the UID of its namespace kube-system.
	Identity string
	// ProvenBackup is the name of the backup that the last drill has proven good; empty if it is not known.
	ProvenBackup string
}

// Check looks at what the cluster has of the wiki with this name, and whether the rest can be made.
func Check(ctx context.Context, client dynamic.Interface, name string, own *state.Stack, cfg *config.Config) (*Findings, error) {
	seen, err := look(ctx, client, cfg.Namespace, name, own)
	if err != nil {
		return nil, err
	}
	f := &Findings{ProvenBackup: seen.proven}
	if !f.place(seen, own, cfg) {
		return f, nil
	}
	if err := f.namespaceTakes(ctx, client, seen, name, cfg); err != nil {
		return nil, err
	}
	if cfg.Database.Mode == components.DatabaseSidecar {
		return f, nil // the recipe keeps nothing, so that nothing else can be wrong
	}
	if cfg.Database.Mode == components.DatabaseStatefulSet {
		if err := f.credentials(seen, own, cfg); err != nil {
			return nil, err
		}
		f.volume("database", seen.database, seen, cfg.Database.Volume)
	}
	f.volume("uploads", seen.uploads, seen, cfg.Uploads.Volume)
	f.versions(seen, cfg)
	f.volume("backups", seen.backups, seen, cfg.Backups.Volume)
	f.accessMode(seen, cfg)
	f.nodesThatAnswer(seen, cfg)
	return f, nil
}

// credentials refuses passwords that the data was not written with, if the stack has just been made (again). While the stack is deployed
// and the database's StatefulSet exists, other passwords are a rotation.
func (f *Findings) credentials(seen *cluster, own *state.Stack, cfg *config.Config) error {
	if seen.database == nil || seen.database.credentials == "" || seen.running && own.Deployed {
		return nil
	}
	ours, err := components.Fingerprint(cfg.Namespace, cfg.MasterSecret, cfg.DatabasePassword, cfg.MigrationPassword)
	if err != nil || ours == seen.database.credentials {
		return err
	}
	f.Problems = append(f.Problems, config.Problem{
		Key:   "masterSecret",
		Found: fmt.Sprintf("not what the volume of claim %s/%s was written with", cfg.Namespace, seen.database.name),
		Want:  "the masterSecret (databasePassword, migrationPassword) that this wiki had: it is in the stack's former file",
		Fix: fmt.Sprintf("pulumi config set --secret masterSecret\n    or, to give the wiki on that volume the passwords of now: "+
			"kubectl annotate pvc -n %s %s %s-", cfg.Namespace, seen.database.name, components.CredentialsAnnotation),
	})
	return nil
}

func (f *Findings) accessMode(seen *cluster, cfg *config.Config) {
	mode := cfg.Uploads.AccessMode
	if seen.uploads != nil && seen.uploads.accessMode != mode {
		f.Problems = append(f.Problems, config.Problem{
			Key: "uploads.accessMode", Found: fmt.Sprintf("%q, but the claim for uploads was made with %q", mode, seen.uploads.accessMode),
			Want: "the mode it was made with", Fix: "pulumi config set --path uploads.accessMode " + seen.uploads.accessMode,
		})
	}
	if mode == components.ReadWriteOnce && seen.nodes > 1 && cfg.Replicas > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("the volume for uploads can be mounted on one node at a time (uploads.accessMode %s): "+
			"all Pods of the wiki share one of the %d nodes", mode, seen.nodes))
	}
}
