package wiki

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// TestExternalDatabaseAndPrivateWiki uses a database outside the stack, and a wiki that only logged-in users can read.
func TestExternalDatabaseAndPrivateWiki(t *testing.T) {
	besideOthers(t, 2)
	db := newExternalDatabase(t, "mariadb")
	settings := map[string]any{
		"access": "private", "replicas": 1, "siteName": "--help", "logo": "logo.svg", "favicon": "https://example.org/a%20b.ico",
		"trustedProxies": []string{ownAddress(t, db.Config.Host)},
		"database.mode":  "external", "database.host": "mariadb." + db.Name + ".svc.cluster.local",
		"database.name": db.database, "database.user": db.user, "database.migrationUser": db.migrationUser,
	}
	external := newDestinations(t, db.Config, settings)
	w := newWiki(t, "external", engine.Options{
		Settings: settings,
		Secrets:  map[string]string{"databasePassword": db.password, "migrationPassword": db.migrationPassword},
	})
	defer w.Explain(t)
	w.WriteFile(t, "logo.svg", []byte(logoFile))
	chapter(t, t.Run("up installs a wiki in an external database, however long it takes", func(t *testing.T) {
		running := w.Start("up")
		w.pauseMigration(t, running, pauseDuration())
		p, err := running.Wait(t)
		require.NoError(t, err, p.Printed)
		assert.Len(t, w.Pods(t, migrationPods), 1, "migration Pods, of which none was killed")
		w.signIn(t)
		w.works(t)
		assert.Empty(t, w.Pods(t, databasePods))
		assert.Equal(t, []string{"mediawiki-backups", "mediawiki-uploads"}, w.claims(t))
		w.allowsNodeDrain(t)
	}))
	t.Run("a second preview is empty", w.secondPreviewIsEmpty)
	t.Run("anonymous readers see neither pages nor uploads", w.isPrivate)
	t.Run("anonymous readers see the logo, and the favicon is elsewhere", w.logInPageHasPictures)
	t.Run("MediaWiki reaches only the allowed destinations", func(t *testing.T) { external.reaches(t, w) })
	t.Run("mail is sent, and a mail that cannot be sent is reported", func(t *testing.T) { external.mails(t, w) })
	t.Run("without a cache, too, only a trusted proxy tells a reader's address", w.proxyIsTrusted)
}

// allowsNodeDrain checks that even the only replica may be evicted, so that its node can be drained.
func (w *wiki) allowsNodeDrain(t *testing.T) {
	t.Helper()
	await.Success(t, "the web Pod may be evicted", func() error {
		budgets, err := w.Kube.PolicyV1().PodDisruptionBudgets(w.Name).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, budget := range budgets.Items {
			if budget.Status.DisruptionsAllowed < 1 {
				return fmt.Errorf("%s allows %d disruptions", budget.Name, budget.Status.DisruptionsAllowed)
			}
		}
		return nil
	})
}

// pauseDuration is longer than the usual timeouts of probes and of the engine.
func pauseDuration() time.Duration {
	if soaking {
		return 4 * time.Minute
	}
	return 15 * time.Second
}

// pauseMigration stops the migration's processes for a while, as a slow SD card would.
func (w *wiki) pauseMigration(t *testing.T, up *engine.Running, duration time.Duration) {
	t.Helper()
	pod := w.awaitProgram(t, up, migrationPods, "php")
	processes := process.OfPod(pod.UID)
	require.NoError(t, process.Signal(processes, syscall.SIGSTOP))
	<-time.After(duration) // the test is that this changes nothing
	require.NoError(t, process.Signal(processes, syscall.SIGCONT))
}

func (w *wiki) isPrivate(t *testing.T) {
	const confession = "The soup comes out of a tin."
	require.NoError(t, w.admin.Edit(t.Context(), "Confession", confession))
	require.NoError(t, w.admin.Upload(t.Context(), "Tin.png", picture(t)))
	original, thumbnail, err := w.admin.File(t.Context(), "Tin.png", 200)
	require.NoError(t, err)
	page, err := w.admin.Page(t.Context(), "Confession")
	require.NoError(t, err)
	assert.Contains(t, page, confession)
	upload, err := download(t.Context(), w.admin, original)
	require.NoError(t, err)
	assert.Equal(t, picture(t), upload)
	_, err = download(t.Context(), w.admin, thumbnail)
	require.NoError(t, err)

	reader := w.anonymous()
	var refused *mediawiki.Error
	_, err = reader.Texts(t.Context(), "Confession")
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "readapidenied", refused.Code)
	for _, path := range []string{
		"/wiki/Confession", "/index.php?title=Confession&action=raw", "/index.php?title=Special:RecentChanges&feed=atom",
		"/rest.php/v1/page/Confession", "/index.php?title=Special:Export/Confession",
	} {
		response, err := reader.Get(t.Context(), path)
		require.NoError(t, err)
		assert.NotContains(t, string(response.Body), confession, path)
	}
	// The addresses at which MediaWiki serves uploads, and those at which Apache would.
	for _, address := range []string{original, thumbnail, uploadPath(original), uploadPath(thumbnail)} {
		response, err := reader.Get(t.Context(), address)
		require.NoError(t, err)
		assert.Contains(t, []int{http.StatusForbidden, http.StatusNotFound}, response.Status, address)
		assert.NotContains(t, response.Header.Get("Content-Type"), "image/", address)
	}
}

// uploadPath returns the path of an upload in the upload folder.
func uploadPath(address string) string {
	return "/images" + address[strings.LastIndex(address, ".php")+len(".php"):]
}

// externalDatabase is a MariaDB as a company would run it: outside the stack, with separate accounts for reading and writing rows and for
// changing the schema.
type externalDatabase struct {
	*kube.Namespace
	database, user, password, migrationUser, migrationPassword string
}

func newExternalDatabase(t *testing.T, namespace string) *externalDatabase {
	t.Helper()
	db := &externalDatabase{
		Namespace: kube.Make(t, namespace), database: "company_wiki",
		user: "wiki_rows", password: secret.New(), migrationUser: "wiki_schema", migrationPassword: secret.New(),
	}
	labels := map[string]string{"app": "mariadb"}
	root := secret.New()
	meta := metav1.ObjectMeta{Name: "mariadb", Labels: labels}
	server := corev1.Container{
		Name: "mariadb", Image: engine.LocalImage(t, "mariadb"),
		Args: []string{"mariadbd", "--innodb-snapshot-isolation=OFF"},
		Env: []corev1.EnvVar{
			{Name: "MARIADB_ROOT_PASSWORD", Value: root},
			{Name: "MARIADB_DATABASE", Value: db.database},
			{Name: "MARIADB_USER", Value: db.migrationUser},
			{Name: "MARIADB_PASSWORD", Value: db.migrationPassword},
		},
		ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{
			Command: []string{"healthcheck.sh", "--connect", "--innodb_initialized"},
		}}},
	}
	_, err := db.Kube.AppsV1().Deployments(db.Name).Create(t.Context(), &appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{
		Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{server}},
		},
	}}, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = db.Kube.CoreV1().Services(db.Name).Create(t.Context(), &corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{
		Selector: labels, Ports: []corev1.ServicePort{{Port: 3306}},
	}}, metav1.CreateOptions{})
	require.NoError(t, err)

	pod := kube.Names(db.AwaitReady(t, "app=mariadb", 1))[0]
	_, err = db.Exec(t.Context(), pod, "mariadb", "CREATE USER "+db.user+" IDENTIFIED BY '"+db.password+"';"+
		"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES ON "+db.database+".* TO "+db.user,
		"sh", "-c", `MYSQL_PWD=$MARIADB_ROOT_PASSWORD exec mariadb --user=root`)
	require.NoError(t, err)
	return db
}
