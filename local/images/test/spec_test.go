package test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// Memory of emulated programs, in MiB.
const (
	emulatorMemory = 64       // what QEMU takes
	emulatedLimit  = 4 * 1024 // QEMU 7.2 takes all memory of a machine for MariaDB 11.8
)

// spec says how to run an image. As in a Pod under the restricted Pod Security Standard, the root file system is read-only, with empty
// directories where the image's server writes. The only network interface is the loopback.
type spec struct {
	image image
	// args replace the image's command and are given to its entry point.
	args []string
	// withoutEntrypoint makes args replace the entry point, too, as a container's command does in Kubernetes.
	withoutEntrypoint bool
	// env is added to the image's environment, as NAME=value.
	env []string
	// user is the id of user and group. 0, root, comes with the capabilities that container runtimes give.
	user int
	// pod is the container whose network this one shares, as containers of one Pod do; nil for a network of its own.
	pod *container
	// binds are directories of the host, by their path in the container.
	binds map[string]string
	// hostNetwork gives the container the network that the test is in.
	hostNetwork bool
	// memory is what the container may take, in MiB; 0 is no limit.
	memory int64
}

// runtimeConfig is the OCI runtime configuration for the spec.
func (s spec) runtimeConfig(t *testing.T) []byte {
	t.Helper()
	type object = map[string]any
	args := s.args
	if args == nil {
		args = s.image.config.Cmd
	}
	if !s.withoutEntrypoint {
		args = slices.Concat(s.image.config.Entrypoint, args)
	}
	mounts := []object{
		{"destination": "/proc", "type": "proc", "source": "proc"},
		{"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": []string{"nosuid", "mode=755"}},
		{"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": []string{"nosuid", "noexec", "nodev", "ro"}},
	}
	bind := func(inside, outside string) {
		mounts = append(mounts, object{"destination": inside, "type": "bind", "source": outside, "options": []string{"bind", "rw"}})
	}
	for _, path := range s.image.writes {
		bind(path, directory(t))
	}
	for inside, outside := range s.binds {
		bind(inside, outside)
	}
	capabilities := []string{}
	if s.user == 0 {
		capabilities = []string{
			"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID",
		}
	}
	network := object{"type": "network"}
	linux := object{
		"namespaces": []object{
			{"type": "pid"}, network, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"},
		},
	}
	if !s.hostNetwork {
		linux["sysctl"] = object{"net.ipv4.ip_unprivileged_port_start": "0"}
	}
	env := slices.Concat(s.image.config.Env, s.env)
	if s.image.emulated && s.image.emulator != "" {
		env = append(env, s.image.emulator)
	}
	config := object{
		"ociVersion": "1.0.2",
		"root":       object{"path": s.image.root, "readonly": true},
		"hostname":   "wiki",
		"mounts":     mounts,
		"process": object{
			"args": args,
			"env":  env,
			"cwd":  cmp.Or(s.image.config.WorkingDir, "/"),
			"user": object{"uid": s.user, "gid": s.user},
			"capabilities": object{
				"bounding": capabilities, "effective": capabilities, "permitted": capabilities,
			},
			"noNewPrivileges": true,
		},
		"linux": linux,
	}
	if s.hostNetwork {
		network["path"] = "/proc/self/ns/net"
	}
	switch {
	case s.image.emulated && s.memory > 0:
		s.memory += emulatorMemory
	case s.image.emulated:
		s.memory = emulatedLimit
	}
	if s.memory > 0 {
		linux["resources"] = object{"memory": object{"limit": s.memory << 20, "swap": s.memory << 20}}
	}
	if s.pod != nil {
		network["path"] = fmt.Sprintf("/proc/%d/ns/net", s.pod.pid)
	}
	text, err := json.Marshal(config)
	must(t, err)
	return text
}
