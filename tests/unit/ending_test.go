package unit

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestProgramsInMediaWikisImageHearThatTheyAreToEnd: the image has containers told by SIGWINCH, which neither a shell nor PHP heeds by
// itself.
func TestProgramsInMediaWikisImageHearThatTheyAreToEnd(t *testing.T) {
	traps := regexp.MustCompile(`(?m)^trap .* TERM INT WINCH$`)
	promise(t, wikiArgs(onS3), func(t *testing.T, r *recorder) {
		heard := 0
		for pod, template := range pods(r) {
			for _, container := range containers(template) {
				command := strings.Trim(fmt.Sprint(at(t, container, "command")), "[]")
				if !strings.Contains(fmt.Sprint(at(t, container, "image")), "mediawiki") || strings.Contains(command, "apache2") {
					continue
				}
				words := strings.Fields(command)
				require.GreaterOrEqual(t, len(words), 2, "%s in %s", command, pod)
				require.Equal(t, "sh", words[0], "%s in %s", command, pod)
				script, err := os.ReadFile("../../components/files/mediawiki/" + strings.TrimPrefix(words[1], "/etc/mediawiki-programs/"))
				require.NoError(t, err, "%s in %s", command, pod)
				assert.Regexp(t, traps, string(script), words[1])
				heard++
			}
		}
		assert.Equal(t, 6, heard, "web's and jobs' wait, jobs, migration, backup, drill")
	})
}
