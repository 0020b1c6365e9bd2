package preflight

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// checkClaims refuses a claim that is being deleted, and one that the stack has and the cluster lacks: an update would continue with an
// empty volume, and install an empty wiki on it.
func (f *Findings) checkClaims(seen *snapshot, name string, own *state.Stack, cfg *config.Config) {
	for _, c := range []struct {
		key, name string
		claim     *corev1.PersistentVolumeClaim
	}{
		{"database", parts.Database.Of(name), seen.database},
		{"database.replicas", parts.Database2.Of(name), seen.database2},
		{"uploads", parts.UploadsClaim(name), seen.uploads},
		{"packages", parts.PackagesClaim(name), seen.packages},
		{"backups", parts.BackupsClaim(name), seen.backups},
	} {
		uid, known := own.Claims[c.name]
		if c.key == "packages" && !packages.HasArchives(cfg.Wiki.Packages) {
			continue // an update deletes it, or leaves it
		}
		if c.key == "database.replicas" && cfg.Database.Replicas < 2 {
			continue
		}
		problem := config.Problem{Key: c.key, Want: "the claim that has the wiki's data"}
		on := fmt.Sprintf("on claim %s/%s, which ", cfg.Namespace, c.name)
		switch {
		case c.claim == nil && known:
			problem.Found = on + "no longer exists: somebody has deleted it, and its volume with all data on it"
		case c.claim == nil:
			continue
		case c.claim.DeletionTimestamp != nil:
			why, fix := admission.Deleted(c.claim)
			problem.Found, problem.Fix = on+why, fix
			f.Problems = append(f.Problems, problem)
			continue
		case known && uid != "" && uid != string(c.claim.UID):
			problem.Found = on + "was created again: it is not the claim of the last update"
		default:
			continue
		}
		problem.Fix = accept(c.key, seen, cfg)
		f.Problems = append(f.Problems, problem)
	}
	f.checkLostDatabase(seen, name, own, cfg)
}

// accept returns the commands that let an update continue with what is on the volume of a claim now. The refresh updates the state.
func accept(key string, seen *snapshot, cfg *config.Config) string {
	const again = "pulumi refresh && pulumi up"
	switch key {
	case "database":
		from := func(value string) string {
			return "pulumi config set --path backups.restoreFrom " + value + " && " + again
		}
		fix := from(components.RestoreNone) + "     (for a new wiki)"
		if seen.backups != nil || cfg.Backups.Remote.Address != "" {
			fix = from(components.RestoreLatest) + "     (restores the newest backup)\n    or: " + fix
		}
		return fix + "\n    or, if the volume still exists (kubectl get pv): docs/operating.md, \"A volume that was deleted\""
	case "packages":
		return again + "     (an empty volume: the migration downloads the packages again)"
	case "database.replicas":
		return again + "     (an empty volume: the database is copied to it again, unless it is the primary)"
	case "uploads":
		return again + "     (an empty volume), and then restore a backup, which has the files"
	default:
		return again + "     (an empty volume), and then create a backup"
	}
}

// checkLostDatabase refuses to install a wiki where the stack had one, if a refresh has removed the database's claim from the state. With
// backups.restoreFrom, the settings say what an empty database is to contain.
func (f *Findings) checkLostDatabase(seen *snapshot, name string, own *state.Stack, cfg *config.Config) {
	claim, from := parts.Database.Of(name), cfg.Backups.RestoreFrom
	_, known := own.Claims[claim]
	switch {
	case cfg.Database.Mode != components.DatabaseStatefulSet:
	case seen.database != nil && from == components.RestoreNone && own.DatabaseHost == claim:
		f.Warnings = append(f.Warnings, "backups.restoreFrom "+from+" has no effect on an existing wiki; if the wiki's volume is ever "+
			"lost, it allows an empty one\n  fix: pulumi config rm --path backups.restoreFrom")
	case seen.database != nil || known || own.DatabaseHost != claim:
	case from == "":
		f.Problems = append(f.Problems, config.Problem{
			Key: "database", Found: fmt.Sprintf("on claim %s/%s, which no longer exists: its volume was deleted with all data on it",
				cfg.Namespace, claim),
			Want: "the claim that has the wiki's data",
			Fix:  accept("database", seen, cfg) + "\n    or, if a pulumi destroy was interrupted: pulumi destroy",
		})
	default:
		what := "restores the wiki from backup " + from
		if from == components.RestoreNone {
			what = "installs a new wiki"
		}
		f.Warnings = append(f.Warnings, fmt.Sprintf("the volume of claim %s/%s is lost; pulumi up creates an empty one and %s",
			cfg.Namespace, claim, what))
	}
}
