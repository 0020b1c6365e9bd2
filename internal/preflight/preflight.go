package preflight

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// timeout limits how long the API server may take to answer all requests.
const timeout = 30 * time.Second

// Run checks the configuration of the wiki with this name against the cluster and logs the warnings. Mistakes are reported in the same way
// as those of the configuration: it returns all of them as one [*config.Problems].
func Run(ctx *pulumi.Context, target *cluster.Cluster, name string, own *state.Stack, cfg *config.Config) (*Findings, error) {
	client, err := target.Client()
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx.Context(), timeout)
	defer cancel()
	findings, err := Check(bounded, client, name, own, cfg)
	if err != nil {
		return nil, &cluster.Error{
			What: fmt.Sprintf("cannot read the cluster (context %s of %s): %v", target.Context, target.Path, err),
			Fix:  cluster.Advice(target.Host, cluster.OnTheMachine("microk8s status --wait-ready")),
		}
	}
	for _, warning := range findings.Warnings {
		err = errors.Join(err, ctx.Log.Warn(warning, nil))
	}
	for i := range findings.Problems {
		findings.Problems[i].Fix = cluster.Advice(target.Host, findings.Problems[i].Fix)
	}
	if len(findings.Problems) > 0 {
		return nil, &config.Problems{Project: ctx.Project(), List: findings.Problems}
	}
	return findings, err
}

// Findings are the results of the checks.
type Findings struct {
	Problems []config.Problem
	Warnings []string
	// Identity is what the provider identifies the cluster by: the UID of its namespace kube-system.
	Identity string
	// ProvenBackup is the name of the backup that the newest successful restore test has proven; empty if there is none.
	ProvenBackup string
}

// Check compares the configuration with what exists on the cluster, and finds out whether the rest can be created.
func Check(ctx context.Context, client dynamic.Interface, name string, own *state.Stack, cfg *config.Config) (*Findings, error) {
	seen, err := readSnapshot(ctx, client, cfg.Namespace, name, own)
	if err != nil {
		return nil, err
	}
	f := &Findings{ProvenBackup: seen.provenBackup(name)}
	if !f.checkLocation(seen, own, cfg) {
		return f, nil
	}
	f.checkClaims(seen, name, own, cfg)
	if err := f.checkNamespace(ctx, client, seen, name, cfg); err != nil {
		return nil, err
	}
	if cfg.Database.Mode == choices.DatabaseSidecar {
		return f, nil // the recipe stores nothing
	}
	if cfg.Database.Mode == choices.DatabaseStatefulSet {
		if err := f.checkCredentials(seen, own, cfg); err != nil {
			return nil, err
		}
		f.checkVolume("database", seen.database, seen, cfg.Database.Volume)
		f.checkReplica(seen, name, cfg)
	}
	if err := f.checkIngress(ctx, client, name, cfg); err != nil {
		return nil, err
	}
	if err := f.checkMonitoring(ctx, client, cfg); err != nil {
		return nil, err
	}
	if err := f.checkAutoscaling(ctx, client, cfg); err != nil {
		return nil, err
	}
	f.checkVolume("uploads", seen.uploads, seen, cfg.Wiki.Uploads.Volume)
	if err := f.checkImageVolumes(ctx, client, seen, cfg); err != nil {
		return nil, err
	}
	f.checkPackageClaims(seen, name, cfg)
	if packages.HasArchives(cfg.Wiki.Packages) {
		f.checkVolume("packageVolume", seen.packages, seen, cfg.PackageVolume())
	}
	f.checkVersions(seen, cfg)
	f.checkVolume("backups", seen.backups, seen, cfg.Backups.Volume)
	f.checkAccessMode(seen, cfg)
	f.checkNodes(seen, cfg)
	f.checkStorageOfNodes(seen, cfg)
	return f, nil
}

// checkCredentials refuses passwords that the data was not written with. While the stack is deployed and the database's StatefulSet exists,
// other passwords are a rotation and are accepted.
func (f *Findings) checkCredentials(seen *snapshot, own *state.Stack, cfg *config.Config) error {
	if seen.database == nil || seen.running && own.Deployed {
		return nil
	}
	written := seen.database.Annotations[marks.CredentialsAnnotation]
	if written == "" {
		return nil
	}
	configured, err := secrets.Fingerprint(cfg.Namespace, cfg.MasterSecret, cfg.Database.Password, cfg.Database.MigrationPassword)
	if err != nil || configured == written {
		return err
	}
	f.Problems = append(f.Problems, config.Problem{
		Key:   "masterSecret",
		Found: fmt.Sprintf("not the one that the volume of claim %s/%s was written with", cfg.Namespace, seen.database.Name),
		Want:  "the masterSecret (databasePassword, migrationPassword) that this wiki had; it is in the stack's former file",
		Fix: fmt.Sprintf("pulumi config set --secret masterSecret\n    or, to give the wiki on that volume the current passwords: "+
			"kubectl annotate pvc -n %s %s %s-", cfg.Namespace, seen.database.Name, marks.CredentialsAnnotation),
	})
	return nil
}
