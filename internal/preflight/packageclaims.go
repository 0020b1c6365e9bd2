package preflight

import (
	"fmt"
	"slices"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// checkPackageClaims refuses packages on claims that do not exist: the migration's Pod would wait for such a claim until its timeout.
func (f *Findings) checkPackageClaims(seen *snapshot, name string, cfg *config.Config) {
	existing := append(slices.Clone(seen.claims), parts.UploadsClaim(name), parts.BackupsClaim(name), parts.PackagesClaim(name))
	for i, p := range cfg.Wiki.Packages {
		source, err := p.Source()
		if err != nil || source.Claim == "" || slices.Contains(existing, source.Claim) {
			continue
		}
		f.Problems = append(f.Problems, config.Problem{
			Key:   fmt.Sprintf("packages[%d].url", i),
			Found: fmt.Sprintf("%q, but namespace %s has no claim %s", p.URL, cfg.Namespace, source.Claim),
			Want:  "a claim that has the archive, or an address of a server",
			Fix:   "kubectl get pvc -n " + cfg.Namespace + "     (lists the claims)",
		})
	}
}
