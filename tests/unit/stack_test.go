package unit

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// parents are the last parts of the URNs of what stands above each resource, by the resource's own type and name.
func parents(r *recorder) map[string]string {
	found := make(map[string]string)
	for _, res := range r.resources {
		parent := res.RegisterRPC.GetParent()
		found[res.TypeToken+"::"+res.Name] = parent[strings.LastIndex(parent, "$")+1:]
	}
	return found
}

func TestPreviewTreeDrawsTheRecipe(t *testing.T) {
	promise(t, recipeArgs(), func(t *testing.T, r *recorder) {
		found, stack := parents(r), parts.StackToken+"::mediawiki"
		for child, parent := range map[string]string{
			parts.Database.Token() + "::mediawiki": stack,
			parts.Web.Token() + "::mediawiki":      stack,
			namespaceToken + "::mediawiki":         stack,
			secretToken + "::mediawiki-db":         parts.Database.Token() + "::mediawiki",
			deploymentToken + "::mediawiki-app":    parts.Web.Token() + "::mediawiki",
			serviceToken + "::mediawiki-srv":       parts.Web.Token() + "::mediawiki",
		} {
			assert.Truef(t, strings.HasSuffix(found[child], parent), "%s is below %q, want %s", child, found[child], parent)
		}
	})
}

func TestPreviewTreeDrawsTheArchitecture(t *testing.T) {
	below := func(token string) string { return token + "::mediawiki" }
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		found, stack := parents(r), below(parts.StackToken)
		want := map[string]string{
			namespaceToken + "::mediawiki": stack, claimToken + "::mediawiki-uploads": stack, claimToken + "::mediawiki-backups": stack,
			serviceToken + "::mediawiki-cache-0": stack, serviceToken + "::mediawiki-cache-1": stack,
		}
		for _, part := range parts.All {
			want[below(part.Token())] = stack
		}
		for parent, children := range map[string][]string{
			parts.Database.Token(): {
				secretToken + "::mediawiki-db", configMapToken + "::mediawiki-db", claimToken + "::mediawiki-db",
				serviceToken + "::mediawiki-db", serverToken + "::mediawiki-db", policyToken + "::mediawiki-db",
			},
			parts.Settings.Token(): {secretToken + "::mediawiki-settings", configMapToken + "::mediawiki-settings"},
			parts.Migration.Token(): {
				secretToken + "::mediawiki-migration", configMapToken + "::mediawiki-migration", jobToken + "::mediawiki-migration",
				policyToken + "::mediawiki-migration",
			},
			parts.Web.Token(): {
				deploymentToken + "::mediawiki-app", serviceToken + "::mediawiki-srv",
				configMapToken + "::mediawiki-app", policyToken + "::mediawiki-app", budgetToken + "::mediawiki-app",
			},
			parts.Cache.Token(): {
				serverToken + "::mediawiki-cache", configMapToken + "::mediawiki-cache", serviceToken + "::mediawiki-app",
				policyToken + "::mediawiki-cache", budgetToken + "::mediawiki-cache",
			},
			parts.ObjectCache.Token(): {
				deploymentToken + "::mediawiki-objectcache", serviceToken + "::mediawiki-objectcache",
				policyToken + "::mediawiki-objectcache", budgetToken + "::mediawiki-objectcache",
			},
			parts.Backups.Token(): {
				configMapToken + "::mediawiki-backup", cronJobToken + "::mediawiki-backup", cronJobToken + "::mediawiki-drill",
				policyToken + "::mediawiki-backup",
			},
			parts.Jobs.Token(): {
				configMapToken + "::mediawiki-jobs", deploymentToken + "::mediawiki-jobs", policyToken + "::mediawiki-jobs",
			},
		} {
			for _, child := range children {
				want[child] = below(parent)
			}
		}
		for child, parent := range want {
			assert.Truef(t, strings.HasSuffix(found[child], parent), "%s is below %q, want %s", child, found[child], parent)
		}
		assert.Len(t, found, len(want)+2, "and nothing else but the stack itself and its provider: %v", found)
	})
}

func TestEveryObjectUsesTheExplicitProvider(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		objects := 0
		for _, res := range r.resources {
			if strings.HasPrefix(res.TypeToken, "kubernetes:") {
				objects++
				assert.Contains(t, res.Provider, "::microk8s::", res.TypeToken)
			}
		}
		assert.Equal(t, 38, objects)
	})
}

func TestEveryObjectIsAwaitedForHalfAnHour(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		for _, res := range r.resources {
			if !strings.HasPrefix(res.TypeToken, "kubernetes:") {
				continue
			}
			timeouts := res.RegisterRPC.GetCustomTimeouts()
			assert.Equal(t, "30m", timeouts.GetCreate(), res.TypeToken)
			assert.Equal(t, "30m", timeouts.GetUpdate(), res.TypeToken)
			assert.Equal(t, "10m", timeouts.GetDelete(), res.TypeToken)
		}
	})
}

func TestTwoWikisFitInOneStack(t *testing.T) {
	other := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Namespace = pulumi.String("other") })
	for _, preview := range []bool{true, false} {
		r, _, err := run(t, preview, map[string]*components.MediaWikiStackArgs{"one": wikiArgs(), "two": other})
		require.NoError(t, err)
		assert.Equal(t, "one-app", at(t, r.named(t, deploymentToken, "one-app"), "spec", "selector", "matchLabels", "app"))
		assert.Equal(t, "two-app", at(t, r.named(t, deploymentToken, "two-app"), "spec", "selector", "matchLabels", "app"))
	}
}

func TestImpossibleArgumentsRegisterNothing(t *testing.T) {
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
		"node port without one": {wikiArgs(func(a *components.MediaWikiStackArgs) {
			a.Service.Type, a.Service.NodePort = components.ServiceClusterIP, 30080
		}), []string{"Service.NodePort"}},
		"fewer replicas than none": {
			wikiArgs(func(a *components.MediaWikiStackArgs) { a.Replicas = pulumi.IntRef(-1) }), []string{"Replicas is -1"},
		},
		"timeout without a unit": {
			wikiArgs(func(a *components.MediaWikiStackArgs) { a.Timeouts.Create = "30" }), []string{"Timeouts.Create", `"30m"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": c.args})
			require.Error(t, err)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			for _, res := range r.resources {
				assert.NotContains(t, res.TypeToken, "mediawiki:")
				assert.NotContains(t, res.TypeToken, "kubernetes:core")
			}
		})
	}
}
