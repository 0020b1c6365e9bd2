// Package secret makes secrets for tests, and looks for them where they must not be.
package secret

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// New is text that stands nowhere but where the program puts it.
func New() string { return "canary-" + rand.Text() }

// AssertHidden checks that none of the secrets stands in the text, be it in base64. It does not print the text, which is long.
func AssertHidden(t *testing.T, where, text string, secrets []string) {
	t.Helper()
	for i, secret := range secrets {
		require.Greater(t, len(secret), 16, "length of secret %d", i)
		for _, form := range forms(secret) {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s: secret %d stands after: %s", where, i, text[max(0, at-200):at])
			}
		}
	}
}

// forms are a secret as it is, and what base64 makes of it within any longer text: three bytes become four letters, so there are three.
func forms(secret string) []string {
	all := make([]string, 0, 4)
	all = append(all, secret)
	for before := range 3 {
		letters := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat(" ", before) + secret))
		first := (before*8 + 5) / 6            // the letters before it hold bits of the text before
		last := (before + len(secret)) * 8 / 6 // the letter after it would hold bits of the text after
		all = append(all, letters[first:min(last, len(letters))])
	}
	return all
}
