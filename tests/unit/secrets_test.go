package unit

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
)

func TestNoResourceButASecretContainsAPassword(t *testing.T) {
	given := func(a *components.MediaWikiStackArgs) {
		a.Database.Password, a.Database.MigrationPassword = pulumi.String("canary-database"), pulumi.String("canary-schema")
		a.Wiki.AdminPassword, a.Wiki.Mail.Password = pulumi.String("canary-admin"), pulumi.String("canary-mail")
	}
	for mode, args := range map[string]*components.MediaWikiStackArgs{
		"statefulset": wikiArgs(given), "sidecar": recipeArgs(given), "external": wikiArgs(given, external),
	} {
		t.Run(mode, func(t *testing.T) {
			promise(t, args, func(t *testing.T, r *recorder) {
				for _, res := range r.resources {
					text := fmt.Sprint(res.Inputs) + res.RegisterRPC.String()
					if res.TypeToken == secretToken {
						assert.Containsf(t, text, "canary-", "a password is in %s", res.Name)
						assert.True(t, res.Inputs["stringData"].ContainsSecrets(), "the password in %s is marked secret", res.Name)
						continue
					}
					assert.NotContainsf(t, text, "canary", "a password is in %s %s", res.TypeToken, res.Name)
				}
			})
		})
	}
}

func TestDerivedSecretsStandInSecretsAlone(t *testing.T) {
	for mode, args := range map[string]*components.MediaWikiStackArgs{"statefulset": wikiArgs(), "sidecar": recipeArgs()} {
		t.Run(mode, func(t *testing.T) {
			promise(t, args, func(t *testing.T, r *recorder) {
				derived := secretTexts(r)
				require.NotEmpty(t, derived)
				for _, res := range r.resources {
					text := fmt.Sprint(res.Inputs) + res.RegisterRPC.String()
					assert.NotContains(t, text, canary, res.TypeToken)
					for _, password := range derived {
						if res.TypeToken != secretToken {
							assert.NotContains(t, text, password, res.TypeToken)
						}
					}
				}
			})
		})
	}
}

// secretTexts are what the Secrets hold that is as long as a derived password.
func secretTexts(r *recorder) []string {
	var texts []string
	for _, res := range r.all(secretToken) {
		for _, value := range res.Inputs["stringData"].SecretValue().Element.ObjectValue() {
			if text := value.StringValue(); len(text) == 43 {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

func TestDerivedPasswordsAreStableAndDiffer(t *testing.T) {
	passwords := func(master string) map[string]bool {
		args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.MasterSecret = pulumi.String(master) })
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": args})
		require.NoError(t, err)
		found := map[string]bool{}
		for _, text := range secretTexts(r) {
			found[text] = true
		}
		return found
	}
	first := passwords(canary)
	assert.Len(t, first, 5, "two of the database, the administrator's, and MediaWiki's two keys")
	assert.Equal(t, first, passwords(canary))
	for password := range passwords(canary + "x") {
		assert.NotContains(t, first, password)
	}
}

// A derived password that changes locks the owner out of the data: this one is for good.
func TestDerivedPasswordIsTheOneItAlwaysWas(t *testing.T) {
	r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": recipeArgs()})
	require.NoError(t, err)
	assert.Equal(t, []string{"1MmBjDz5-ItqLGusxYwlzSffrphvGwPWRjmCcFrmr9k"}, secretTexts(r))
}

func TestFingerprintTellsPasswordsApartAndHidesThem(t *testing.T) {
	of := func(namespace, master, password, migration string) string {
		value, err := secrets.Fingerprint(namespace, master, password, migration)
		require.NoError(t, err)
		return value
	}
	first := of("wiki", canary, "", "")
	assert.Equal(t, first, of("wiki", canary, "", ""))
	for _, other := range []string{
		of("other", canary, "", ""), of("wiki", canary+"x", "", ""),
		of("wiki", canary, "given", ""), of("wiki", canary, "", "given"),
	} {
		assert.NotEqual(t, first, other)
	}
	_, err := secrets.Fingerprint("wiki", "", "", "")
	assert.Error(t, err)
}
