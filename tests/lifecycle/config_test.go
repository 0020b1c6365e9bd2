package lifecycle

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// TestPreviewRefusesInvalidConfiguration previews a stack that has never been deployed.
func TestPreviewRefusesInvalidConfiguration(t *testing.T) {
	t.Parallel()
	s := newStack(t, "mistakes", "")

	chapter(t, t.Run("every mistake is reported at once", func(t *testing.T) {
		s.Set(t, "port", "70000")
		s.Set(t, "serviceType", "Nodeport")
		s.Set(t, "replicaz", "3")
		s.Set(t, "nodePort", "many")
		s.Set(t, "hsts", "soon")
		s.Set(t, "cache", "false")
		s.Set(t, "siteName", "Soup")
		s.Pulumi(t, "config", "set", "wiki:siteName", "Stew")
		s.Pulumi(t, "config", "set", "kubernetes:namespace", "default")
		p := refused(t, s)
		assert.Contains(t, p.Printed, "9 problems in the stack's configuration; nothing was changed.")
		for _, line := range []string{
			`mediawiki:port is "70000"`, "fix:  pulumi config set port 80",
			`mediawiki:serviceType is "Nodeport"`, "fix:  pulumi config set serviceType NodePort",
			"mediawiki:replicaz is not a key of this project", "want: perhaps replicas",
			"fix:  pulumi config rm replicaz && pulumi config set replicas 3",
			"mediawiki:masterSecret is missing",
			`mediawiki:nodePort is "many"`, "want: a value of type integer", "fix:  pulumi config set nodePort 0",
			`mediawiki:hsts is "soon"`, "fix:  pulumi config set hsts 0",
			`mediawiki:cache is "false", which the defaults replace`,
			"fix:  pulumi config rm cache && pulumi config set --path cache.enabled false",
			"mediawiki:siteName is set, but has no effect with database.mode sidecar",
			"mediawiki:siteName is set as wiki:siteName, which nothing reads", "fix:  pulumi config rm wiki:siteName",
		} {
			assert.Contains(t, p.Printed, line)
		}
	}))

	chapter(t, t.Run("the commands in the message fix it", func(t *testing.T) {
		followAdvice(t, s)
		assert.Contains(t, refused(t, s).Printed, "mediawiki:cache.enabled is set, but has no effect with database.mode sidecar",
			"what could not be seen while cache was no object")
		followAdvice(t, s)
		s.Preview(t)
	}))
}

// followAdvice runs the commands in the message of a preview that is refused.
func followAdvice(t *testing.T, s *engine.Stack) {
	t.Helper()
	for _, line := range regexp.MustCompile(`fix:  .*`).FindAllString(refused(t, s).Printed, -1) {
		for _, command := range regexp.MustCompile(`pulumi (config [^&]*)`).FindAllStringSubmatch(line, -1) {
			args := strings.Fields(command[1])
			if strings.HasSuffix(command[1], "config set --secret masterSecret") {
				args = append(args, secret.New()) // the message's command pipes it from openssl
			}
			s.Pulumi(t, args[0], args[1:]...)
		}
	}
}

// refused runs a preview that must fail before the program registers a resource.
func refused(t *testing.T, s *engine.Stack) *engine.Plan {
	t.Helper()
	p, err := s.Operate(t, "preview")
	require.Error(t, err)
	// The engine registers these before the program starts: the stack, and the provider of the functions that read its state.
	assert.Equal(t, []string{"create Stack mediawiki-mistakes", "create pulumi default"}, p.Changes)
	return p
}
