package preflight

import (
	"testing"

	"github.com/prometheus/procfs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestTooFewInotifyInstancesIsAnErrorWithTheCommand(t *testing.T) {
	limit := instanceLimit
	require.NoError(t, limit.check(2, 80, 128))
	err := limit.check(2, 81, 128)
	require.ErrorContains(t, err, "root have 128 of fs.inotify.max_user_instances, 81 are in use, and the cluster needs 48 more")
	require.ErrorContains(t, err, "type: sysctl -w fs.inotify.max_user_instances=1024")
}

func TestInotifyInstancesAndWatchesAreCounted(t *testing.T) {
	self, err := procfs.Self()
	require.NoError(t, err)
	instances, watches := inotifyOf(self)
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	require.NoError(t, err)
	defer unix.Close(fd) //nolint:errcheck // the test has ended
	for range 3 {
		_, err = unix.InotifyAddWatch(fd, t.TempDir(), unix.IN_CREATE)
		require.NoError(t, err)
	}
	instancesNow, watchesNow := inotifyOf(self)
	assert.Equal(t, instances+1, instancesNow)
	assert.Equal(t, watches+3, watchesNow)
}
