package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// mount is where a container has mounted the volume of a claim.
type mount struct {
	claim, pod, container, path string
	readOnly                    bool
}

// volumes checks in the Pods how full the volumes are. The kubelet has no figures for directories on the node's disk (hostpath).
func volumes(ctx context.Context, e *Environment) ([]Finding, error) {
	all, err := e.mounts(ctx)
	if err != nil {
		return nil, err
	}
	// Directories on the same disk report the figures of that disk.
	disks, claims := map[string]filesystem{}, map[string][]string{}
	var found []Finding
	for _, m := range all {
		printed, err := e.Exec(ctx, m.pod, m.container, "df", "-P", "-B1", m.path)
		if err != nil {
			return nil, err
		}
		device, space, err := readDF(printed)
		if err != nil {
			return nil, err
		}
		disks[device] = space
		claims[device] = append(claims[device], m.claim)
		unwritable, err := e.checkWritable(ctx, m)
		if err != nil {
			return nil, err
		}
		found = append(found, unwritable...)
	}
	described := make([]string, 0, len(disks))
	for _, device := range slices.Sorted(maps.Keys(disks)) {
		space, names := disks[device], strings.Join(slices.Sorted(slices.Values(claims[device])), ", ")
		found = append(found, checkSpace("the disk of "+names, space, e.growAdvice(claims[device]))...)
		described = append(described, fmt.Sprintf("%s: %s of %s left", names, size(space.AvailableBytes), size(space.CapacityBytes)))
	}
	if len(described) == 0 {
		return passed("none is mounted, so the free space is unknown"), nil
	}
	return orOK(found, passed("%s", strings.Join(described, "; "))), nil
}

// writableScript prints the owner of a directory that its user cannot write to, and that user. It prints nothing if the user can.
const writableScript = `[ -w "$0" ] || echo "$(stat -c '%u:%g, mode %a' "$0"); $(id -u):$(id -g)"`

// checkWritable checks whether a container can write to its volume.
func (e *Environment) checkWritable(ctx context.Context, m mount) ([]Finding, error) {
	if m.readOnly {
		return nil, nil
	}
	printed, err := e.Exec(ctx, m.pod, m.container, "sh", "-c", writableScript, m.path)
	if err != nil {
		return nil, err
	}
	owner, user, found := strings.Cut(strings.TrimSpace(printed), "; ")
	if !found {
		return nil, nil
	}
	claim, err := e.Client.CoreV1().PersistentVolumeClaims(e.Namespace).Get(ctx, m.claim, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return []Finding{{
		Level: Failure, What: fmt.Sprintf("container %s, which runs as %s, cannot write to %s: its directory belongs to %s",
			m.container, user, m.claim, owner),
		Why: "uploads, backups or edits that are stored there fail",
		Fix: fmt.Sprintf("kubectl get pv %s -o jsonpath='{.spec.hostPath.path}{.spec.local.path}{.spec.nfs}'     (its directory)\n"+
			"sudo chown -R %s DIRECTORY     (on the machine that has it)", claim.Spec.VolumeName, user),
	}}, nil
}

// growAdvice returns how to get more space for claims.
func (e *Environment) growAdvice(claims []string) string {
	advice := "sudo du -xhd2 /var/snap/microk8s/common | sort -h | tail     (on the node, for hostpath volumes)"
	keys := map[string]string{
		parts.Database.Of(e.Name): "database", parts.UploadsClaim(e.Name): "uploads", parts.BackupsClaim(e.Name): "backups",
		parts.PackagesClaim(e.Name): "packageVolume",
	}
	for _, claim := range claims {
		if key := keys[claim]; key != "" {
			advice += "\npulumi config set --path " + key + ".size 16Gi && pulumi up     (if the storage class can expand volumes)"
		}
	}
	return advice
}

// mounts returns one mount of each claim that a ready Pod has mounted.
func (e *Environment) mounts(ctx context.Context) ([]mount, error) {
	list, err := e.Client.CoreV1().Pods(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var all []mount
	seen := map[string]bool{}
	for i := range list.Items {
		pod := &list.Items[i]
		for _, volume := range pod.Spec.Volumes {
			claim := volume.PersistentVolumeClaim
			if claim == nil || seen[claim.ClaimName] || !isReady(pod) {
				continue
			}
			if m := findMount(pod, volume.Name); m.path != "" {
				seen[claim.ClaimName] = true
				m.claim = claim.ClaimName
				all = append(all, m)
			}
		}
	}
	return all, nil
}

func findMount(pod *corev1.Pod, volume string) mount {
	for _, c := range pod.Spec.Containers {
		for _, m := range c.VolumeMounts {
			if m.Name == volume {
				return mount{pod: pod.Name, container: c.Name, path: m.MountPath, readOnly: m.ReadOnly}
			}
		}
	}
	return mount{}
}

// readDF parses what df -P -B1 prints for one file system: device, size, used, available, per cent, mount point.
func readDF(printed string) (device string, space filesystem, err error) {
	if rows := lines(printed); len(rows) == 2 {
		if fields := strings.Fields(rows[1]); len(fields) == 6 {
			size, err1 := strconv.ParseInt(fields[1], 10, 64)
			left, err2 := strconv.ParseInt(fields[3], 10, 64)
			if err1 == nil && err2 == nil {
				return fields[0] + " " + fields[1], filesystem{AvailableBytes: left, CapacityBytes: size}, nil
			}
		}
	}
	return "", filesystem{}, fmt.Errorf("df printed %q", printed)
}
