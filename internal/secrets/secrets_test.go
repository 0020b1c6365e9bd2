package secrets_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
)

func TestFingerprintDistinguishesPasswords(t *testing.T) {
	const master = "canary-master-secret-0123456789"
	fingerprint := func(namespace, master, password, migration string) string {
		value, err := secrets.Fingerprint(namespace, master, password, migration)
		require.NoError(t, err)
		return value
	}
	first := fingerprint("wiki", master, "", "")
	assert.Equal(t, first, fingerprint("wiki", master, "", ""))
	for _, other := range []string{
		fingerprint("other", master, "", ""), fingerprint("wiki", master+"x", "", ""),
		fingerprint("wiki", master, "given", ""), fingerprint("wiki", master, "", "given"),
	} {
		assert.NotEqual(t, first, other)
	}
	_, err := secrets.Fingerprint("wiki", "", "", "")
	assert.Error(t, err)
}
