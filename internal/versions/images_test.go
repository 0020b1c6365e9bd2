package versions

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/version"
)

func TestTablesOfEndsCanBeRead(t *testing.T) {
	for _, image := range Images {
		require.NotEmpty(t, image.ends, image.Product)
		for series, end := range image.ends {
			v, err := version.ParseGeneric(series)
			require.NoError(t, err, image.Product)
			assert.Equal(t, series, Name(v), image.Product)
			if end != "" {
				_, err = time.Parse(time.DateOnly, end)
				require.NoError(t, err, "%s %s", image.Product, series)
			}
		}
		_, known := image.End(Of(image.Default))
		assert.True(t, known, "%s: the series of its default image is in the table", image.Product)
	}
}

func TestEndsOfSeriesAreKnown(t *testing.T) {
	for _, c := range []struct{ container, version, want string }{
		{"mediawiki", "1.46.0", "2027-07-31"},
		{"mariadb", "12.3.2", "2029-06-12"},
		{"varnish", "7.7.3", "2026-03-15"},
		{"memcached", "1.5.22", "2020-03-09"},
	} {
		image, ours := ImageOf(c.container)
		require.True(t, ours, c.container)
		end, known := image.End(version.MustParseGeneric(c.version))
		assert.True(t, known, c.container)
		assert.Equal(t, c.want, end.Format(time.DateOnly), c.container)
	}
	restic, _ := ImageOf("remote")
	end, known := restic.End(version.MustParseGeneric("0.18.1"))
	assert.True(t, known)
	assert.True(t, end.IsZero(), "no end is announced")
	_, known = restic.End(version.MustParseGeneric("0.1.0"))
	assert.False(t, known)
	_, ours := ImageOf("somebody's own")
	assert.False(t, ours)
}

// It fails when the series of an image has reached its end of life. Then the default has to move to the next series.
func TestDefaultImagesAreMaintained(t *testing.T) {
	for _, image := range Images {
		end, known := image.End(Of(image.Default))
		assert.True(t, known, "%s: the table has no series of %s", image.Product, image.Default)
		ended := !end.IsZero() && time.Now().After(end.AddDate(0, 0, 1))
		assert.False(t, ended, "%s ended on %s: move the default of %s to a series that is maintained",
			image.Default, end.Format(time.DateOnly), image.Key)
	}
}

func TestImagesOfADistributionsPackagesSaySo(t *testing.T) {
	for image, want := range map[string]string{
		"localhost/varnish:7.7-debian13": "debian13", "r.example.org/v:7.7-debian13" + digest: "debian13",
		"mariadb:11.8.8-noble": "", "varnish:9.0.3": "", "mediawiki" + digest: "",
	} {
		assert.Equal(t, want, Distribution(image), image)
	}
}

const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestVersionOfAnImageIsAtTheBeginningOfItsTag(t *testing.T) {
	for image, want := range map[string]string{
		"mediawiki:1.43.9": "1.43.9", "mariadb:11.8.8-noble": "11.8.8", "r.example.org:5000/w:1.43" + digest: "1.43",
	} {
		require.NotNil(t, Of(image), image)
		assert.Equal(t, want, Of(image).String(), image)
	}
	for _, image := range []string{"mediawiki", "mediawiki:lts", "mediawiki:12", "mediawiki" + digest, "r.example.org:5000/w", "No Image"} {
		assert.Nil(t, Of(image), image)
	}
}
