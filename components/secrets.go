package components

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// derivedBytes is the length of a derived password before it is written in base64: 256 bits, HKDF-SHA256's own width.
const derivedBytes = 32

// Labels of what is derived from the master secret. They must not change: what was derived by them is in the data.
const (
	labelDatabasePassword  = "database-password"
	labelMigrationPassword = "migration-password"
	labelAdminPassword     = "admin-password"
	labelSecretKey         = "secret-key"
	labelUpgradeKey        = "upgrade-key"
	labelBackupsPassword   = "backups-password"
)

// derivePassword makes the password for one purpose from the master secret. The same secret and label always give the same
// password, so a wiki that was destroyed and comes back can open the data it left; one password tells nothing of
// another. The result is 43 letters, digits, hyphens and underscores: https://www.rfc-editor.org/rfc/rfc5869
func derivePassword(master, label string) (string, error) {
	if master == "" {
		return "", errors.New("MasterSecret is empty")
	}
	key, err := hkdf.Key(sha256.New, []byte(master), nil, "mediawiki-stack/v1/"+label, derivedBytes)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(key), nil
}

func derive(master pulumi.StringInput, label string) pulumi.StringOutput {
	password := master.ToStringOutput().ApplyT(func(master string) (string, error) { return derivePassword(master, label) })
	return pulumi.ToSecret(password).(pulumi.StringOutput)
}

// passwordOr is the given password, or else the one derived for label. It is always a secret.
func passwordOr(given, master pulumi.StringInput, label string) pulumi.StringOutput {
	if given == nil {
		return derive(master, label)
	}
	return pulumi.ToSecret(given).(pulumi.StringOutput)
}

// CredentialsAnnotation is the key of the annotation by which a claim says whose passwords its data was written with.
const CredentialsAnnotation = "mediawiki-stack/credentials"

// fingerprintRounds make guessing passwords by their fingerprint slow, and cost a program some 20 ms.
const fingerprintRounds = 100_000

// Fingerprint is the value of [CredentialsAnnotation] for a wiki in the namespace. An empty password stands for the one
// that is derived from the master secret. The fingerprint tells whether passwords are the same, and nothing else of them.
func Fingerprint(namespace, masterSecret, password, migrationPassword string) (string, error) {
	var err error
	if password == "" {
		if password, err = derivePassword(masterSecret, labelDatabasePassword); err != nil {
			return "", err
		}
	}
	if migrationPassword == "" {
		if migrationPassword, err = derivePassword(masterSecret, labelMigrationPassword); err != nil {
			return "", err
		}
	}
	salt := []byte("mediawiki-stack/v1/credentials/" + namespace)
	key, err := pbkdf2.Key(sha256.New, password+"\x00"+migrationPassword, salt, fingerprintRounds, 16)
	return hex.EncodeToString(key), err
}

// fingerprint is [Fingerprint] of outputs. It is no secret.
func fingerprint(namespace pulumi.StringInput, password, migrationPassword pulumi.StringOutput) pulumi.StringOutput {
	value := pulumi.All(namespace, password, migrationPassword).ApplyT(func(all []any) (string, error) {
		return Fingerprint(all[0].(string), "", all[1].(string), all[2].(string))
	})
	return pulumi.Unsecret(value).(pulumi.StringOutput)
}
