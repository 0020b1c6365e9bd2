package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
)

func derive(master pulumi.StringInput, label string) pulumi.StringOutput {
	password := master.ToStringOutput().ApplyT(func(master string) (string, error) { return secrets.Derive(master, label) })
	return pulumi.ToSecret(password).(pulumi.StringOutput)
}

// passwordOr returns the given password, or else the one derived with a label. It is always a secret.
func passwordOr(given, master pulumi.StringInput, label string) pulumi.StringOutput {
	if given == nil {
		return derive(master, label)
	}
	return pulumi.ToSecret(given).(pulumi.StringOutput)
}

// fingerprint is [secrets.Fingerprint] of outputs. It is not a secret.
func fingerprint(namespace pulumi.StringInput, password, migrationPassword pulumi.StringOutput) pulumi.StringOutput {
	value := pulumi.All(namespace, password, migrationPassword).ApplyT(func(all []any) (string, error) {
		return secrets.Fingerprint(all[0].(string), "", all[1].(string), all[2].(string))
	})
	return pulumi.Unsecret(value).(pulumi.StringOutput)
}
