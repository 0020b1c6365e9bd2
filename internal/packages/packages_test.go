package packages

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var hash = strings.Repeat("0a", 32)

func TestPackageIsAnArchiveOrAnImage(t *testing.T) {
	for _, p := range []Package{
		{Name: "Soup", URL: "https://example.org/Soup.tar.gz", SHA256: hash},
		{Name: "Soup", URL: "http://192.0.2.7:8000/Soup.zip", SHA256: hash},
		{Name: "Soup", URL: "file:packages/soups/Soup.tar.gz", SHA256: hash},
		{Name: "Soup", URL: "s3:https://s3.example.org/bucket/Soup.tar.gz", SHA256: hash},
		{Name: "Soup", Image: "registry.example.org/soup:1.2"},
		{Name: "Soup", Image: "registry.example.org/soup@sha256:" + hash, Path: "extensions/Soup"},
	} {
		assert.NoError(t, p.Check(), p)
	}
}

func TestMistakeInAPackageIsNamed(t *testing.T) {
	const from = "https://example.org/Soup.tar.gz"
	for want, all := range map[string][]Package{
		"name: ":           {{URL: from, SHA256: hash}, {Name: "../Soup", URL: from, SHA256: hash}},
		"either url":       {{Name: "Soup"}, {Name: "Soup", URL: from, SHA256: hash, Image: "soup:1"}},
		"sha256: ":         {{Name: "Soup", URL: from}, {Name: "Soup", URL: from, SHA256: strings.ToUpper(hash)}},
		"sha256 only":      {{Name: "Soup", Image: "soup:1", SHA256: hash}},
		"path only":        {{Name: "Soup", URL: from, SHA256: hash, Path: "Soup"}},
		"tag or digest":    {{Name: "Soup", Image: "soup"}, {Name: "Soup", Image: "soup:latest"}, {Name: "Soup", Image: "Soup:1"}},
		"path: ":           {{Name: "Soup", Image: "soup:1", Path: "/Soup"}, {Name: "Soup", Image: "soup:1", Path: "a/../b"}},
		"without a passwo": {{Name: "Soup", URL: "https://me:secret@example.org/Soup.zip", SHA256: hash}},
		"file:CLAIM/PATH": {
			{Name: "Soup", URL: "file:claim", SHA256: hash},
			{Name: "Soup", URL: "file:/Soup.zip", SHA256: hash},
			{Name: "Soup", URL: "file:claim/../Soup.zip", SHA256: hash},
			{Name: "Soup", URL: "ftp://example.org/Soup.zip", SHA256: hash},
			{Name: "Soup", URL: "https://example.org", SHA256: hash},
			{Name: "Soup", URL: "https://example.org:0/Soup.zip", SHA256: hash},
		},
	} {
		for _, p := range all {
			assert.ErrorContains(t, p.Check(), want, p)
		}
	}
}

func TestSourceSaysWhatToConnectTo(t *testing.T) {
	for address, want := range map[string]Source{
		"https://example.org/Soup.zip":         {Port: 443},
		"http://example.org/Soup.zip":          {Port: 80},
		"https://example.org:8443/Soup.zip":    {Port: 8443},
		"s3:http://s3.example.org:9000/b/Soup": {Port: 9000, S3: true},
		"file:archives/a/Soup.zip":             {Claim: "archives", Path: "a/Soup.zip"},
	} {
		got, err := Package{URL: address}.Source()
		require.NoError(t, err, address)
		assert.Equal(t, want, got, address)
	}
}
