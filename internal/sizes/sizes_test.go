package sizes_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

func TestArgumentsAndConfigurationHaveAllFieldsThatSizesDependOn(t *testing.T) {
	assert.Equal(t, sizes.Default(), sizes.Of(&components.MediaWikiStackArgs{}))
	assert.NotPanics(t, func() { sizes.Of(&config.Config{}) })
}

func TestWhatIsSetReplacesDefaults(t *testing.T) {
	args := &components.MediaWikiStackArgs{Profile: choices.ProfilePi2G, Replicas: pulumi.IntRef(0)}
	args.Cache.Enabled, args.Web.Workers, args.Backups.Remote.Address = pulumi.BoolRef(false), 5, "sftp://w@example.org/wiki"
	w := sizes.Of(args)
	assert.False(t, w.Cached())
	assert.Equal(t, 0, w.Replicas)
	assert.Equal(t, 5, w.Web.Workers)
	assert.Equal(t, sizes.Profiles[choices.ProfilePi2G].RequestMemory, w.Web.RequestMemory)
	assert.Equal(t, "sftp://w@example.org/wiki", w.Backups.Remote.Address)
}

func TestEveryContainerOfEveryPartHasItsNeeds(t *testing.T) {
	w := sizes.Default()
	for _, part := range parts.All {
		for _, container := range part.Containers() {
			need := w.Need(container.Name)
			assert.Equal(t, container.Runs == parts.InRecipe, need == sizes.Need{}, container.Name)
			assert.LessOrEqual(t, need.Memory, need.MemoryLimit, container.Name)
			assert.LessOrEqual(t, need.Disk, need.DiskLimit, container.Name)
		}
	}
	assert.Panics(t, func() { w.Need("unheard-of") })
}

func TestSizeOfAVolumeIsRoundedUp(t *testing.T) {
	for size, want := range map[string]int{"8Gi": 8192, "1": 1, "1Mi": 1, "1500k": 2, "0": 0, "8 GB": 0, "": 0} {
		assert.Equal(t, want, sizes.Volume{Size: size}.Mebibytes(), size)
	}
}
