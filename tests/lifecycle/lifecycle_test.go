package lifecycle

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// wiki is a stack and its namespace.
type wiki struct {
	*engine.Stack
	*kube.Namespace
	tagged  string   // another tag of the same MediaWiki image
	derived string   // the database password derived from masterSecret
	secrets []string // everything that must not be printed
}

// TestLifecycle follows one stack from its first preview until it is deployed a second time.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	master := secret.New()
	w := &wiki{
		tagged:    tagAgain(t),
		Stack:     newStack(t, "lifecycle", master),
		Namespace: kube.Open(t, "mediawiki-lifecycle"),
		secrets:   []string{master},
	}
	testFirstUp(t, w)
	testNames(t, w)
	testSettings(t, w)
	testDrift(t, w)
	testImages(t, w)
	testDestroyAndUp(t, w)
	chapter(t, t.Run("no command printed a password", func(t *testing.T) {
		secret.AssertHidden(t, "output", w.Transcript.String(), w.secrets)
	}))
}

// chapter stops the test unless a subtest passed. Use it where later subtests depend on this one.
func chapter(t *testing.T, passed bool) {
	t.Helper()
	if !passed {
		t.FailNow()
	}
}

// everything returns the stack's resources, each preceded by the operation.
func everything(operation string) []string {
	resources := []string{
		"Database mediawiki", "Deployment mediawiki-app", "MediaWikiStack mediawiki", "Namespace mediawiki", "Secret mediawiki-db",
		"Service mediawiki-srv", "Stack mediawiki-lifecycle", "Web mediawiki", "kubernetes microk8s",
		"pulumi default", // the provider of the functions with which the program reads its stack's state
	}
	for i, resource := range resources {
		resources[i] = operation + " " + resource
	}
	slices.Sort(resources)
	return resources
}

func testFirstUp(t *testing.T, w *wiki) {
	t.Helper()
	chapter(t, t.Run("preview shows what will be created and creates nothing", func(t *testing.T) {
		p := w.Preview(t)
		assert.Equal(t, everything("create"), p.Changes)
		assert.Equal(t, plugin.UnknownStringValue, p.Outputs["url"], "the address before a node port is assigned")
		assert.Equal(t, plugin.UnknownStringValue, p.Outputs["nodePort"])
		assert.False(t, w.Exists(t), "the namespace")
	}))
	chapter(t, t.Run("up ends when all Pods are ready and the address answers", func(t *testing.T) {
		assert.Equal(t, everything("create"), w.Up(t).Changes)
		assert.Len(t, w.ReadyPods(t, ""), 2)
		answers(t, w.address(t))
		w.derived = string(w.secret(t).Data["password"])
		w.secrets = append(w.secrets, w.derived)
	}))
	chapter(t, t.Run("the state has no files of attributes, which a kill could leave empty", func(t *testing.T) {
		assert.Empty(t, w.Attributes(t))
	}))
	chapter(t, t.Run("the exported state shows no password and restores a lost stack", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "state.json")
		w.Pulumi(t, "stack", "export", "--file", file)
		state, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Contains(t, string(state), w.deployment(t).Name)
		secret.AssertHidden(t, "exported state", string(state), w.secrets)

		w.Pulumi(t, "stack", "rm", "--yes", "--force", "--preserve-config")
		w.Pulumi(t, "stack", "init", "lifecycle")
		w.Pulumi(t, "stack", "import", "--file", file)
		assert.NotEmpty(t, w.address(t))
	}))
	chapter(t, t.Run("a second preview and a second up change nothing", func(t *testing.T) {
		deployment, service, credentials := w.deployment(t), w.service(t), w.secret(t)
		assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
		assert.Empty(t, w.Up(t, "--expect-no-changes").Changes)
		assert.Equal(t, deployment.Generation, w.deployment(t).Generation)
		assert.Equal(t, service.ResourceVersion, w.service(t).ResourceVersion)
		assert.Equal(t, credentials.ResourceVersion, w.secret(t).ResourceVersion)
	}))
}

func testSettings(t *testing.T, w *wiki) {
	t.Helper()
	chapter(t, t.Run("replicas 2→3 changes only spec.replicas", func(t *testing.T) {
		old := w.ReadyPods(t, "")
		w.Set(t, "replicas", "3")
		w.updates(t, "update Deployment mediawiki-app: spec.replicas", "update MediaWikiStack mediawiki: ")
		assert.Equal(t, int32(3), *w.deployment(t).Spec.Replicas)
		pods := w.ReadyPods(t, "")
		assert.Len(t, pods, 3)
		assert.Subset(t, kube.Names(pods), kube.Names(old), "the old Pods keep running")
	}))
	chapter(t, t.Run("a new port updates the Service in place and keeps the address", func(t *testing.T) {
		before, address := w.service(t), w.address(t)
		w.Set(t, "port", "8080")
		w.updates(t, "update MediaWikiStack mediawiki: ", "update Service mediawiki-srv: spec.ports[0].port")
		after := w.service(t)
		assert.Equal(t, before.UID, after.UID)
		assert.Equal(t, int32(8080), after.Spec.Ports[0].Port)
		assert.Equal(t, before.Spec.Ports[0].NodePort, after.Spec.Ports[0].NodePort)
		assert.Equal(t, address, w.address(t))
		answers(t, address)
	}))
	chapter(t, t.Run("a new password replaces the Secret and the Pods", func(t *testing.T) {
		before, old, password := w.secret(t), w.ReadyPods(t, ""), secret.New()
		w.secrets = append(w.secrets, password)
		w.SetSecret(t, "databasePassword", password)
		w.updates(t,
			"create-replacement Secret mediawiki-db",
			"delete-replaced Secret mediawiki-db",
			"replace Secret mediawiki-db: data.password",
			"update Deployment mediawiki-app:"+
				` spec.template.spec.containers["mariadb-container"].env["MYSQL_PASSWORD"].valueFrom.secretKeyRef.name`+
				` spec.template.spec.containers["mariadb-container"].env["MYSQL_USER"].valueFrom.secretKeyRef.name`,
			"update MediaWikiStack mediawiki: ",
		)
		after := w.secret(t)
		assert.NotEqual(t, before.Name, after.Name)
		assert.Equal(t, password, string(after.Data["password"]))
		w.AwaitReplaced(t, "", old, 3)
	}))
}

func testDrift(t *testing.T, w *wiki) {
	t.Helper()
	chapter(t, t.Run("refresh finds no change if nobody made one", func(t *testing.T) {
		assert.Empty(t, w.Refresh(t, "--expect-no-changes").Changes)
	}))
	chapter(t, t.Run("refresh sees a Deployment scaled by hand", func(t *testing.T) {
		w.scale(t, 1)
		assert.Equal(t, []string{"update Deployment mediawiki-app: spec.replicas"}, w.Refresh(t).Changes)
	}))
	chapter(t, t.Run("up restores the number of replicas", func(t *testing.T) {
		w.updates(t, "update Deployment mediawiki-app: spec.replicas")
		assert.Equal(t, int32(3), *w.deployment(t).Spec.Replicas)
		assert.Len(t, w.ReadyPods(t, ""), 3)
	}))
	chapter(t, t.Run("preview and up with --refresh revert a manual patch", func(t *testing.T) {
		w.patch(t, `{"spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"mediawiki-container","image":"localhost/none:1"}]}}}}`)
		both := []string{`update Deployment mediawiki-app: spec.replicas spec.template.spec.containers["mediawiki-container"].image`}
		assert.Subset(t, w.Preview(t, "--refresh").Changes, both)
		assert.Subset(t, w.Up(t, "--refresh").Changes, both)
		assert.Equal(t, int32(3), *w.deployment(t).Spec.Replicas)
		assert.Equal(t, engine.LocalImage(t, "mediawiki"), w.deployment(t).Spec.Template.Spec.Containers[0].Image)
	}))
}

func testImages(t *testing.T, w *wiki) {
	t.Helper()
	chapter(t, t.Run("a new image updates the Deployment in place and replaces the Pods", func(t *testing.T) {
		before, old := w.deployment(t), w.ReadyPods(t, "")
		w.Set(t, "images.mediawiki", w.tagged)
		w.updates(t, `update Deployment mediawiki-app: spec.template.spec.containers["mediawiki-container"].image`,
			"update MediaWikiStack mediawiki: ")
		after := w.deployment(t)
		assert.Equal(t, before.UID, after.UID)
		assert.Equal(t, w.tagged, after.Spec.Template.Spec.Containers[0].Image)
		w.AwaitReplaced(t, "", old, 3)
	}))
	chapter(t, t.Run("an image that does not exist fails up and leaves the old Pods running", func(t *testing.T) {
		old := w.ReadyPods(t, "")
		w.Set(t, "timeouts.update", "20s")
		const missing = "localhost/mediawiki:none"
		w.Set(t, "images.mediawiki", missing)
		p, err := w.Operate(t, "up")
		require.Error(t, err)
		assert.Contains(t, p.Printed, `[mediawiki-container]`)
		assert.Contains(t, p.Printed, `pull and unpack image "`+missing+`"`)
		assert.Equal(t, kube.Names(old), kube.Names(w.ReadyPods(t, "")))
		answers(t, w.address(t))
	}))
	chapter(t, t.Run("the previous image fixes it", func(t *testing.T) {
		old := w.ReadyPods(t, "")
		w.Set(t, "images.mediawiki", w.tagged)
		w.Set(t, "timeouts.update", "5m")
		// The update that failed has not changed the state's inputs, so the plan cannot name the container.
		w.updates(t, "update Deployment mediawiki-app: spec.template.spec.containers[0].image",
			"update MediaWikiStack mediawiki: ")
		assert.Equal(t, kube.Names(old), kube.Names(w.ReadyPods(t, "")))
	}))
}

func testDestroyAndUp(t *testing.T, w *wiki) {
	t.Helper()
	old := w.secret(t)
	chapter(t, t.Run("destroy leaves nothing behind", func(t *testing.T) {
		assert.Equal(t, everything("delete"), w.Destroy(t).Changes)
		assert.False(t, w.Exists(t), "the namespace with everything in it")
	}))
	chapter(t, t.Run("the next up creates everything again with the same derived password", func(t *testing.T) {
		w.Unset(t, "databasePassword")
		assert.Equal(t, everything("create"), w.Up(t).Changes)
		assert.Len(t, w.ReadyPods(t, ""), 3)
		recreated := w.secret(t)
		assert.NotEqual(t, old.UID, recreated.UID)
		assert.Equal(t, w.derived, string(recreated.Data["password"]))
		answers(t, w.address(t))
	}))
}
