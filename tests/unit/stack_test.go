package unit

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// tree returns the resources of components by their parents, each as kind and name.
func tree(r *mocks.Recording) map[string][]string {
	found := map[string][]string{}
	for _, res := range r.Resources {
		parent := urn.URN(res.RegisterRPC.GetParent())
		if parent != "" && !strings.HasPrefix(res.TypeToken, "pulumi:providers:") {
			above := string(parent.Type().Name()) + " " + parent.Name()
			found[above] = append(found[above], res.String())
		}
	}
	return found
}

func TestPreviewTreeDrawsTheRecipe(t *testing.T) {
	promise(t, wikiArgs(recipe), func(t *testing.T, r *mocks.Recording) {
		found := tree(r)
		delete(found, "Stack mediawiki-test")
		assert.Equal(t, map[string][]string{
			"MediaWikiStack mediawiki": {"Namespace mediawiki", "Database mediawiki", "Web mediawiki"},
			"Database mediawiki":       {"Secret mediawiki-db"},
			"Web mediawiki":            {"Deployment mediawiki-app", "Service mediawiki-srv"},
		}, found)
	})
}

func TestPreviewTreeDrawsTheArchitecture(t *testing.T) {
	promise(t, wikiArgs(fronted, monitored, replicated), func(t *testing.T, r *mocks.Recording) {
		found := tree(r)
		for _, part := range parts.All {
			assert.Contains(t, found["MediaWikiStack mediawiki"], string(part)+" mediawiki")
			assert.NotEmpty(t, found[string(part)+" mediawiki"], "objects of %s", part)
		}
		for parent, child := range map[string]string{
			"MediaWikiStack": "PersistentVolumeClaim mediawiki-backups",
			"Database":       "StatefulSet mediawiki-db",
			"Web":            "Service mediawiki-srv",
			"Backups":        "CronJob mediawiki-drill",
			"Ingress":        "Certificate mediawiki-ingress",
			"Monitoring":     "PrometheusRule mediawiki-monitoring",
		} {
			assert.Contains(t, found[parent+" mediawiki"], child)
		}
	})
}

func TestEveryObjectUsesTheExplicitProvider(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for _, res := range objects(r) {
			assert.Contains(t, res.Provider, "::microk8s::", res)
		}
	})
}

func TestEveryObjectIsAwaitedForHalfAnHour(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for _, res := range objects(r) {
			timeouts := res.RegisterRPC.GetCustomTimeouts()
			assert.Equal(t, "30m", timeouts.GetCreate(), res)
			assert.Equal(t, "30m", timeouts.GetUpdate(), res)
			assert.Equal(t, "10m", timeouts.GetDelete(), res)
		}
	})
}

func TestTwoWikisFitInOneStack(t *testing.T) {
	other := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Namespace = pulumi.String("other") })
	for _, preview := range []bool{true, false} {
		r, _, err := run(preview, map[string]*components.MediaWikiStackArgs{"one": wikiArgs(), "two": other})
		require.NoError(t, err)
		for _, name := range []string{"one-app", "two-app"} {
			assert.Equal(t, map[string]string{"app": name}, get[appsv1.Deployment](t, r, name).Spec.Selector.MatchLabels)
		}
	}
}

func TestInvalidArgumentsRegisterNothing(t *testing.T) {
	for name, c := range map[string]struct {
		args *components.MediaWikiStackArgs
		want []string
	}{
		"nothing given": {nil, []string{"Namespace", "MasterSecret"}},
		"unknown mode": {
			wikiArgs(func(a *components.MediaWikiStackArgs) { a.Database.Mode = "cloud" }), []string{"Database.Mode", `"cloud"`},
		},
		"unknown access": {
			wikiArgs(func(a *components.MediaWikiStackArgs) { a.Wiki.Access = "open" }), []string{"Wiki.Access", `"open"`},
		},
		"unknown access mode": {
			wikiArgs(func(a *components.MediaWikiStackArgs) { a.Wiki.Uploads.AccessMode = "RWO" }), []string{"Wiki.Uploads.AccessMode"},
		},
		"external without a host": {
			wikiArgs(func(a *components.MediaWikiStackArgs) { a.Database.Mode = components.DatabaseExternal }), []string{"Database.Host"},
		},
		"external account without a password": {
			wikiArgs(external, func(a *components.MediaWikiStackArgs) { a.Database.MigrationUser = pulumi.String("dba") }),
			[]string{"Database.MigrationPassword"},
		},
		"unknown service type": {
			wikiArgs(func(a *components.MediaWikiStackArgs) { a.Service.Type = "Magic" }), []string{"Service.Type", `"Magic"`},
		},
		"node port of a Service without one": {wikiArgs(func(a *components.MediaWikiStackArgs) {
			a.Service.Type, a.Service.NodePort = components.ServiceClusterIP, 30080
		}), []string{"Service.NodePort"}},
		"negative replicas": {wikiArgs(replicas(-1)), []string{"Replicas is -1"}},
		"timeout without a unit": {
			wikiArgs(func(a *components.MediaWikiStackArgs) { a.Timeouts.Create = "30" }), []string{"Timeouts.Create", `"30m"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := run(false, map[string]*components.MediaWikiStackArgs{"mediawiki": c.args})
			require.Error(t, err)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			assert.Empty(t, tree(r), "components")
			assert.Empty(t, objects(r))
		})
	}
}
