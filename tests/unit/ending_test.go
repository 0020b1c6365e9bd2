package unit

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// Containers of MediaWiki's image are ended by SIGWINCH, which neither a shell nor PHP handles by itself.
func TestProgramsInMediaWikisImageHandleItsStopSignal(t *testing.T) {
	traps := regexp.MustCompile(`(?m)^trap .* TERM INT WINCH$`)
	promise(t, wikiArgs(onS3), func(t *testing.T, r *mocks.Recording) {
		scripts := map[string]bool{}
		for name, pod := range r.Pods() {
			for _, c := range containers(pod.Spec) {
				if !strings.Contains(c.Image, "mediawiki") || slices.ContainsFunc(c.Command, func(word string) bool {
					return strings.Contains(word, "apache2")
				}) {
					continue
				}
				require.GreaterOrEqual(t, len(c.Command), 2, "%q in %s", c.Command, name)
				require.Equal(t, "sh", c.Command[0], "%q in %s", c.Command, name)
				path := strings.TrimPrefix(c.Command[1], "/etc/mediawiki-programs/")
				script, err := os.ReadFile("../../components/files/mediawiki/" + path)
				require.NoError(t, err, "%q in %s", c.Command, name)
				assert.Regexp(t, traps, string(script), path)
				scripts[path] = true
			}
		}
		assert.Contains(t, scripts, "bin/jobs.sh")
	})
}
