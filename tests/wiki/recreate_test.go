package wiki

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// comesBack destroys the wiki and deploys it again with the data that was retained.
func (w *wiki) comesBack(t *testing.T) {
	before, err := w.admin.Contents(t.Context())
	require.NoError(t, err)
	require.Contains(t, before, "upload Lentil_soup.png")

	chapter(t, t.Run("destroy leaves the data and no Pod", func(t *testing.T) {
		w.Destroy(t)
		assert.Equal(t, []string{"mediawiki-backups", "mediawiki-db", "mediawiki-uploads"}, w.claims(t))
		await.Success(t, "all Pods are deleted", func() error {
			if pods := w.Pods(t, ""); len(pods) > 0 {
				return fmt.Errorf("%s still exists", pods[0].Name)
			}
			return nil
		})
	}))
	chapter(t, t.Run("another masterSecret is refused before anything is created", func(t *testing.T) {
		left := w.Contents(t)
		w.SetSecret(t, "masterSecret", secret.New())
		for _, command := range []string{"preview", "up"} {
			p, err := w.Operate(t, command)
			require.Error(t, err, command)
			assert.Contains(t, p.Printed, "masterSecret", "the setting to fix")
			assert.Contains(t, p.Printed, "mediawiki-db", "the claim with the data")
		}
		assert.Equal(t, left, w.Contents(t))
		w.SetSecret(t, "masterSecret", w.master)
	}))
	thorough(t, "the cluster is stopped and started in between", func(t *testing.T) {
		node.Down(t)
		node.Up(t)
	})
	chapter(t, t.Run("the preview of the next up shows the node port as unknown", func(t *testing.T) {
		outputs := w.Preview(t).Outputs
		assert.Equal(t, w.proxy.URL, outputs["url"], "siteUrl")
		assert.Equal(t, plugin.UnknownStringValue, outputs["nodePort"])
	}))
	chapter(t, t.Run("up brings back every page, user, password and upload", func(t *testing.T) {
		w.up(t)
		after, err := w.admin.Contents(t.Context())
		require.NoError(t, err)
		assert.Equal(t, before, after)
		w.works(t)
		assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
	}))
}

// claims returns the names of the namespace's PersistentVolumeClaims.
func (w *wiki) claims(t *testing.T) []string {
	t.Helper()
	list, err := w.Kube.CoreV1().PersistentVolumeClaims(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	names := make([]string, 0, len(list.Items))
	for _, claim := range list.Items {
		names = append(names, claim.Name)
	}
	return names
}
