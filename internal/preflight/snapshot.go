package preflight

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// snapshot is what preflight has read from the cluster.
type snapshot struct {
	uid       string                     // of namespace kube-system: the identity of the cluster
	namespace *unstructured.Unstructured // the wiki's; nil if it does not exist
	elsewhere []string                   // other namespaces that have claims of the stack
	known     bool                       // whether objects in the stack's state exist
	foreign   []string                   // objects of another stack, as kubectl names them

	database, database2, uploads, packages, backups *corev1.PersistentVolumeClaim // nil if they do not exist

	promoted  bool         // whether the second of two databases is the primary
	running   bool         // whether the database's StatefulSet exists
	mediawiki string       // image that the wiki was migrated to; empty if none runs
	mariadb   string       // image that has started on the database's volume; empty if none runs
	pods      []corev1.Pod // of the wiki

	classes map[string]*storagev1.StorageClass
	nodes   int
	unsized []string // nodes that do not report their ephemeral storage
	lost    []string // nodes that are not ready

	oldRuntimes []string // nodes whose container runtime cannot mount images
	claims      []string // names of all claims in the wiki's namespace
}

var (
	namespaces     = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	claims         = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}
	pods           = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	nodes          = schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
	resourceQuotas = schema.GroupVersionResource{Version: "v1", Resource: "resourcequotas"}
	deployments    = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	statefulSets   = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "statefulsets"}
	storageClasses = schema.GroupVersionResource{Group: "storage.k8s.io", Version: "v1", Resource: "storageclasses"}
)

// readSnapshot sends all requests at once, because a preview waits for the answers.
func readSnapshot(ctx context.Context, client dynamic.Interface, namespace, name string, own *state.Stack) (*snapshot, error) {
	s := &snapshot{classes: map[string]*storagev1.StorageClass{}}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.readObjects(ctx, client, namespace, name, own) })
	group.Go(func() error { return s.readRoles(ctx, client, namespace, name) })
	group.Go(func() error {
		system, err := client.Resource(namespaces).Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
		if err == nil {
			s.uid = string(system.GetUID())
		}
		return err
	})
	group.Go(func() error {
		labelled := metav1.ListOptions{LabelSelector: marks.StackLabel + "=" + own.Label}
		found, err := client.Resource(claims).List(ctx, labelled)
		if err == nil {
			s.elsewhere = otherNamespaces(found.Items, namespace)
		}
		return err
	})
	group.Go(func() error {
		all, err := list[corev1.Pod](ctx, client.Resource(pods).Namespace(namespace))
		s.pods = slices.DeleteFunc(all, func(p corev1.Pod) bool { return !strings.HasPrefix(p.Labels["app"], name+"-") })
		return err
	})
	group.Go(func() error {
		classes, err := list[storagev1.StorageClass](ctx, client.Resource(storageClasses))
		for i := range classes {
			s.classes[classes[i].Name] = &classes[i]
		}
		return err
	})
	group.Go(func() error {
		found, err := list[corev1.Node](ctx, client.Resource(nodes))
		s.nodes = len(found)
		for i := range found {
			if old := oldRuntime(&found[i]); old != "" {
				s.oldRuntimes = append(s.oldRuntimes, old)
			}
			if !ready(&found[i]) {
				s.lost = append(s.lost, found[i].Name)
			}
			_, sized := found[i].Status.Allocatable[corev1.ResourceEphemeralStorage]
			if !sized && len(found[i].Status.Allocatable) > 0 {
				s.unsized = append(s.unsized, found[i].Name)
			}
		}
		return err
	})
	return s, group.Wait()
}

// readObjects reads the wiki's namespace and the objects in it that an update would adopt.
func (s *snapshot) readObjects(ctx context.Context, client dynamic.Interface, namespace, name string, own *state.Stack) error {
	var lock sync.Mutex
	owners := &owners{own: own, name: name}
	group, ctx := errgroup.WithContext(ctx)
	for _, resource := range adopted {
		group.Go(func() error {
			found, err := client.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
			if err != nil {
				return err
			}
			lock.Lock()
			defer lock.Unlock()
			for i := range found.Items {
				owners.add(resource, &found.Items[i])
				if err := s.readObject(resource, &found.Items[i], name); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		object, err := client.Resource(namespaces).Get(ctx, namespace, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err == nil {
			lock.Lock()
			defer lock.Unlock()
			owners.add(namespaces, object)
			s.namespace = object
		}
		return err
	})
	err := group.Wait()
	s.known, s.foreign = owners.known, owners.foreigners()
	return err
}

// readObject keeps what later checks need of an object.
func (s *snapshot) readObject(resource schema.GroupVersionResource, object *unstructured.Unstructured, name string) error {
	switch resource {
	case claims:
		return s.readClaim(object, name)
	case deployments:
		var deployment appsv1.Deployment
		if err := convert(object, &deployment); err != nil {
			return err
		}
		if pod := &deployment.Spec.Template; pod.Labels["app"] == parts.Web.Of(name) {
			s.mediawiki = image(pod) // it changes only after the migration has succeeded
		}
	case statefulSets:
		var set appsv1.StatefulSet
		if err := convert(object, &set); err != nil || set.Name != parts.Database.Of(name) {
			return err
		}
		s.running = true
		// An image that has never started has changed no data.
		if set.Status.CurrentRevision == set.Status.UpdateRevision && set.Status.ReadyReplicas == set.Status.Replicas {
			s.mariadb = image(&set.Spec.Template)
		}
	}
	return nil
}

func (s *snapshot) readClaim(object *unstructured.Unstructured, name string) error {
	claim := &corev1.PersistentVolumeClaim{}
	if err := convert(object, claim); err != nil {
		return err
	}
	s.claims = append(s.claims, claim.Name)
	switch claim.Name {
	case parts.Database.Of(name):
		s.database = claim
	case parts.Database2.Of(name):
		s.database2 = claim
	case parts.UploadsClaim(name):
		s.uploads = claim
	case parts.PackagesClaim(name):
		s.packages = claim
	case parts.BackupsClaim(name):
		s.backups = claim
	}
	return nil
}

// image returns the image of a Pod's first container.
func image(pod *corev1.PodTemplateSpec) string {
	if len(pod.Spec.Containers) == 0 {
		return ""
	}
	return pod.Spec.Containers[0].Image
}

func otherNamespaces(found []unstructured.Unstructured, own string) []string {
	var others []string
	for i := range found {
		if namespace := found[i].GetNamespace(); namespace != own && !slices.Contains(others, namespace) {
			others = append(others, namespace)
		}
	}
	slices.Sort(others)
	return others
}

// provenBackup returns the name of the backup that the newest successful restore test has proven, or "". The test ends with the words
// "proven NAME", which the API server keeps as the termination message of its Pod.
func (s *snapshot) provenBackup(name string) string {
	var newest metav1.Time
	proven := ""
	for i := range s.pods {
		pod := &s.pods[i]
		if pod.Labels["app"] != parts.Backups.Of(name) || pod.CreationTimestamp.Before(&newest) {
			continue
		}
		for _, status := range pod.Status.ContainerStatuses {
			if ended := status.State.Terminated; ended != nil && ended.ExitCode == 0 {
				if backup, ok := strings.CutPrefix(ended.Message, "proven "); ok {
					newest, proven = pod.CreationTimestamp, backup
				}
			}
		}
	}
	return proven
}
