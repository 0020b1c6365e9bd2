// Package secret creates secrets for tests, and searches for them where they must not be.
package secret

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// New returns a random secret that is easy to search for.
func New() string { return "canary-" + rand.Text() }

// AssertHidden checks that a text contains none of the secrets, neither plain nor in base64. It does not print the whole text.
func AssertHidden(t *testing.T, where, text string, secrets []string) {
	t.Helper()
	for i, secret := range secrets {
		require.Greater(t, len(secret), 16, "length of secret %d", i)
		for _, form := range forms(secret) {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s: secret %d appears after: %s", where, i, text[max(0, at-200):at])
			}
		}
	}
}

// forms returns the secret itself and its three possible base64 encodings within a longer text, since base64 turns three bytes into four
// letters.
func forms(secret string) []string {
	all := make([]string, 0, 4)
	all = append(all, secret)
	for before := range 3 {
		letters := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat(" ", before) + secret))
		first := (before*8 + 5) / 6            // earlier letters contain bits of the text before
		last := (before + len(secret)) * 8 / 6 // later letters contain bits of the text after
		all = append(all, letters[first:min(last, len(letters))])
	}
	return all
}
