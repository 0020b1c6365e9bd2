package lifecycle

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

func TestDestroyLeavesAForeignNamespaceUnchanged(t *testing.T) {
	t.Parallel()
	theirs := kube.Make(t, "theirs")
	before := theirs.Contents(t)

	s := newStack(t, "guest", secret.New())
	s.Set(t, "namespace", theirs.Name)
	s.Set(t, "createNamespace", "false")
	s.Set(t, "replicas", "1")
	s.Up(t)
	assert.Len(t, theirs.ReadyPods(t, ""), 1)

	s.Destroy(t)
	// Kubernetes garbage-collects the Service's EndpointSlices a moment later.
	await.Success(t, "the namespace is unchanged", func() error {
		if now := theirs.Contents(t); !slices.Equal(before, now) {
			return fmt.Errorf("it has %q, before %q", now, before)
		}
		return nil
	})
	assert.True(t, theirs.Exists(t))
}
