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
)

// disk looks at the disks of the nodes, where images are and, of hostpath, volumes.
func disk(ctx context.Context, p *Patient) ([]Finding, error) {
	list, err := p.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []Finding
	described := make([]string, 0, len(list.Items))
	for i := range list.Items {
		name := list.Items[i].Name
		is, err := p.summary(ctx, name, wholeSummary)
		if err != nil {
			if p.Namespace == "" {
				return nil, err
			}
			described = append(described, "the kubelet of "+name+" does not know; see volumes")
			continue
		}
		advice := "sudo du -xhd2 /var/snap/microk8s/common | sort -h | tail     (on " + name + ")"
		found = append(found, full("the disk of "+name, is.Node.FS, advice)...)
		if images := is.Node.Runtime.ImageFS; images.CapacityBytes != is.Node.FS.CapacityBytes {
			found = append(found, full("the disk of "+name+" with its images", images, "microk8s ctr images ls     (on "+name+")")...)
		}
		described = append(described, fmt.Sprintf("%s has %s of %s left", name,
			binary(is.Node.FS.AvailableBytes), binary(is.Node.FS.CapacityBytes)))
	}
	return worst(found, fine("%s", strings.Join(described, ", "))), nil
}

// hostpath is microk8s' own provisioner of volumes.
const hostpath = "microk8s.io/hostpath"

// storageClass looks at the class of volumes that ask for none, and what it means for replicas.
func storageClass(ctx context.Context, p *Patient) ([]Finding, error) {
	list, err := p.Client.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
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
		return []Finding{{
			Level: Failure, What: "there is no default class; there are: " + strings.Join(append(names, "no other"), ", "),
			Why:  "a claim that names no class stays pending, and the Pod that mounts it too",
			Type: onTheMachine("microk8s enable hostpath-storage"),
		}}, nil
	case 1:
		return p.meaning(ctx, defaults[0])
	}
	return []Finding{{
		Level: Warning, What: fmt.Sprintf("there are %d default classes (%s)", len(defaults), strings.Join(names, ", ")),
		Why:  "which one a new volume gets is not said anywhere: the newest",
		Type: "kubectl annotate storageclass " + defaults[0].Name + " storageclass.kubernetes.io/is-default-class-",
	}}, nil
}

// meaning says what a class means for the wiki's replicas.
func (p *Patient) meaning(ctx context.Context, class *storagev1.StorageClass) ([]Finding, error) {
	list, err := p.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	grows := "volumes can grow"
	if class.AllowVolumeExpansion == nil || !*class.AllowVolumeExpansion {
		grows = "volumes do not grow"
	}
	if class.Provisioner != hostpath {
		return fine("%s (%s) is the default; %s", class.Name, class.Provisioner, grows), nil
	}
	what := class.Name + " is the default: folders on a node's disk, whose end is their only limit"
	if len(list.Items) == 1 {
		return fine("%s", what), nil
	}
	uploads, err := p.Client.CoreV1().PersistentVolumeClaims(p.Namespace).Get(ctx, p.Name+"-uploads", metav1.GetOptions{})
	if err == nil && slices.Contains(uploads.Spec.AccessModes, corev1.ReadWriteMany) {
		return fine("%s; uploads are on a class that all nodes can mount", what), nil
	}
	if err != nil && !apierrors.IsNotFound(err) && p.Namespace != "" {
		return nil, err
	}
	return []Finding{{
		Level: Warning, What: what,
		Why: fmt.Sprintf("all replicas of the wiki share one of the %d nodes, the one that has the uploads: if it is away, so is the wiki",
			len(list.Items)),
		Type: "pulumi config set --path uploads.storageClass nfs && pulumi config set --path uploads.accessMode ReadWriteMany" +
			"     (before the first pulumi up)",
	}}, nil
}
