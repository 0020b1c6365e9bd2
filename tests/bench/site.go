package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// site is a wiki that is measured.
type site struct {
	stack string // name of the Pulumi stack
	*kube.Namespace
	address string // without a trailing slash
	path    string // precedes a page's title
	admin   *mediawiki.Client
}

// prettyPath is the default stack's path of pages. The recipe has the installer's default.
const prettyPath = "/wiki/"

type outputs struct {
	URL              string `json:"url"`
	Namespace        string `json:"namespace"`
	DatabaseName     string `json:"databaseName"`
	DatabaseUser     string `json:"databaseUser"`
	DatabasePassword string `json:"databasePassword"`
	AdminUser        string `json:"adminUser"`
	AdminPassword    string `json:"adminPassword"`
}

// pulumi runs a command on a stack and returns its output.
func pulumi(ctx context.Context, stack string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "mediawiki-stack", append([]string{stack}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("pulumi %s of stack %s: %w\n%s", args[0], stack, err, stderr.Bytes())
	}
	return stdout.Bytes(), nil
}

// deploy deploys a stack and reads its outputs.
func deploy(ctx context.Context, stack string, settings ...string) (*site, *outputs, error) {
	progress("deploying stack %s", stack)
	up := slices.Clone(update)
	for _, setting := range settings {
		up = append(up, "-c", setting)
	}
	if _, err := pulumi(ctx, stack, up...); err != nil {
		return nil, nil, err
	}
	text, err := pulumi(ctx, stack, "stack", "output", "--json", "--show-secrets")
	if err != nil {
		return nil, nil, err
	}
	var out outputs
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, nil, err
	}
	s := &site{stack: stack, address: out.URL, admin: mediawiki.New(out.URL)}
	s.Namespace, err = kube.Connect(out.Namespace)
	return s, &out, err
}

// deployOurs deploys the default stack and logs in.
func deployOurs(ctx context.Context) (*site, error) {
	s, out, err := deploy(ctx, "local")
	if err != nil {
		return nil, err
	}
	s.path = prettyPath
	return s, s.admin.LogIn(ctx, out.AdminUser, out.AdminPassword)
}

// deployRecipe deploys one Pod of the recipe, since each Pod is a separate wiki, and installs it with the installer's defaults, except
// that uploads are enabled.
func deployRecipe(ctx context.Context) (*site, error) {
	s, out, err := deploy(ctx, "recipe", "mediawiki:replicas=1")
	if err != nil {
		return nil, err
	}
	s.path = "/index.php/"
	pod, err := s.webPod(ctx)
	if err != nil {
		return nil, err
	}
	const script = `set -e
		read -r database; read -r administrator
		for try in $(seq 100); do
			php -r 'exit(@fsockopen("127.0.0.1", 3306) ? 0 : 1);' && break
			sleep 0.3
		done
		php maintenance/run.php install --dbserver 127.0.0.1 --dbname "$2" --dbuser "$3" --dbpass "$database" \
			--server "$1" --scriptpath "" --pass "$administrator" Wiki Admin
		echo '$wgEnableUploads = true;' >> LocalSettings.php
		chown -R www-data images`
	password := secret.New()
	progress("installing the recipe's wiki")
	_, err = s.Exec(ctx, pod, "mediawiki-container", out.DatabasePassword+"\n"+password+"\n",
		"sh", "-c", script, "install", s.address, out.DatabaseName, out.DatabaseUser)
	if err != nil {
		return nil, err
	}
	return s, s.admin.LogIn(ctx, "Admin", password)
}

// webPod returns the name of the first Pod that runs MediaWiki.
func (s *site) webPod(ctx context.Context) (string, error) {
	pods, err := s.Kube.CoreV1().Pods(s.Name).List(ctx, metav1.ListOptions{LabelSelector: "app=mediawiki-app"})
	if err != nil {
		return "", err
	}
	if len(pods.Items) == 0 {
		return "", errors.New("no Pod runs MediaWiki")
	}
	return pods.Items[0].Name, nil
}

// page returns the address of a page.
func (s *site) page(title string) string {
	return s.address + s.path + strings.ReplaceAll(title, " ", "_")
}

// fetch requests a page and returns the time until its last byte, and its size.
func (s *site) fetch(ctx context.Context, address, cookie string) (took time.Duration, size int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, 0, err
	}
	if cookie != "" {
		request.Header.Set("Cookie", cookie)
	}
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		return 0, 0, err
	}
	if response.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("%s: status %d: %.300s", address, response.StatusCode, body.Bytes())
	}
	return time.Since(began), body.Len(), nil
}
