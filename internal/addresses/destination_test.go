package addresses_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

func TestInvalidDestinationIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "443", "0.0.0.0/0", "commons.wikimedia.org:443", "https://192.0.2.7:443", "192.0.2.7/24:443", "192.0.2.7:0", "192.0.2.7:65536",
		"192.0.2.7:https", "2001:db8::/32:443", "[fe80::1%eth0]:443",
	} {
		_, err := addresses.ParseDestination(text)
		require.ErrorContains(t, err, "0.0.0.0/0:443", text)
	}
}
