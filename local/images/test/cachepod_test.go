package test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// cachePod is the spec of the program's Varnish Pods and the files in it, as tests/internal/cachepod prints them.
type cachePod struct {
	Pod struct {
		InitContainers, Containers []podContainer
	}
	Files map[string]string
}

type podContainer struct {
	Command   []string
	Env       []struct{ Name, Value string }
	Resources struct{ Limits struct{ Memory string } }
}

// readCachePod returns the Varnish Pod of a profile, in a wiki that trusts these proxies.
func readCachePod(t *testing.T, profile string, proxies ...string) (pod cachePod) {
	t.Helper()
	args := append([]string{"-C", "../../..", "run", "-trimpath", "./tests/internal/cachepod", profile}, proxies...)
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Stderr = os.Stderr
	printed, err := command.Output()
	must(t, err)
	must(t, json.Unmarshal(printed, &pod))
	return pod
}

// revision returns the value of X-Revision that responses of the wiki must have to be cached for longer than a rollout takes.
func (p cachePod) revision(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`X-Revision != "([^"]+)"`).FindStringSubmatch(p.Files["settings.vcl"])
	if found == nil {
		t.Fatalf("no revision in %s", p.Files["settings.vcl"])
	}
	return found[1]
}

// store returns the size of one of Varnish's storages, in MiB.
func (p cachePod) store(t *testing.T, name string) int {
	t.Helper()
	found := regexp.MustCompile(name + `=malloc,(\d+)m`).FindStringSubmatch(strings.Join(p.Pod.Containers[0].Command, " "))
	if found == nil {
		t.Fatalf("no storage %s in %q", name, p.Pod.Containers[0].Command)
	}
	size, err := strconv.Atoi(found[1])
	must(t, err)
	return size
}

// spec returns a container of the Pod with its memory limit. It listens at free ports of the loopback interface.
func (p cachePod) spec(t *testing.T, c podContainer, files string, readers int, env ...string) spec {
	t.Helper()
	s := spec{
		image: varnish, user: 1000, withoutEntrypoint: true, hostNetwork: true, env: env,
		binds: map[string]string{"/etc/mediawiki-stack": files},
	}
	for _, argument := range c.Command {
		argument = strings.Replace(argument, "readers=:8080", fmt.Sprintf("readers=127.0.0.1:%d", readers), 1)
		argument = regexp.MustCompile(`^purge=:\d+$`).ReplaceAllString(argument, "purge=127.0.0.1:0")
		s.args = append(s.args, argument)
	}
	for _, variable := range c.Env {
		s.env = append(s.env, variable.Name+"="+variable.Value)
	}
	var unit string
	_, err := fmt.Sscanf(c.Resources.Limits.Memory, "%d%s", &s.memory, &unit)
	must(t, err)
	if unit == "Gi" {
		s.memory <<= 10
	}
	return s
}

// startCache runs the Pod's containers in front of a wiki, as a node would, and returns Varnish and its address.
func startCache(t *testing.T, p cachePod, wiki http.Handler, env ...string) (c *container, address string) {
	t.Helper()
	server := httptest.NewServer(wiki)
	t.Cleanup(server.Close)
	files := directory(t)
	for name, text := range p.Files {
		if name == "settings.vcl" {
			port := server.URL[len("http://127.0.0.1:"):]
			text = regexp.MustCompile(`\.host = "[^"]+"`).ReplaceAllString(text, `.host = "127.0.0.1"`)
			text = regexp.MustCompile(`\.port = "\d+"`).ReplaceAllString(text, fmt.Sprintf(".port = %q", port))
		}
		must(t, os.WriteFile(filepath.Join(files, name), []byte(text), 0o644))
	}
	readers := freePort(t)
	check := start(t, p.spec(t, p.Pod.InitContainers[0], files, readers, env...))
	if code := check.wait(); code != 0 {
		t.Fatalf("the check of the settings: status %d", code)
	}
	c = start(t, p.spec(t, p.Pod.Containers[0], files, readers, env...))
	address = fmt.Sprintf("127.0.0.1:%d", readers)
	c.eventually("a port for readers", func() error {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err == nil {
			err = connection.Close()
		}
		return err
	})
	return c, address
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	must(t, listener.Close())
	return port
}
