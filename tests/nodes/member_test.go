package nodes

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// database is one of the wiki's two databases.
type database struct {
	w    *wiki
	pod  string
	node string
}

// databases returns the primary and the replica, as the Services lead to them.
func (w *wiki) databases(t *testing.T) (primary, replica database) {
	t.Helper()
	at := func(service string) database {
		found, err := w.Kube.CoreV1().Services(w.Name).Get(t.Context(), service, metav1.GetOptions{})
		require.NoError(t, err)
		pods := w.Pods(t, "app="+found.Spec.Selector["app"])
		require.Len(t, pods, 1)
		return database{w, pods[0].Name, pods[0].Spec.NodeName}
	}
	return at("mediawiki-db"), at("mediawiki-db-replica")
}

// asRoot is MariaDB's client.
const asRoot = `MYSQL_PWD=$(</var/lib/mediawiki-stack/root-password) mariadb --protocol=socket --user=root --skip-ssl -BN my_wiki`

// query returns what a database answers, as root.
func (d database) query(t *testing.T, sql string) (string, error) {
	t.Helper()
	printed, err := d.w.Exec(t.Context(), d.pod, "mariadb", "", "bash", "-c", asRoot+` -e "$1"`, "query", sql)
	return strings.TrimSpace(printed), err
}

// run runs a script in one of a database's containers.
func (d database) run(t *testing.T, container, script string) error {
	t.Helper()
	_, err := d.w.Exec(t.Context(), d.pod, container, "", "bash", "-c", script)
	return err
}

// logged returns how often a text is in the logs of Pods.
func (w *wiki) logged(t *testing.T, selector, text string) (count int) {
	t.Helper()
	for _, log := range w.Logs(t, selector) {
		count += strings.Count(log, text)
	}
	return count
}

// readOnly returns an error unless a database refuses edits.
func (d database) readOnly(t *testing.T) error {
	t.Helper()
	if closed, err := d.query(t, "SELECT @@read_only"); err != nil || closed != "1" {
		return errors.Join(err, fmt.Errorf("%s: read_only is %q", d.pod, closed))
	}
	return nil
}
