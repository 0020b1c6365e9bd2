package preflight

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// cluster is what was seen of a cluster.
type cluster struct {
	database, uploads, backups *claim   // nil if they are not there
	uid                        string   // of namespace kube-system: the identity of the cluster
	elsewhere                  []string // namespaces in which the stack has claims too
	known                      bool     // whether objects in the stack's state are there
	foreign                    []string // objects of another stack, as kubectl names them
	running                    bool     // whether the database's StatefulSet is there
	mediawiki                  string   // image that the wiki is migrated to; empty if none runs
	mariadb                    string   // image that has started on the database's volume; empty if none runs
	proven                     string   // name of the backup that the last drill has proven; empty if it is not known
	classes                    map[string]class
	nodes                      int
}

type claim struct{ name, size, class, accessMode, credentials, databaseName string }

type class struct {
	provisioner       string
	expands, byItself bool // expands volumes; is the default
}

var (
	claims       = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}
	pods         = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	nodes        = schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
	deployments  = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	statefulSets = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "statefulsets"}
	classes      = schema.GroupVersionResource{Group: "storage.k8s.io", Version: "v1", Resource: "storageclasses"}
)

// look asks all questions at once: a preview waits for the answers.
func look(ctx context.Context, client dynamic.Interface, namespace, name string, own *state.Stack) (*cluster, error) {
	seen := &cluster{classes: map[string]class{}}
	group, ctx := errgroup.WithContext(ctx)
	get := func(resource schema.GroupVersionResource, name string) (*unstructured.Unstructured, error) {
		object, err := client.Resource(resource).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil, nil
		}
		return object, err
	}
	list := func(from dynamic.ResourceInterface, options metav1.ListOptions, read func(*unstructured.UnstructuredList)) {
		group.Go(func() error {
			found, err := from.List(ctx, options)
			if err == nil {
				read(found)
			}
			return err
		})
	}
	for suffix, into := range map[string]**claim{"-db": &seen.database, "-uploads": &seen.uploads, "-backups": &seen.backups} {
		group.Go(func() error {
			object, err := get(claims, name+suffix)
			if object != nil {
				*into = readClaim(object)
			}
			return err
		})
	}
	ofStack := metav1.ListOptions{LabelSelector: components.StackLabel + "=" + own.Label}
	list(client.Resource(claims), ofStack, func(found *unstructured.UnstructuredList) { seen.readElsewhere(found, namespace) })
	group.Go(func() error {
		object, err := client.Resource(namespaces).Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
		if err == nil {
			seen.uid = string(object.GetUID())
		}
		return err
	})
	group.Go(func() error { return seen.lookForOwners(ctx, client, namespace, name, own) })
	group.Go(func() error {
		object, err := get(statefulSets, name+"-db")
		if seen.running = object != nil; seen.running && rolledOut(object) {
			seen.mariadb = image(object)
		}
		return err
	})
	list(client.Resource(deployments).Namespace(namespace), metav1.ListOptions{}, func(found *unstructured.UnstructuredList) {
		seen.readDeployments(found, name+"-app")
	})
	list(client.Resource(pods).Namespace(namespace), metav1.ListOptions{LabelSelector: "app=" + name + "-backup"}, seen.readDrills)
	list(client.Resource(classes), metav1.ListOptions{}, seen.readClasses)
	list(client.Resource(nodes), metav1.ListOptions{}, func(found *unstructured.UnstructuredList) { seen.nodes = len(found.Items) })
	return seen, group.Wait()
}

// rolledOut tells whether all of a StatefulSet is as it should be: an image that has never started has changed no data.
func rolledOut(set *unstructured.Unstructured) bool {
	status, _, err := unstructured.NestedMap(set.Object, "status")
	return err == nil && status["currentRevision"] == status["updateRevision"] && status["readyReplicas"] == status["replicas"]
}

// readDeployments finds the image of the one whose Pods have this label. It is changed when the migration has succeeded.
func (c *cluster) readDeployments(list *unstructured.UnstructuredList, app string) {
	for i := range list.Items {
		label, _, err := unstructured.NestedString(list.Items[i].Object, "spec", "template", "metadata", "labels", "app")
		if err == nil && label == app {
			c.mediawiki = image(&list.Items[i])
		}
	}
}

// image is that of the first container of a workload's Pods.
func image(workload *unstructured.Unstructured) string {
	containers, _, err := unstructured.NestedSlice(workload.Object, "spec", "template", "spec", "containers")
	if err != nil || len(containers) == 0 {
		return "" // not of its own schema: as good as not there
	}
	container, _ := containers[0].(map[string]any)
	image, _ := container["image"].(string)
	return image
}

func readClaim(object *unstructured.Unstructured) *claim {
	text := func(path ...string) string {
		value, _, err := unstructured.NestedString(object.Object, path...)
		if err != nil {
			return "" // not of its own schema: as good as not there
		}
		return value
	}
	read := &claim{
		name:        object.GetName(),
		size:        text("spec", "resources", "requests", "storage"),
		class:       text("spec", "storageClassName"),
		credentials: object.GetAnnotations()[components.CredentialsAnnotation],

		databaseName: object.GetAnnotations()[components.DatabaseAnnotation],
	}
	if modes, found, err := unstructured.NestedStringSlice(object.Object, "spec", "accessModes"); err == nil && found && len(modes) > 0 {
		read.accessMode = modes[0]
	}
	return read
}

func (c *cluster) readElsewhere(list *unstructured.UnstructuredList, namespace string) {
	for _, object := range list.Items {
		if other := object.GetNamespace(); other != namespace && !slices.Contains(c.elsewhere, other) {
			c.elsewhere = append(c.elsewhere, other)
		}
	}
	slices.Sort(c.elsewhere)
}

func (c *cluster) readClasses(list *unstructured.UnstructuredList) {
	for _, object := range list.Items {
		var read class
		read.provisioner, _ = object.Object["provisioner"].(string)
		read.expands, _ = object.Object["allowVolumeExpansion"].(bool)
		read.byItself = object.GetAnnotations()["storageclass.kubernetes.io/is-default-class"] == "true"
		c.classes[object.GetName()] = read
	}
}

func (c *cluster) classNames() []string { return slices.Sorted(maps.Keys(c.classes)) }

func (c *cluster) hasDefault() bool {
	for _, class := range c.classes {
		if class.byItself {
			return true
		}
	}
	return false
}
