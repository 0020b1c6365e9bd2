package unit

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// registration returns everything that the engine is told about a resource. For the wiki's component, it returns only the inputs that are
// not marked secret.
func registration(res *mocks.Resource) string {
	if res.TypeToken != parts.StackToken {
		return fmt.Sprint(res.Inputs) + res.RegisterRPC.String()
	}
	return fmt.Sprint(res.Inputs.MapRepl(nil, func(value resource.PropertyValue) (any, bool) {
		return "secret", value.IsSecret() || value.IsOutput() && value.OutputValue().Secret
	}))
}

func TestOnlySecretsContainPasswords(t *testing.T) {
	given := func(a *components.MediaWikiStackArgs) {
		a.Database.Password, a.Database.MigrationPassword = pulumi.String("canary-database"), pulumi.String("canary-schema")
		a.Wiki.AdminPassword, a.Wiki.Mail.Password = pulumi.String("canary-admin"), pulumi.String("canary-mail")
	}
	for mode, args := range map[string]*components.MediaWikiStackArgs{
		"statefulset": wikiArgs(given), "sidecar": wikiArgs(recipe, given), "external": wikiArgs(given, external),
	} {
		t.Run(mode, func(t *testing.T) {
			promise(t, args, func(t *testing.T, r *mocks.Recording) {
				for _, res := range r.Resources {
					if res.Kind() == "Secret" {
						assert.Contains(t, registration(res), "canary-", "a password is in %s", res)
						assert.True(t, res.Inputs["stringData"].ContainsSecrets(), "the password in %s is marked secret", res)
					} else {
						assert.NotContains(t, registration(res), "canary", "a password is in %s", res)
					}
				}
			})
		})
	}
}

func TestOnlySecretsContainDerivedPasswords(t *testing.T) {
	for mode, args := range map[string]*components.MediaWikiStackArgs{"statefulset": wikiArgs(), "sidecar": wikiArgs(recipe)} {
		t.Run(mode, func(t *testing.T) {
			promise(t, args, func(t *testing.T, r *mocks.Recording) {
				derived := derivedPasswords(r)
				require.NotEmpty(t, derived)
				for _, res := range r.Resources {
					assert.NotContains(t, registration(res), canary, res)
					for password := range derived {
						if res.Kind() != "Secret" {
							assert.NotContains(t, registration(res), password, res)
						}
					}
				}
			})
		})
	}
}

// derivedPasswords returns the values in Secrets that are as long as a derived password.
func derivedPasswords(r *mocks.Recording) map[string]bool {
	found := map[string]bool{}
	for _, secret := range mocks.All[corev1.Secret](r) {
		for _, value := range secret.StringData {
			if len(value) == 43 {
				found[value] = true
			}
		}
	}
	return found
}

func TestDerivedPasswordsAreStableAndDiffer(t *testing.T) {
	passwords := func(master string) map[string]bool {
		return derivedPasswords(update(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.MasterSecret = pulumi.String(master) })))
	}
	first := passwords(canary)
	assert.Len(t, first, 5, "two of the database, the administrator's, and MediaWiki's two keys")
	assert.Equal(t, first, passwords(canary))
	for password := range passwords(canary + "x") {
		assert.NotContains(t, first, password)
	}
}

// A derived password that changes locks the owner out of the data, so this value must never change.
func TestDerivedPasswordNeverChanges(t *testing.T) {
	want := map[string]bool{"1MmBjDz5-ItqLGusxYwlzSffrphvGwPWRjmCcFrmr9k": true}
	assert.Equal(t, want, derivedPasswords(update(t, wikiArgs(recipe))))
}
