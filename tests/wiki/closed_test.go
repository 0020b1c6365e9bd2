package wiki

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
)

// closedByDefault tests the security settings that need no configuration.
func (w *wiki) closedByDefault(t *testing.T) {
	t.Run("PHP in the upload folder is not executed", w.uploadsAreNotExecuted)
	t.Run("only entry points and files that pages load are served", w.otherFilesAreNotServed)
	t.Run("a deleted file is not found", w.deletedFilesAreGone)
	t.Run("requests to blocked addresses fail at once", w.blockedRequestsFailFast)
	t.Run("responses have security headers", func(t *testing.T) {
		response, err := w.anonymous().Get(t.Context(), "/wiki/Main_Page")
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.Status)
		assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
		assert.NotEmpty(t, response.Header.Get("X-Frame-Options")+response.Header.Get("Content-Security-Policy"), "headers against framing")
		assert.NotEmpty(t, response.Header.Get("Referrer-Policy"))
		assert.Empty(t, response.Header.Get("X-Powered-By"))
		assert.NotRegexp(t, `\d`, response.Header.Get("Server"), "version in the Server header")
	})
	t.Run("Pods meet the restricted Pod Security Standard", w.podsAreRestricted)
	t.Run("every Pod has a network policy", w.tiersHavePolicies)
	t.Run("the cluster enforces the network policies", w.policiesAreEnforced)
}

func (w *wiki) uploadsAreNotExecuted(t *testing.T) {
	pod := kube.Names(w.AwaitReady(t, webPods, replicas))[0]
	for _, name := range []string{"intruder.php", "intruder.phtml", "intruder.png.php"} {
		_, err := w.Exec(t.Context(), pod, webContainer, "<?php echo 6*7, 'executed';", "sh", "-c", "cat >/var/www/html/images/"+name)
		require.NoError(t, err)
		response, err := w.anonymous().Get(t.Context(), "/images/"+name)
		require.NoError(t, err)
		assert.NotContains(t, string(response.Body), "42executed", name)
		assert.NotContains(t, response.Header.Get("Content-Type"), "html", name)
		_, err = w.Exec(t.Context(), pod, webContainer, "", "rm", "/var/www/html/images/"+name)
		require.NoError(t, err)
	}
}

// podsAreRestricted checks that the namespace enforces the restricted Pod Security Standard, and settings beyond it.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
func (w *wiki) podsAreRestricted(t *testing.T) {
	namespace, err := w.Kube.CoreV1().Namespaces().Get(t.Context(), w.Name, metav1.GetOptions{})
	require.NoError(t, err)
	assert.Equal(t, "restricted", namespace.Labels["pod-security.kubernetes.io/enforce"])
	pods := w.Pods(t, "")
	require.NotEmpty(t, pods)
	for _, pod := range pods {
		require.NotNil(t, pod.Spec.AutomountServiceAccountToken, pod.Name)
		assert.False(t, *pod.Spec.AutomountServiceAccountToken, "token of the service account in %s", pod.Name)
		for _, container := range append(pod.Spec.InitContainers, pod.Spec.Containers...) {
			readOnly := container.SecurityContext.ReadOnlyRootFilesystem
			require.NotNil(t, readOnly, "%s in %s", container.Name, pod.Name)
			assert.True(t, *readOnly, "read-only root of %s in %s", container.Name, pod.Name)
			assert.False(t, container.Resources.Limits.Memory().IsZero(), "memory limit of %s in %s", container.Name, pod.Name)
		}
	}
}

// tiersHavePolicies checks that a NetworkPolicy covers every Pod, and that only the Pods that need MariaDB may connect to it.
func (w *wiki) tiersHavePolicies(t *testing.T) {
	policies, err := w.Kube.NetworkingV1().NetworkPolicies(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	covered := map[string]bool{}
	for _, policy := range policies.Items {
		selector := metav1.FormatLabelSelector(&policy.Spec.PodSelector)
		covered[selector] = true
		assert.Len(t, policy.Spec.PolicyTypes, 2, "policy types for %s", selector)
		if selector != databasePods {
			continue
		}
		assert.Empty(t, policy.Spec.Egress, "egress of MariaDB")
		var callers []string
		for _, rule := range policy.Spec.Ingress {
			for _, peer := range rule.From {
				callers = append(callers, metav1.FormatLabelSelector(peer.PodSelector))
			}
		}
		assert.ElementsMatch(t, []string{webPods, jobPods, migrationPods, backupPods}, callers, "clients of MariaDB")
	}
	for _, pod := range w.Pods(t, "") {
		assert.True(t, covered["app="+pod.Labels["app"]], "a policy for %s", strings.TrimSpace(pod.Name))
	}
}
