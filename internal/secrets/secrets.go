// Package secrets derives the passwords of a wiki from its master secret.
package secrets

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
)

// derivedBytes is the length of a derived password before it is encoded: 256 bits, the width of HKDF-SHA256.
const derivedBytes = 32

// Labels of what is derived. They must not change: existing data depends on what was derived with them.
const (
	DatabasePassword  = "database-password"
	MigrationPassword = "migration-password"
	AdminPassword     = "admin-password"
	SecretKey         = "secret-key"
	UpgradeKey        = "upgrade-key"
	BackupsPassword   = "backups-password"
	ReplicaPassword   = "replication-password"
)

// Derive returns the password with a label. The same secret and label always give the same password, so a wiki that was destroyed and comes
// back can open the data that it left. One password reveals nothing about another. It has 43 letters, digits, hyphens and underscores.
// https://www.rfc-editor.org/rfc/rfc5869
func Derive(master, label string) (string, error) {
	if master == "" {
		return "", errors.New("MasterSecret is empty")
	}
	key, err := hkdf.Key(sha256.New, []byte(master), nil, "mediawiki-stack/v1/"+label, derivedBytes)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(key), nil
}

// fingerprintRounds makes guessing passwords from their fingerprint slow. It costs a program about 20 ms.
const fingerprintRounds = 100_000

// Fingerprint returns a slow hash of the passwords that the data of a wiki in the namespace was written with. An empty password means the
// one that is derived from the master secret. Fingerprints tell whether passwords are the same, and nothing else about them.
func Fingerprint(namespace, masterSecret, password, migrationPassword string) (string, error) {
	var err error
	if password == "" {
		if password, err = Derive(masterSecret, DatabasePassword); err != nil {
			return "", err
		}
	}
	if migrationPassword == "" {
		if migrationPassword, err = Derive(masterSecret, MigrationPassword); err != nil {
			return "", err
		}
	}
	salt := []byte("mediawiki-stack/v1/credentials/" + namespace)
	key, err := pbkdf2.Key(sha256.New, password+"\x00"+migrationPassword, salt, fingerprintRounds, 16)
	return hex.EncodeToString(key), err
}
