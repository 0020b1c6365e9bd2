// Package cri talks to a node's container runtime. It imports images, and stops every Pod when the node is stopped.
package cri

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	cri "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	remote "k8s.io/cri-client/pkg"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/paths"
)

const (
	callTimeout = 2 * time.Minute
	stopGrace   = 30 // seconds between SIGTERM and SIGKILL of a container when the cluster is stopped
)

// Answers returns an error if the node's container runtime does not answer.
func Answers(ctx context.Context, n *paths.Node) error {
	// The client would log each attempt on a socket that does not exist yet.
	socket, err := new(net.Dialer).DialContext(ctx, "unix", n.ContainerdSocket())
	if err != nil {
		return err
	}
	if err := socket.Close(); err != nil {
		return err
	}
	service, err := connect(n)
	if err != nil {
		return err
	}
	_, err = service.Version(ctx, "v1")
	return err
}

func connect(n *paths.Node) (cri.RuntimeService, error) {
	return remote.NewRemoteRuntimeService("unix://"+n.ContainerdSocket(), callTimeout, nil, nil)
}

// StopPods stops every container of the node, each with its grace, and removes the Pods' sandboxes and networks.
func StopPods(ctx context.Context, n *paths.Node) error {
	service, err := connect(n)
	if err != nil {
		return err
	}
	containers, err := service.ListContainers(ctx, &runtimeapi.ContainerFilter{
		State: &runtimeapi.ContainerStateValue{State: runtimeapi.ContainerState_CONTAINER_RUNNING},
	})
	if err != nil {
		return err
	}
	err = each(containers, func(c *runtimeapi.Container) error { return service.StopContainer(ctx, c.Id, stopGrace) })
	if err != nil {
		return err
	}
	sandboxes, err := service.ListPodSandbox(ctx, nil)
	if err != nil {
		return err
	}
	return each(sandboxes, func(s *runtimeapi.PodSandbox) error {
		return errors.Join(service.StopPodSandbox(ctx, s.Id), service.RemovePodSandbox(ctx, s.Id))
	})
}

func each[T any](items []T, f func(T) error) error {
	errs := make([]error, len(items))
	var group sync.WaitGroup
	for i, item := range items {
		group.Go(func() { errs[i] = f(item) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// Imported returns whether Import has loaded the same file before.
func Imported(n *paths.Node, archive string) (bool, error) {
	mark, err := markOf(n, archive)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(mark)
	return err == nil, nil
}

// Import loads an image archive into the node's container runtime.
func Import(ctx context.Context, n *paths.Node, archive string) error {
	mark, err := markOf(n, archive)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "ctr", "--address="+n.ContainerdSocket(), "--namespace=k8s.io", "images", "import", archive)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("importing %s into %s: %w\n%s", archive, n.NodeName(), err, out)
	}
	if err := os.MkdirAll(filepath.Dir(mark), 0o700); err != nil {
		return err
	}
	return os.WriteFile(mark, nil, 0o600)
}

// markOf returns the path of the file that says that an archive, as it is now, was loaded.
func markOf(n *paths.Node, archive string) (string, error) {
	info, err := os.Stat(archive)
	if err != nil {
		return "", err
	}
	return n.Dir("imported", fmt.Sprintf("%s-%d-%d", filepath.Base(archive), info.Size(), info.ModTime().UnixNano())), nil
}
