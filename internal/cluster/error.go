package cluster

import "strings"

// Error says what is wrong with a cluster, or with the connection to it, and how to fix that.
type Error struct {
	What string
	Fix  string // commands, one a line
}

// Error returns both, each command on its own line.
func (e *Error) Error() string {
	return e.What + "\n  fix:  " + strings.ReplaceAll(e.Fix, "\n", "\n  or:   ")
}

// OnTheMachine returns a command with the note that it must be run where microk8s runs.
func OnTheMachine(command string) string { return command + "     (on the cluster's machine)" }

// KubeletLog returns the command that prints the log of a node's kubelet.
func KubeletLog(node string) string { return kubeletLog + "     (on " + node + ")" }

const kubeletLog = "journalctl -e -u snap.microk8s.daemon-kubelite"

// PrintKubeconfig fixes a kubeconfig that is stale or broken.
var PrintKubeconfig = OnTheMachine("microk8s config") + ", and copy what it prints into the kubeconfig"
