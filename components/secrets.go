package components

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// derivedBytes is the length of a derived password before it is written in base64: 256 bits, HKDF-SHA256's own width.
const derivedBytes = 32

// derive makes the password for one purpose from the master secret. The same secret and label always give the same
// password, so a wiki that was destroyed and comes back can open the data it left; one password tells nothing of
// another. The result is 43 letters, digits, hyphens and underscores: https://www.rfc-editor.org/rfc/rfc5869
func derive(master pulumi.StringInput, label string) pulumi.StringOutput {
	password := master.ToStringOutput().ApplyT(func(master string) (string, error) {
		if master == "" {
			return "", errors.New("MasterSecret is empty")
		}
		key, err := hkdf.Key(sha256.New, []byte(master), nil, "mediawiki-stack/v1/"+label, derivedBytes)
		if err != nil {
			return "", err
		}
		return base64.RawURLEncoding.EncodeToString(key), nil
	})
	return pulumi.ToSecret(password).(pulumi.StringOutput)
}

// passwordOr is the given password, or else the one derived for label. It is always a secret.
func passwordOr(given, master pulumi.StringInput, label string) pulumi.StringOutput {
	if given == nil {
		return derive(master, label)
	}
	return pulumi.ToSecret(given).(pulumi.StringOutput)
}
