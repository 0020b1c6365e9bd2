package preflight_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestVersionsBetweenWhichDataCannotBeMigratedAreRefused(t *testing.T) {
	wiki := func(image string) runtime.Object { return newDeployment("mediawiki-app", image) }
	server := func(image string) runtime.Object { return newServer(image) }
	rollingOut := newServer("mariadb:12.8")
	rollingOut.Status.UpdateRevision = "2"
	for name, c := range map[string]struct {
		runs   runtime.Object
		images string
		want   string // part of the problem; empty if there is none
	}{
		"an upgrade":         {wiki("mediawiki:1.39.8"), `{"mediawiki":"mediawiki:1.43.9"}`, ""},
		"the same series":    {wiki("mediawiki:1.43.9"), `{"mediawiki":"mediawiki:1.43.0"}`, ""},
		"an older MediaWiki": {wiki("mediawiki:1.43.9"), `{"mediawiki":"mediawiki:1.39.8"}`, "an older MediaWiki cannot read"},
		"an older one from a registry": {
			wiki("r.example.org/w:1.43@sha256:" + digest), `{"mediawiki":"w:1.42"}`, "an older MediaWiki cannot",
		},
		"a MediaWiki that is too far":         {wiki("mediawiki:1.34.4"), `{"mediawiki":"mediawiki:1.43.9"}`, "first MediaWiki 1.39"},
		"the next one's updater begins later": {wiki("mediawiki:1.37.1"), `{"mediawiki":"mediawiki:1.46.0"}`, "first MediaWiki 1.39"},
		"a digest, which says no version":     {wiki("mediawiki:1.43.9"), `{"mediawiki":"mediawiki@sha256:` + digest + `"}`, ""},
		"a tag that says no version":          {wiki("mediawiki:lts"), `{"mediawiki":"mediawiki:1.39.8"}`, ""},
		"a newer MariaDB":                     {server("mariadb:10.11.19"), `{"mariadb":"mariadb:11.8.8"}`, ""},
		"an older MariaDB":                    {server("mariadb:11.8.8"), `{"mariadb":"mariadb:10.11.19"}`, "an older MariaDB cannot read"},
		"a MariaDB that never started":        {rollingOut, `{"mariadb":"mariadb:11.8.8"}`, ""},
		"another Deployment":                  {newDeployment("other-app", "mediawiki:1.46"), `{"mediawiki":"mediawiki:1.43"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := clusterWith(hostpath(), c.runs)
			f, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, map[string]string{"images": c.images}))
			require.NoError(t, err)
			if c.want == "" {
				assert.Empty(t, f.Problems)
				return
			}
			require.Len(t, f.Problems, 1)
			assert.Contains(t, f.Problems[0].Want, c.want)
			assert.Contains(t, f.Problems[0].Fix, "pulumi config set --path images.")
		})
	}
}
