// Package cluster finds the cluster that a kubeconfig names and connects to it. The program, its preflight, the doctor and the other
// commands all use it, so that they agree on what --kubeconfig, $KUBECONFIG and a context mean.
package cluster

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// defaultContext is the name of the context that `microk8s config` prints.
const defaultContext = "microk8s"

// Cluster is one context of a kubeconfig file.
type Cluster struct {
	Path    string // of the kubeconfig file
	Context string
	Host    string // name or IP address of the API server, without the port
}

// Find reads the kubeconfig file at path and looks up a context by its name. An empty path means $KUBECONFIG, else ~/.kube/config; an
// empty name means the file's current context. Its errors are of type [*Error].
func Find(path, context string) (*Cluster, error) {
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	file, err := clientcmd.LoadFromFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &Error{
			What: "there is no kubeconfig at " + path,
			Fix:  "microk8s config > ~/.kube/config\npulumi config set kubeconfig PATH     (or --kubeconfig PATH, if it is elsewhere)",
		}
	}
	if err != nil {
		return nil, &Error{What: fmt.Sprintf("cannot read the kubeconfig %s: %v", path, err), Fix: PrintKubeconfig}
	}
	if context == "" {
		context = file.CurrentContext
	}
	host, problem := apiHost(file, context)
	if problem != nil {
		problem.What = fmt.Sprintf("kubeconfig %s: %s", path, problem.What)
		return nil, problem
	}
	return &Cluster{Path: path, Context: context, Host: host}, nil
}

// NewProvider registers the provider that creates every object of the stack. identity identifies the cluster: as long as it stays the same,
// another kubeconfig, context or address only updates the provider. If identity changes, Pulumi replaces the provider and every object.
// The provider gets the file's path and not its text, which keeps the private keys in it out of the stack's state.
func (c *Cluster) NewProvider(ctx *pulumi.Context, identity string) (*kubernetes.Provider, error) {
	return kubernetes.NewProvider(ctx, "microk8s", &kubernetes.ProviderArgs{
		Kubeconfig:        pulumi.String(c.Path),
		Context:           pulumi.String(c.Context),
		ClusterIdentifier: pulumi.String(identity),
	})
}

// Client returns a client of the cluster. The typed client, which callers can create from [Cluster.Config], would make the program 37 MB
// (44 %) larger, and users compile the program on small machines.
func (c *Cluster) Client() (dynamic.Interface, error) {
	config, err := c.Config()
	if err != nil {
		return nil, err
	}
	return dynamic.NewForConfig(config)
}

// Config returns what is needed to connect to the cluster.
func (c *Cluster) Config() (*rest.Config, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: c.Path}, &clientcmd.ConfigOverrides{CurrentContext: c.Context},
	).ClientConfig()
	if err != nil {
		return nil, &Error{What: fmt.Sprintf("kubeconfig %s: %v", c.Path, err), Fix: PrintKubeconfig}
	}
	config.WarningHandler = rest.NoWarnings{}
	config.QPS, config.Burst = 50, 100 // a preview and the doctor send all requests at once; the default delays them after the tenth
	return config, nil
}

func locate(path string) (string, error) {
	if path == "" {
		path = os.Getenv(clientcmd.RecommendedConfigPathEnvVar)
		if strings.ContainsRune(path, filepath.ListSeparator) {
			return "", &Error{
				What: fmt.Sprintf("$KUBECONFIG lists several files (%s)", path),
				Fix:  "pulumi config set kubeconfig PATH     (or --kubeconfig PATH)",
			}
		}
	}
	if path == "" {
		path = clientcmd.RecommendedHomeFile
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok { // the shell expands it only at the beginning of a word
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(home, rest)
	}
	return filepath.Abs(path)
}

func apiHost(file *api.Config, context string) (string, *Error) {
	found := file.Contexts[context]
	if found == nil {
		names := slices.Sorted(maps.Keys(file.Contexts))
		suggestion := defaultContext
		if len(names) > 0 && !slices.Contains(names, defaultContext) {
			suggestion = names[0]
		}
		return "", &Error{
			What: fmt.Sprintf("there is no context %q, only %q", context, names),
			Fix:  fmt.Sprintf("pulumi config set context %s     (or --context %s)", suggestion, suggestion),
		}
	}
	cluster := file.Clusters[found.Cluster]
	if cluster == nil {
		return "", &Error{
			What: fmt.Sprintf("context %q names a cluster %q that is not in the file", context, found.Cluster), Fix: PrintKubeconfig,
		}
	}
	server, err := url.Parse(cluster.Server)
	if err != nil || server.Hostname() == "" {
		return "", &Error{
			What: fmt.Sprintf("cluster %q has no usable server address: %q", found.Cluster, cluster.Server), Fix: PrintKubeconfig,
		}
	}
	return server.Hostname(), nil
}
