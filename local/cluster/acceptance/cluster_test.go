package acceptance

import (
	"crypto/tls"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClusterHasTheVersionsAddressesAndStorageClassOfMicrok8s(t *testing.T) {
	up(t)
	assert.Equal(t, "microk8s", kubectl(t, "config", "current-context"))
	assert.Equal(t, "v1.34.4", kubectl(t, "get", "nodes", "-o=jsonpath={.items[*].status.nodeInfo.kubeletVersion}"))
	assert.Equal(t, "10.152.183.1", kubectl(t, "get", "service", "kubernetes", "-o=jsonpath={.spec.clusterIP}"))
	assert.Equal(t, "10.152.183.10", kubectl(t, "-n=kube-system", "get", "service", "kube-dns", "-o=jsonpath={.spec.clusterIP}"))
	class := kubectl(t, "get", "storageclass", "microk8s-hostpath",
		`-o=jsonpath={.volumeBindingMode} {.metadata.annotations.storageclass\.kubernetes\.io/is-default-class} {.provisioner}`)
	assert.Equal(t, "WaitForFirstConsumer true microk8s.io/hostpath", class)
}

func TestSecondUpStartsNothing(t *testing.T) {
	up(t)
	before := processes(t)
	up(t)
	assert.Equal(t, before, processes(t))
}

func TestPodsResolveServicesAndReachNothingOutsideTheCluster(t *testing.T) {
	up(t)
	apply(t, "shell.yaml")
	eventually(t, "kubectl", "wait", "--for=condition=Ready", "pod/shell", "--timeout=1s")
	answer := kubectl(t, "exec", "shell", "--", "getent", "hosts", "kubernetes.default.svc.cluster.local")
	assert.Contains(t, answer, "10.152.183.1")
	out, err := run("cluster", "--name="+name, "kubectl", "exec", "shell", "--",
		"timeout", "3", "bash", "-c", "exec 3<>/dev/tcp/192.0.2.1/80")
	assert.Error(t, err, "a Pod reached an address outside of the cluster: %s", out)
}

func TestVolumesOutliveDownAndUp(t *testing.T) {
	up(t)
	apply(t, "volume.yaml")
	eventually(t, "kubectl", "wait", "--for=condition=Ready", "pod/keeper", "--timeout=1s")
	kubectl(t, "exec", "keeper", "--", "sh", "-c", "echo kept > /data/file && sync")
	cluster(t, "down")
	assert.Empty(t, left())
	up(t)
	assert.Equal(t, "kept", eventually(t, "kubectl", "exec", "keeper", "--", "cat", "/data/file"))
}

func TestThreeNodesAreReadyAndReachEachOther(t *testing.T) {
	if testing.Short() {
		t.Skip("make test-all runs it")
	}
	const three = name + "-three"
	t.Cleanup(func() {
		out, err := run("cluster", "--name="+three, "destroy")
		assert.NoError(t, err, out)
	})
	on := func(args ...string) string {
		t.Helper()
		out, err := run("cluster", append([]string{"--name=" + three}, args...)...)
		require.NoError(t, err, out)
		return out
	}
	on("up")
	on("up", "--nodes=3")
	assert.Len(t, strings.Fields(on("kubectl", "get", "nodes", "-o=name")), 3)

	on("kubectl", "apply", "-f", "testdata/spread.yaml")
	on("kubectl", "rollout", "status", "daemonset/spread", "--timeout=2m")
	pods := strings.Fields(on("kubectl", "get", "pods", "-l=app=spread", "-o=jsonpath={.items[*].status.podIP}"))
	require.Len(t, pods, 3)
	for node := 1; node <= 3; node++ {
		for _, pod := range pods {
			connection, err := in(fmt.Sprintf("mws-%s-%d", three, node), func() (net.Conn, error) {
				return (&net.Dialer{Timeout: deadline}).DialContext(t.Context(), "tcp", pod+":8080")
			})
			require.NoError(t, err, "node %d to %s", node, pod)
			require.NoError(t, connection.Close())
		}
	}
	_, err := run("cluster", "--name="+three, "up", "--nodes=2")
	assert.Error(t, err, "there may be volumes on the third node")
}

func TestClientsWithoutACertificateAreRefused(t *testing.T) {
	up(t)
	server := kubectl(t, "config", "view", "--minify", "-o=jsonpath={.clusters[0].cluster.server}")
	host := strings.Split(strings.TrimPrefix(server, "https://"), ":")[0]
	require.True(t, strings.HasPrefix(host, address), host)
	anonymous := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // such a client does not have the cluster's CA either
	}}
	for _, url := range []string{server + "/api", server + "/version", server + "/healthz", "https://" + host + ":10250/pods"} {
		response, err := get(t, anonymous, url)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode, url)
	}
	_, err := net.DialTimeout("tcp", net.JoinHostPort(host, "2379"), time.Second) //nolint:noctx // bounded by its timeout
	assert.Error(t, err, "etcd accepts connections from outside its node")
}

func get(t *testing.T, client *http.Client, url string) (*http.Response, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	return client.Do(request)
}

func TestOnlyTheirOwnerCanReadKeys(t *testing.T) {
	up(t)
	kubeconfig := cluster(t, "kubeconfig")
	files := 0
	err := filepath.WalkDir(filepath.Join(filepath.Dir(kubeconfig), "pki"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		info, err := entry.Info()
		if err == nil {
			assert.Equal(t, os.FileMode(0o600), info.Mode(), path)
		}
		return err
	})
	require.NoError(t, err)
	assert.Greater(t, files, 20)
	info, err := os.Stat(kubeconfig)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode())
}
