package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates/selfsigned"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

func TestAuthoritiesOfServersWithPackagesAreCertificates(t *testing.T) {
	load := func(authorities string) error {
		_, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(map[string]string{
			"extensions": `["Soup"]`, "packageAuthorities": authorities,
			"packages": `[{"name":"Soup","url":"https://example.org/Soup.zip","sha256":"` + strings.Repeat("5a", 32) + `"}]`,
		}))
		return err
	}
	authority, _ := selfsigned.Issue(t, time.Now().Add(time.Hour))
	require.NoError(t, load(authority))
	require.ErrorContains(t, load("PEM"), "mediawiki:packageAuthorities is not a bundle of certificates")
}
