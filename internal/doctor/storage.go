package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// disk checks the disks of the nodes, which hold images and the volumes of class hostpath.
func disk(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []Finding
	described := make([]string, 0, len(list.Items))
	for i := range list.Items {
		name := list.Items[i].Name
		stats, err := e.summary(ctx, name, wholeSummary)
		if err != nil {
			if e.Namespace == "" {
				return nil, err
			}
			described = append(described, "the kubelet of "+name+" has no figures; see volumes")
			continue
		}
		advice := "sudo du -xhd2 /var/snap/microk8s/common | sort -h | tail     (on " + name + ")"
		found = append(found, checkSpace("the disk of "+name, stats.Node.FS, advice)...)
		if images := stats.Node.Runtime.ImageFS; images.CapacityBytes != stats.Node.FS.CapacityBytes {
			found = append(found, checkSpace("the disk of "+name+" for images", images, "microk8s ctr images ls     (on "+name+")")...)
		}
		described = append(described, fmt.Sprintf("%s has %s of %s left", name,
			size(stats.Node.FS.AvailableBytes), size(stats.Node.FS.CapacityBytes)))
	}
	return orOK(found, passed("%s", strings.Join(described, ", "))), nil
}

// hostpath is the volume provisioner of microk8s.
const hostpath = "microk8s.io/hostpath"

// storageClass checks the default class of volumes, and what it means for replicas.
func storageClass(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var defaults []*storagev1.StorageClass
	names := make([]string, 0, len(list.Items))
	for i := range list.Items {
		class := &list.Items[i]
		names = append(names, class.Name)
		if class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" {
			defaults = append(defaults, class)
		}
	}
	switch len(defaults) {
	case 0:
		other := "nor any other"
		if len(names) > 0 {
			other = "the cluster has " + strings.Join(names, ", ")
		}
		return []Finding{{
			Level: Failure, What: "there is no default class; " + other,
			Why: "a claim that names no class stays pending, and so does the Pod that mounts it",
			Fix: cluster.OnTheMachine("microk8s enable hostpath-storage"),
		}}, nil
	case 1:
		return e.describeClass(ctx, defaults[0])
	}
	return []Finding{{
		Level: Warning, What: fmt.Sprintf("there are %d default classes (%s)", len(defaults), strings.Join(names, ", ")),
		Why: "a new volume gets the newest of them, which may not be the one you expect",
		Fix: "kubectl annotate storageclass " + defaults[0].Name + " storageclass.kubernetes.io/is-default-class-",
	}}, nil
}

// describeClass returns what a default class means for the wiki's replicas.
func (e *Environment) describeClass(ctx context.Context, class *storagev1.StorageClass) ([]Finding, error) {
	list, err := e.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	growth := "volumes can grow"
	if class.AllowVolumeExpansion == nil || !*class.AllowVolumeExpansion {
		growth = "volumes cannot grow"
	}
	if class.Provisioner != hostpath {
		return passed("%s (%s) is the default; %s", class.Name, class.Provisioner, growth), nil
	}
	what := class.Name + " is the default: directories on the node's disk, limited only by the size of the disk"
	if len(list.Items) == 1 {
		return passed("%s", what), nil
	}
	uploads, err := e.Client.CoreV1().PersistentVolumeClaims(e.Namespace).Get(ctx, parts.UploadsClaim(e.Name), metav1.GetOptions{})
	if err == nil && slices.Contains(uploads.Spec.AccessModes, corev1.ReadWriteMany) {
		return passed("%s; uploads are on a volume that all nodes can mount", what), nil
	}
	if err != nil && !apierrors.IsNotFound(err) && e.Namespace != "" {
		return nil, err
	}
	when := "before the first pulumi up"
	if err == nil {
		when = "a volume keeps its class: in a new stack, into which a backup is restored; docs/operating.md, More than one node"
	}
	return []Finding{{
		Level: Warning, What: what,
		Why: fmt.Sprintf("all replicas of the wiki share one of the %d nodes, the one with the uploads: if it fails, the wiki is down",
			len(list.Items)),
		Fix: "pulumi config set --path uploads.storageClass nfs && pulumi config set --path uploads.accessMode ReadWriteMany" +
			"     (" + when + ")",
	}}, nil
}
