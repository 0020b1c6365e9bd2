package secret

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSecretIsFoundInPlainTextAndInBase64(t *testing.T) {
	secret := New()
	for _, around := range []string{"", "x", "xy", "xyz", "a: \nb: "} {
		text := around + secret + around
		for form, written := range map[string]string{"clear": text, "base64": base64.StdEncoding.EncodeToString([]byte(text))} {
			found := false
			for _, sought := range forms(secret) {
				found = found || strings.Contains(written, sought)
			}
			assert.True(t, found, "%s between %q", form, around)
		}
	}
}
