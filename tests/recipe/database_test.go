package recipe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mariadb"
)

// databaseHost is MariaDB's address for MediaWiki: the containers of a Pod share one network. The article uses it instead of links.
const databaseHost = "127.0.0.1"

// query runs a statement in a Pod's database from its MediaWiki container.
func (s *stack) query(ctx context.Context, pod string, login mariadb.Login, statement string) ([][]string, error) {
	return mariadb.Query(ctx, func(ctx context.Context, stdin string, command ...string) (string, error) {
		return s.Exec(ctx, pod, mediawikiContainer, stdin, command...)
	}, login, statement)
}

// mustQuery is like query, as the wiki's own user, and must succeed.
func (s *stack) mustQuery(t *testing.T, pod, statement string) [][]string {
	t.Helper()
	rows, err := s.query(t.Context(), pod, s.login(t), statement)
	require.NoError(t, err)
	return rows
}

// tableIsMissing checks that a table does not exist.
func (s *stack) tableIsMissing(t *testing.T, pod, table string) {
	t.Helper()
	_, err := s.query(t.Context(), pod, s.login(t), "SELECT * FROM "+table)
	require.ErrorContains(t, err, mariadb.NoSuchTable, "table %s in Pod %s", table, pod)
}

// awaitDatabase waits until MariaDB has started, which nothing in the article's manifest waits for.
func (s *stack) awaitDatabase(t *testing.T, pod string) {
	t.Helper()
	login := s.login(t)
	await.Success(t, "MariaDB of "+pod+" answers", func() error {
		_, err := s.query(t.Context(), pod, login, "SELECT 1")
		return err
	})
}

// login returns the connection settings from the environment of the MariaDB container.
func (s *stack) login(t *testing.T) mariadb.Login {
	t.Helper()
	template := s.deployment(t).Spec.Template.Spec
	env := map[string]string{}
	for _, variable := range container(t, &corev1.Pod{Spec: template}, mariadbContainer).Env {
		value, err := s.resolve(t.Context(), &variable)
		require.NoError(t, err)
		env[variable.Name] = value
	}
	return mariadb.Login{Host: databaseHost, User: env["MYSQL_USER"], Password: env["MYSQL_PASSWORD"], Database: env["MYSQL_DATABASE"]}
}

// resolve returns the value of an environment variable, from its Secret if it refers to one.
func (s *stack) resolve(ctx context.Context, variable *corev1.EnvVar) (string, error) {
	if variable.ValueFrom == nil {
		return variable.Value, nil
	}
	ref := variable.ValueFrom.SecretKeyRef
	if ref == nil {
		return "", fmt.Errorf("%s comes from neither a literal nor a Secret", variable.Name)
	}
	secret, err := s.Kube.CoreV1().Secrets(s.Name).Get(ctx, ref.Name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	value, ok := secret.Data[ref.Key]
	if !ok {
		return "", fmt.Errorf("Secret %s has no %s", ref.Name, ref.Key)
	}
	return string(value), nil
}

// rootPassword returns the generated root password from MariaDB's log.
func (s *stack) rootPassword(ctx context.Context, pod string) (string, error) {
	log, err := s.Kube.CoreV1().Pods(s.Name).GetLogs(pod, &corev1.PodLogOptions{Container: mariadbContainer}).DoRaw(ctx)
	if err != nil {
		return "", err
	}
	_, rest, found := strings.Cut(string(log), "GENERATED ROOT PASSWORD: ")
	password, _, _ := strings.Cut(rest, "\n")
	if password = strings.TrimSpace(password); !found || password == "" {
		return "", errors.New("MariaDB's log has no generated root password")
	}
	return password, nil
}
