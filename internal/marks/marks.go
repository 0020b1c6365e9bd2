// Package marks has the labels and annotations by which the program recognizes its objects.
package marks

import (
	"crypto/sha256"
	"encoding/hex"
)

const (
	// StackLabel identifies the stack of an object. Its value is that of [Stack].
	StackLabel = "mediawiki-stack/stack"
	// DatabaseAnnotation of a claim names the database on the volume.
	DatabaseAnnotation = "mediawiki-stack/database"
	// CredentialsAnnotation of a claim is the fingerprint of the passwords that the data on the volume was written with.
	CredentialsAnnotation = "mediawiki-stack/credentials" //nolint:gosec // a name
)

// Stack returns the value of [StackLabel] for a stack. It fits into the 63 characters of a label.
func Stack(project, stack string) string { return "stack-" + ShortHash(project, stack) }

// ShortHash returns a hash of a list of texts, of ten hexadecimal digits.
func ShortHash(texts ...string) string {
	hash := sha256.New()
	for _, text := range texts {
		length := sha256.Sum256([]byte(text)) // of fixed length, so that different lists never have the same bytes
		hash.Write(length[:])
	}
	return hex.EncodeToString(hash.Sum(nil))[:10]
}
