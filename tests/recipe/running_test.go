package recipe

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

const uploads = "/var/www/html/images"

func TestTwoPodsRunBothContainers(t *testing.T) {
	wiki.scale(t, replicas)
	pods := wiki.pods(t)
	require.Len(t, pods, 2)
	for _, pod := range pods {
		assert.Equal(t, corev1.RestartPolicyAlways, pod.Spec.RestartPolicy)
		web := container(t, &pod, mediawikiContainer)
		assert.Contains(t, web.Image, "mediawiki:1.43")
		assert.Equal(t, []corev1.ContainerPort{{ContainerPort: 80, Protocol: corev1.ProtocolTCP}}, web.Ports)
		assert.Contains(t, container(t, &pod, mariadbContainer).Image, "mariadb:11.8")
	}
}

func TestUploadsFolderIsAnEmptyDirVolume(t *testing.T) {
	wiki.scale(t, replicas)
	for _, pod := range wiki.pods(t) {
		mounts := container(t, &pod, mediawikiContainer).VolumeMounts
		i := slices.IndexFunc(mounts, func(m corev1.VolumeMount) bool { return m.MountPath == uploads })
		require.NotEqual(t, -1, i, "no volume on %s", uploads)
		v := slices.IndexFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == mounts[i].Name })
		require.NotEqual(t, -1, v, "no volume %s", mounts[i].Name)
		assert.NotNil(t, pod.Spec.Volumes[v].EmptyDir)
		assert.Contains(t, wiki.inMediaWiki(t, pod.Name, "", "cat", "/proc/mounts"), " "+uploads+" ")
	}
}

func TestServiceIsReachableFromOutsideTheCluster(t *testing.T) {
	wiki.scale(t, replicas)
	service := wiki.service(t)
	require.Len(t, service.Spec.Ports, 1)
	port := service.Spec.Ports[0]
	assert.Equal(t, corev1.ServiceTypeNodePort, service.Spec.Type)
	assert.Equal(t, int32(80), port.Port)
	assert.Equal(t, intstr.FromInt32(80), port.TargetPort)
	assert.Equal(t, wiki.NodePort, port.NodePort)

	address, err := url.Parse(wiki.URL)
	require.NoError(t, err)
	assert.Equal(t, strconv.Itoa(int(port.NodePort)), address.Port())
	nodes, err := wiki.Kube.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for _, node := range nodes.Items {
		for _, a := range node.Status.Addresses {
			if a.Type == corev1.NodeInternalIP {
				page := get(t, fmt.Sprintf("http://%s:%d/", a.Address, port.NodePort))
				assert.Contains(t, page, "MediaWiki", "at node %s", node.Name)
			}
		}
	}
	assert.Contains(t, get(t, wiki.URL), "MediaWiki")
}

func TestServiceReachesBothPods(t *testing.T) {
	wiki.scale(t, replicas)
	var missing []string
	for _, pod := range wiki.pods(t) {
		wiki.inMediaWiki(t, pod.Name, pod.Name, "sh", "-c", "cat >"+uploads+"/pod.txt")
		missing = append(missing, pod.Name)
	}
	await.Success(t, "both Pods answer", func() error {
		answer := get(t, wiki.URL+"/images/pod.txt")
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == answer })
		if len(missing) > 0 {
			return fmt.Errorf("no response yet from: %s", missing)
		}
		return nil
	})
}

// The article shows this page under “Verifying the Intermediate Result”, with an older version.
func TestPageMatchesTheArticle(t *testing.T) {
	wiki.scale(t, replicas)
	defines := wiki.inMediaWiki(t, wiki.pods(t)[0].Name, "", "cat", "/var/www/html/includes/Defines.php")
	found := regexp.MustCompile(`'MW_VERSION', '([0-9.]+)'`).FindStringSubmatch(defines)
	require.NotNil(t, found, "no version in the image's includes/Defines.php")
	version := found[1]
	assert.True(t, strings.HasPrefix(version, "1.43."), "the image holds MediaWiki %s", version)

	page := get(t, wiki.URL)
	for _, want := range []string{
		"<title>MediaWiki " + version + "</title>",
		"<h1>MediaWiki " + version + "</h1>",
		"LocalSettings.php not found",
		`<a href="/mw-config/index.php">set up the wiki</a>`,
	} {
		assert.Contains(t, page, want)
	}
	t.Logf("the page says MediaWiki %s", version)
}

// client opens a connection for each request, so that each may reach another Pod.
var client = &http.Client{
	Timeout:   30 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true},
}

// get waits until a GET request from this machine, outside the cluster, succeeds, and returns the body.
func get(t *testing.T, address string) string {
	t.Helper()
	var body string
	await.Success(t, "GET "+address, func() error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(response.Body)
		body = string(text)
		if err == nil && response.StatusCode != http.StatusOK {
			err = errors.New(response.Status)
		}
		return errors.Join(err, response.Body.Close())
	})
	return body
}
