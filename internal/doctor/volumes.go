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
)

// mounted is where a container sees the volume of a claim.
type mounted struct{ claim, pod, container, path string }

// volumes asks the Pods that have mounted them how full they are: of folders on a node's disk (hostpath) a kubelet has no figures.
func volumes(ctx context.Context, p *Patient) ([]Finding, error) {
	all, err := p.mounts(ctx)
	if err != nil {
		return nil, err
	}
	// Folders on one disk have the figures of that disk.
	disks, claims := map[string]filesystem{}, map[string][]string{}
	var found []Finding
	for _, m := range all {
		printed, err := p.Exec(ctx, m.pod, m.container, "df", "-P", "-B1", m.path)
		if err != nil {
			return nil, err
		}
		device, is, err := readDF(printed)
		if err != nil {
			return nil, err
		}
		disks[device] = is
		claims[device] = append(claims[device], m.claim)
		closed, err := p.writable(ctx, m)
		if err != nil {
			return nil, err
		}
		found = append(found, closed...)
	}
	described := make([]string, 0, len(disks))
	for _, device := range slices.Sorted(maps.Keys(disks)) {
		is, names := disks[device], strings.Join(slices.Sorted(slices.Values(claims[device])), ", ")
		found = append(found, full("the disk of "+names, is, p.room(claims[device]))...)
		described = append(described, fmt.Sprintf("%s: %s of %s left", names, binary(is.AvailableBytes), binary(is.CapacityBytes)))
	}
	if len(described) == 0 {
		return fine("none is mounted, so nobody can say how full they are"), nil
	}
	return worst(found, fine("%s", strings.Join(described, "; "))), nil
}

// unwritable prints who owns a folder that whoever runs it cannot write to, and who that is; nothing of any other folder.
const unwritable = `[ -w "$0" ] || echo "$(stat -c '%u:%g, mode %a' "$0"); $(id -u):$(id -g)"`

// writable tries whether a container can write to its volume. A volume that is mounted read-only on purpose has no such mount in it.
func (p *Patient) writable(ctx context.Context, m mounted) ([]Finding, error) {
	said, err := p.Exec(ctx, m.pod, m.container, "sh", "-c", unwritable, m.path)
	if err != nil {
		return nil, err
	}
	belongs, runsAs, found := strings.Cut(strings.TrimSpace(said), "; ")
	if !found {
		return nil, nil
	}
	claim, err := p.Client.CoreV1().PersistentVolumeClaims(p.Namespace).Get(ctx, m.claim, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return []Finding{{
		Level: Failure, What: fmt.Sprintf("%s cannot be written by container %s, which runs as %s: its folder belongs to %s",
			m.claim, m.container, runsAs, belongs),
		Why: "uploads, backups or edits that go there fail",
		Type: fmt.Sprintf("kubectl get pv %s -o jsonpath='{.spec.hostPath.path}{.spec.local.path}{.spec.nfs}'     (its folder)\n"+
			"sudo chown -R %s FOLDER     (on the machine that has it)", claim.Spec.VolumeName, runsAs),
	}}, nil
}

// room is how claims get more of it.
func (p *Patient) room(claims []string) string {
	how := "sudo du -xhd2 /var/snap/microk8s/common | sort -h | tail     (on the node, of hostpath volumes)"
	keys := map[string]string{p.Name + "-db": "database", p.Name + "-uploads": "uploads", p.Name + "-backups": "backups"}
	for _, claim := range claims {
		if key := keys[claim]; key != "" {
			how += "\npulumi config set --path " + key + ".size 16Gi && pulumi up     (of a class that can expand volumes)"
		}
	}
	return how
}

// mounts are the claims that running Pods have mounted, each once.
func (p *Patient) mounts(ctx context.Context) ([]mounted, error) {
	list, err := p.Client.CoreV1().Pods(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var all []mounted
	seen := map[string]bool{}
	for i := range list.Items {
		pod := &list.Items[i]
		for _, volume := range pod.Spec.Volumes {
			claim := volume.PersistentVolumeClaim
			if claim == nil || seen[claim.ClaimName] || !isReady(pod) {
				continue
			}
			if container, path := whereMounted(pod, volume.Name); path != "" {
				seen[claim.ClaimName] = true
				all = append(all, mounted{claim.ClaimName, pod.Name, container, path})
			}
		}
	}
	return all, nil
}

func whereMounted(pod *corev1.Pod, volume string) (container, path string) {
	for _, c := range pod.Spec.Containers {
		for _, mount := range c.VolumeMounts {
			if mount.Name == volume {
				return c.Name, mount.MountPath
			}
		}
	}
	return "", ""
}

// readDF reads what df -P -B1 prints of one file system: device, size, used, available, per cent, mount point.
func readDF(printed string) (device string, is filesystem, err error) {
	if said := lines(printed); len(said) == 2 {
		if fields := strings.Fields(said[1]); len(fields) == 6 {
			size, err1 := strconv.ParseInt(fields[1], 10, 64)
			left, err2 := strconv.ParseInt(fields[3], 10, 64)
			if err1 == nil && err2 == nil {
				return fields[0] + " " + fields[1], filesystem{AvailableBytes: left, CapacityBytes: size}, nil
			}
		}
	}
	return "", filesystem{}, fmt.Errorf("df printed %q", printed)
}
