// Package microk8s finds the cluster that a stack deploys to and makes its explicit provider.
package microk8s

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Cluster is a context of a kubeconfig file.
type Cluster struct {
	Path    string // of the kubeconfig file
	Context string
	Host    string // name or address of the API server, without a port
}

// Find reads the kubeconfig at path and looks up the context. An empty path means $KUBECONFIG, else ~/.kube/config; an empty context the
// file's current one. Errors say what is missing and how microk8s provides it.
func Find(path, context string) (*Cluster, error) {
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	file, err := clientcmd.LoadFromFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf(
			"no kubeconfig at %s\n  type: microk8s config > ~/.kube/config\n  or:   pulumi config set kubeconfig PATH", path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig %s: %w", path, err)
	}
	if context == "" {
		context = file.CurrentContext
	}
	host, err := apiHost(file, context)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", path, err)
	}
	return &Cluster{Path: path, Context: context, Host: host}, nil
}

// NewProvider registers the provider through which every object of the stack is made. identity tells clusters apart: while it is the same,
// another kubeconfig, context or address updates the provider. If it changes, the provider replaces everything.
// The file's path, not its text, goes into the state, so that no certificate key does.
func (c *Cluster) NewProvider(ctx *pulumi.Context, identity string) (*kubernetes.Provider, error) {
	return kubernetes.NewProvider(ctx, "microk8s", &kubernetes.ProviderArgs{
		Kubeconfig:        pulumi.String(c.Path),
		Context:           pulumi.String(c.Context),
		ClusterIdentifier: pulumi.String(identity),
	})
}

// Client is a client of the cluster, for looking before anything is done.
func (c *Cluster) Client() (dynamic.Interface, error) {
	config, err := c.Config()
	if err != nil {
		return nil, err
	}
	return dynamic.NewForConfig(config)
}

// Config is how to connect to the cluster.
func (c *Cluster) Config() (*rest.Config, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: c.Path}, &clientcmd.ConfigOverrides{CurrentContext: c.Context},
	).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", c.Path, err)
	}
	config.WarningHandler = rest.NoWarnings{}
	config.QPS, config.Burst = 50, 100 // a preview asks all at once, and by default waits for seconds after the tenth question
	return config, nil
}

func locate(path string) (string, error) {
	if path == "" {
		path = os.Getenv(clientcmd.RecommendedConfigPathEnvVar)
		if strings.ContainsRune(path, filepath.ListSeparator) {
			return "", fmt.Errorf("$KUBECONFIG names several files (%s)\n  type: pulumi config set kubeconfig PATH", path)
		}
	}
	if path == "" {
		path = clientcmd.RecommendedHomeFile
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(home, rest)
	}
	return filepath.Abs(path)
}

func apiHost(file *api.Config, context string) (string, error) {
	found := file.Contexts[context]
	if found == nil {
		names := make([]string, 0, len(file.Contexts))
		for name := range file.Contexts {
			names = append(names, name)
		}
		sort.Strings(names)
		return "", fmt.Errorf("no context %q, only %q\n  type: pulumi config set context %s", context, names, first(names, "microk8s"))
	}
	cluster := file.Clusters[found.Cluster]
	if cluster == nil {
		return "", fmt.Errorf("context %q names a cluster %q that is not in the file", context, found.Cluster)
	}
	server, err := url.Parse(cluster.Server)
	if err != nil || server.Hostname() == "" {
		return "", fmt.Errorf("cluster %q has no usable server address: %q", found.Cluster, cluster.Server)
	}
	return server.Hostname(), nil
}

func first(names []string, otherwise string) string {
	if len(names) == 0 || slices.Contains(names, otherwise) {
		return otherwise
	}
	return names[0]
}
