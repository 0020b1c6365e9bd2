// Package provisioner provides hostpath volumes, as the hostpath-storage addon of microk8s does: a folder of mode 0777 for each claim,
// bound to the node that the claim's first Pod runs on.
package provisioner

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// Name is the provisioner's name in storage classes.
const Name = "microk8s.io/hostpath"

// NewCommand returns the provisioner as a program.
func NewCommand() *cobra.Command {
	var kubeconfig, dir string
	cmd := &cobra.Command{
		Use:   "provisioner",
		Short: "Provision hostpath volumes",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				return err
			}
			ctx := klog.NewContext(genericapiserver.SetupSignalContext(), klog.Background())
			controller.NewProvisionController(ctx, client, Name, &hostpath{dir: dir}, controller.LeaderElection(false)).Run(ctx)
			return nil
		},
	}
	cmd.Flags().StringVar(&kubeconfig, "kubeconfig", "", "kubeconfig file of the provisioner")
	cmd.Flags().StringVar(&dir, "dir", "", "folder of the volumes")
	return cmd
}

type hostpath struct{ dir string }

// Provision creates the folder of a new volume.
func (h *hostpath) Provision(
	_ context.Context, opts controller.ProvisionOptions,
) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	path := filepath.Join(h.dir, strings.Join([]string{opts.PVC.Namespace, opts.PVC.Name, opts.PVName}, "-"))
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	if err := os.Chmod(path, 0o777); err != nil { // whatever the umask
		return nil, controller.ProvisioningFinished, err
	}
	kind := corev1.HostPathDirectoryOrCreate
	size := opts.PVC.Spec.Resources.Requests[corev1.ResourceStorage]
	volume := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: opts.PVName},
		Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *opts.StorageClass.ReclaimPolicy,
			AccessModes:                   opts.PVC.Spec.AccessModes,
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: size},
			PersistentVolumeSource:        corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: path, Type: &kind}},
		},
	}
	if opts.SelectedNodeName != "" {
		volume.Spec.NodeAffinity = onlyOn(opts.SelectedNodeName) // a node's host name is its name here
	}
	return volume, controller.ProvisioningFinished, nil
}

func onlyOn(host string) *corev1.VolumeNodeAffinity {
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{
			{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{host}},
		},
	}}}}
}

// Delete deletes a volume's folder and everything in it.
func (h *hostpath) Delete(_ context.Context, volume *corev1.PersistentVolume) error {
	if volume.Spec.HostPath == nil {
		return fmt.Errorf("volume %s has no host path", volume.Name)
	}
	path := filepath.Clean(volume.Spec.HostPath.Path)
	if filepath.Dir(path) != filepath.Clean(h.dir) {
		return fmt.Errorf("volume %s is at %s, outside of %s", volume.Name, path, h.dir)
	}
	return os.RemoveAll(path)
}
