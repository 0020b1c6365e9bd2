package imagevolumes

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

const (
	webPods = "app=mediawiki-app"
	folder  = "/var/www/html/extensions/Pantry"
)

// pantry returns a value of packages: the extension Pantry from a folder of an image.
func pantry(image, path string) []map[string]any {
	return []map[string]any{{"name": "Pantry", "image": image, "path": path}}
}

// TestPackageOfAnImageIsMounted follows a wiki with an extension that is a folder of an image.
func TestPackageOfAnImageIsMounted(t *testing.T) {
	one := readFolder(t, "../wiki/testdata/packages/Pantry", "opt/Pantry")
	importImage(t, "localhost/pantry:1.0", one)
	two := files{}
	for name, content := range one {
		two[name] = bytes.ReplaceAll(content, []byte("edition one"), []byte("edition two"))
	}
	importImage(t, "localhost/pantry:2.0", two)

	namespace := kube.Open(t, "mediawiki-images")
	namespace.Temporary(t)
	stack := engine.NewStack(t, "images", engine.Options{
		Settings: map[string]any{
			"replicas": 1, "extensions": []string{"Cite", "Pantry"}, "packages": pantry("localhost/pantry:1.0", "opt/Pantry"),
		},
		Secrets: map[string]string{"masterSecret": secret.New()},
	})
	defer namespace.Explain(t)
	stack.Up(t)
	admin := logIn(t, stack)
	shows := func(edition string) {
		t.Helper()
		await.Success(t, "the page can be saved", func() error { return admin.Edit(t.Context(), "Jar:Plums", "<pantry/> "+secret.New()) })
		page, err := admin.Page(t.Context(), "Jar:Plums")
		require.NoError(t, err)
		assert.Contains(t, page, `<b class="pantry">`+edition+`</b>`)
		for path, status := range map[string]int{
			"/extensions/Pantry/resources/jar.svg": http.StatusOK, "/extensions/Pantry/src/Hooks.php": http.StatusForbidden,
		} {
			response, err := admin.Get(t.Context(), path)
			require.NoError(t, err)
			assert.Equal(t, status, response.Status, path)
		}
	}
	shows("edition one")
	assert.Empty(t, stack.Preview(t).Changes, "a second preview")

	pods := namespace.AwaitReady(t, webPods, 1)
	_, err := namespace.Exec(t.Context(), kube.Names(pods)[0], "mediawiki", "", "touch", folder+"/written")
	require.ErrorContains(t, err, "Read-only file system")
	namespace.DeletePod(t, kube.Names(pods)[0])
	namespace.AwaitReplaced(t, webPods, pods, 1)
	shows("edition one")

	stack.SetValue(t, "packages", pantry("localhost/pantry:2.0", "opt/Pantry"))
	stack.Up(t)
	admin = logIn(t, stack)
	shows("edition two")

	for name, c := range map[string]struct{ path, printed, logged string }{
		"no extension": {"opt/Pantry/src", "it has no extension.json", "it has no extension.json"},
		// Pulumi prints the reasons of main containers only, and the main container cannot be started.
		"a missing folder": {"opt/Larder", "[packages]", "image localhost/pantry:2.0 has no folder opt/Larder"},
	} {
		t.Run(name, func(t *testing.T) {
			stack.SetValue(t, "packages", pantry("localhost/pantry:2.0", c.path))
			plan, err := stack.Operate(t, "up")
			require.Error(t, err)
			assert.Contains(t, plan.Printed, c.printed)
			assert.Contains(t, fmt.Sprint(namespace.Logs(t, "app=mediawiki-migration")), c.logged)
			shows("edition two")
		})
	}
}

// logIn returns a session of the wiki's administrator.
func logIn(t *testing.T, stack *engine.Stack) *mediawiki.Client {
	t.Helper()
	var outputs struct {
		URL           string `json:"url"`
		AdminUser     string `json:"adminUser"`
		AdminPassword string `json:"adminPassword"`
	}
	stack.Outputs(t, &outputs)
	wiki := mediawiki.New(outputs.URL)
	await.Success(t, "the node port answers", func() error {
		_, err := wiki.Page(t.Context(), "Main Page")
		return err
	})
	require.NoError(t, wiki.LogIn(t.Context(), outputs.AdminUser, outputs.AdminPassword))
	return wiki
}
