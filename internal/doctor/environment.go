package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/mediawiki-stack/mediawiki-stack/internal/reach"
)

// Environment is the cluster and the wiki that are checked.
type Environment struct {
	Client    kubernetes.Interface
	Config    *rest.Config // for certificates, and to run commands in Pods
	Namespace string       // the wiki's; empty if there is none yet
	Name      string       // of the wiki's MediaWikiStack; the names of its objects begin with it
	Stack     *Stack       // nil if it is unknown
	Now       time.Time
	// Get reads a path of the API server. If the status is an error, it returns the body together with the error.
	Get func(ctx context.Context, path string) ([]byte, error)
	// Exec runs a command in a container and returns what it prints.
	Exec func(ctx context.Context, pod, container string, command ...string) (string, error)
	// Fetch requests a path from a port of a Pod. If the status is an error, it returns the body together with the error.
	Fetch func(ctx context.Context, pod string, port int, path string) ([]byte, error)
	// Progress is called every few seconds with the names of the checks that are still running. It may be nil.
	Progress func(line string)
}

// NewEnvironment connects to a cluster.
func NewEnvironment(config *rest.Config) (*Environment, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = 50, 100 // all checks send their requests at once
	config.Timeout = 30 * time.Second
	config.WarningHandler = rest.NoWarnings{}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	e := &Environment{Client: client, Config: config, Now: time.Now()}
	e.Get = func(ctx context.Context, path string) ([]byte, error) {
		return client.Discovery().RESTClient().Get().RequestURI(path).DoRaw(ctx)
	}
	e.Exec = e.exec
	e.Fetch = func(ctx context.Context, pod string, port int, path string) ([]byte, error) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // one of several Pods may be on a node that is lost
		defer cancel()
		return e.pod(pod).Get(ctx, port, path)
	}
	return e, nil
}

func (e *Environment) pod(name string) reach.Pod {
	return reach.Pod{Config: e.Config, Namespace: e.Namespace, Name: name}
}

func (e *Environment) exec(ctx context.Context, pod, container string, command ...string) (string, error) {
	stdout, stderr, err := e.pod(pod).Exec(ctx, container, nil, command...)
	if err != nil {
		return "", fmt.Errorf("%s in Pod %s: %w: %s", command[0], pod, err, strings.TrimSpace(stderr))
	}
	return stdout, nil
}

// kubectl returns a command for the wiki's namespace.
func (e *Environment) kubectl(command string) string {
	return "kubectl --namespace " + e.Namespace + " " + command
}

// ago returns the time since t in the notation of kubectl, such as "3d8h ago".
func (e *Environment) ago(t metav1.Time) string {
	return duration.HumanDuration(e.Now.Sub(t.Time)) + " ago"
}
