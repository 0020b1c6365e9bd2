package unit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mediawiki-stack/components"
)

func TestPreviewTreeDrawsTheArchitecture(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		parents := make(map[string]string)
		for _, res := range r.resources {
			parent := res.RegisterRPC.GetParent()
			parents[res.TypeToken] = parent[strings.LastIndex(parent, "$")+1:]
		}
		stack := components.StackToken + "::mediawiki"
		for token, parent := range map[string]string{
			components.DatabaseToken: stack,
			components.WebToken:      stack,
			namespaceToken:           stack,
			secretToken:              components.DatabaseToken + "::mediawiki",
			deploymentToken:          components.WebToken + "::mediawiki",
			serviceToken:             components.WebToken + "::mediawiki",
		} {
			assert.Truef(t, strings.HasSuffix(parents[token], parent), "%s is below %q, want %s", token, parents[token], parent)
		}
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
		assert.Equal(t, 4, objects)
	})
}

func TestEveryObjectIsAwaitedForHalfAnHour(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		for _, token := range []string{deploymentToken, serviceToken} {
			timeouts := r.all(token)[0].RegisterRPC.GetCustomTimeouts()
			assert.Equal(t, "30m0s", timeouts.GetCreate(), token)
			assert.Equal(t, "30m0s", timeouts.GetUpdate(), token)
			assert.Equal(t, "10m0s", timeouts.GetDelete(), token)
		}
	})
}

func TestNoResourceButASecretContainsAPassword(t *testing.T) {
	args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Database.Password = pulumi.String("canary-password") })
	promise(t, args, func(t *testing.T, r *recorder) {
		for _, res := range r.resources {
			text := fmt.Sprint(res.Inputs) + res.RegisterRPC.String()
			if res.TypeToken == secretToken {
				assert.Contains(t, text, "canary-password")
				assert.True(t, res.Inputs["stringData"].ContainsSecrets(), "the password is marked secret")
				continue
			}
			assert.NotContains(t, text, "canary", res.TypeToken)
		}
	})
}

func TestDerivedPasswordStandsInTheSecretAlone(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		password := databasePassword(t, r)
		assert.Len(t, password, 43)
		for _, res := range r.resources {
			text := fmt.Sprint(res.Inputs) + res.RegisterRPC.String()
			assert.NotContains(t, text, canary, res.TypeToken)
			if res.TypeToken != secretToken {
				assert.NotContains(t, text, password, res.TypeToken)
			}
		}
	})
}

func TestDerivedPasswordsAreStableAndDiffer(t *testing.T) {
	password := func(master string) string {
		args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.MasterSecret = pulumi.String(master) })
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": args})
		require.NoError(t, err)
		return databasePassword(t, r)
	}
	assert.Equal(t, password(canary), password(canary))
	assert.NotEqual(t, password(canary), password(canary+"x"))
}

func databasePassword(t *testing.T, r *recorder) string {
	t.Helper()
	return r.all(secretToken)[0].Inputs["stringData"].SecretValue().Element.ObjectValue()["password"].StringValue()
}

func TestTwoWikisFitInOneStack(t *testing.T) {
	other := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Namespace = pulumi.String("other") })
	for _, preview := range []bool{true, false} {
		r, _, err := run(t, preview, map[string]*components.MediaWikiStackArgs{"one": wikiArgs(), "two": other})
		require.NoError(t, err)
		deployments := r.all(deploymentToken)
		require.Len(t, deployments, 2)
		assert.Equal(t, "one-app", at(t, deployments[0].Inputs.Mappable(), "spec", "selector", "matchLabels", "app"))
		assert.Equal(t, "two-app", at(t, deployments[1].Inputs.Mappable(), "spec", "selector", "matchLabels", "app"))
	}
}

func TestImpossibleArgumentsRegisterNothing(t *testing.T) {
	for name, c := range map[string]struct {
		args *components.MediaWikiStackArgs
		want []string
	}{
		"nothing given": {nil, []string{"Namespace", "MasterSecret"}},
		"unknown mode":  {wikiArgs(func(a *components.MediaWikiStackArgs) { a.Database.Mode = "cloud" }), []string{"Database.Mode", `"cloud"`}},
		"unknown service type": {
			wikiArgs(func(a *components.MediaWikiStackArgs) { a.Service.Type = "Magic" }), []string{"Service.Type", `"Magic"`},
		},
		"node port without one": {wikiArgs(func(a *components.MediaWikiStackArgs) {
			a.Service.Type, a.Service.NodePort = components.ServiceClusterIP, pulumi.IntPtr(30080)
		}), []string{"Service.NodePort"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": c.args})
			require.Error(t, err)
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
			for _, res := range r.resources {
				assert.NotContains(t, res.TypeToken, "mediawiki:")
				assert.NotContains(t, res.TypeToken, "kubernetes:core")
			}
		})
	}
}
