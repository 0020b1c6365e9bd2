package wiki

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mediawiki-stack/tests/internal/engine"
	"mediawiki-stack/tests/internal/kube"
	"mediawiki-stack/tests/internal/secret"
)

// badSettingsAreRefused is about mistakes that only the image can find. What its user sees has to name them.
func (w *wiki) badSettingsAreRefused(t *testing.T) {
	for _, c := range []struct{ name, key, setting, value, shown string }{
		{"PHP with a syntax error", "extraSettings", "extraSettings", `$wgLogos = [ 'icon' => ;`, "syntax error"},
		{"PHP that throws", "extraSettings", "extraSettings", `throw new RuntimeException( 'spoiled soup' );`, "spoiled soup"},
		{"an extension that the image lacks", "extensions", "extensions[0]", "Souffle", "Souffle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := w.ReadyPods(t, webPods)
			w.Set(t, c.setting, c.value)
			defer w.Unset(t, c.key)
			p, err := w.Operate(t, "up")
			require.Error(t, err)
			assert.Contains(t, p.Printed, c.shown)
			assert.Equal(t, kube.Names(old), kube.Names(w.ReadyPods(t, webPods)), "Pods that serve the wiki")
			w.works(t)
		})
	}
	t.Run("an extension with tables and a user goes through, and pages that break when preloaded are not", func(t *testing.T) {
		w.Set(t, "extensions[0]", "AbuseFilter")
		w.Set(t, "extraSettings", `if ( is_file( '/tmp/preload' ) ) throw new RuntimeException( 'spoiled by preloading' );`)
		defer w.Unset(t, "extraSettings")
		w.up(t)
		said := fmt.Sprint(w.Logs(t, migrationPods))
		assert.Contains(t, said, "no files are preloaded, because:")
		assert.Contains(t, said, "spoiled by preloading")
		assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
		w.works(t)
		user, err := w.admin.Get(t.Context(), "/api.php?action=query&list=users&ususers=Abuse_filter&format=json")
		require.NoError(t, err)
		assert.Contains(t, string(user.Body), `"userid"`)
	})
}

func TestTooShortAdminPasswordIsRefusedBeforeAnythingIsMade(t *testing.T) {
	w := newWiki(t, "short", engine.Options{Secrets: map[string]string{"adminPassword": "soup"}})
	defer w.explain(t)
	for _, command := range []string{"preview", "up"} {
		p, err := w.Operate(t, command)
		require.Error(t, err, command)
		assert.Contains(t, p.Printed, "mediawiki:adminPassword")
		assert.Contains(t, p.Printed, "10 characters")
		// The engine itself registers the stack, before the program starts.
		assert.Equal(t, []string{"create Stack mediawiki-short"}, p.Changes)
	}
	assert.False(t, w.Exists(t), "the namespace")
	w.SetSecret(t, "adminPassword", secret.New())
	w.Preview(t)
}
