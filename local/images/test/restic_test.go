package test

import (
	"testing"
)

func TestResticImageHasTheProgramsThatItsScriptsCall(t *testing.T) {
	t.Parallel()
	for _, program := range []string{
		"mkfifo", "mv", "restic", "rm", "sed", "sh", "ssh", "sync", "tail", "timeout", "tr", "uniq",
	} {
		if !restic.has(program) {
			t.Errorf("no %s", program)
		}
	}
}

// Under the restricted Pod Security Standard, as any user.
func TestResticKeepsARepository(t *testing.T) {
	t.Parallel()
	repository := directory(t)
	for _, args := range [][]string{{"init"}, {"backup", "/etc/os-release"}, {"check", "--read-data"}} {
		c := start(t, spec{
			image: restic, user: 33, withoutEntrypoint: true, args: append([]string{"restic"}, args...),
			binds: map[string]string{"/mnt": repository},
			env:   []string{"RESTIC_REPOSITORY=/mnt/repository", "RESTIC_PASSWORD=a long enough one", "RESTIC_CACHE_DIR=/tmp"},
		})
		if code := c.wait(); code != 0 {
			t.Fatalf("restic %s: status %d", args[0], code)
		}
	}
}
