package doctor

import (
	"bytes"
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
)

// Patient is what is examined.
type Patient struct {
	Client    kubernetes.Interface
	Config    *rest.Config // for certificates, and for commands in Pods
	Namespace string       // the wiki's; empty if there is none yet
	Name      string       // of its MediaWikiStack, with which the names of its objects begin
	Stack     *Stack       // nil if it is not known
	Now       time.Time
	// Get reads a path of the API server; what comes with a status that is an error is returned with that error.
	Get func(ctx context.Context, path string) ([]byte, error)
	// Exec runs a command in a container, and returns what it prints.
	Exec func(ctx context.Context, pod, container string, command ...string) (string, error)
}

// NewPatient connects to a cluster.
func NewPatient(config *rest.Config) (*Patient, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = 50, 100 // the checks all ask at once
	config.Timeout = 30 * time.Second
	config.WarningHandler = rest.NoWarnings{}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	p := &Patient{Client: client, Config: config, Now: time.Now()}
	p.Get = func(ctx context.Context, path string) ([]byte, error) {
		return client.Discovery().RESTClient().Get().RequestURI(path).DoRaw(ctx)
	}
	p.Exec = p.exec
	return p, nil
}

func (p *Patient) exec(ctx context.Context, pod, container string, command ...string) (string, error) {
	request := p.Client.CoreV1().RESTClient().Post().
		Resource("pods").Namespace(p.Namespace).Name(pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: container, Command: command, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	executor, err := remotecommand.NewWebSocketExecutor(p.Config, "GET", request.URL().String())
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	if err := executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr}); err != nil {
		return "", fmt.Errorf("%s in Pod %s: %w: %s", command[0], pod, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.String(), nil
}

// kubectl is a command about the wiki's namespace.
func (p *Patient) kubectl(command string) string {
	return "kubectl --namespace " + p.Namespace + " " + command
}

// onTheMachine is a command that is typed where microk8s runs.
func onTheMachine(command string) string { return command + "     (on the cluster's machine)" }
