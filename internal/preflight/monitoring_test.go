package preflight_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

// operatorOf returns a client of a cluster with or without the Prometheus operator.
func operatorOf(installed bool) *fake.FakeDynamicClient {
	monitors := schema.GroupVersionResource{Group: "monitoring.coreos.com", Version: "v1", Resource: "podmonitors"}
	client := fake.NewSimpleDynamicClientWithCustomListKinds(scheme.Scheme, map[schema.GroupVersionResource]string{
		monitors: "PodMonitorList",
	}, hostpath(), namespaceOf("kube-system", thisCluster, ""))
	if !installed {
		client.PrependReactor("list", "podmonitors", func(clienttesting.Action) (bool, runtime.Object, error) {
			return true, nil, apierrors.NewNotFound(monitors.GroupResource(), "")
		})
	}
	return client
}

func TestObjectsForAnOperatorThatIsNotThereAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		installed bool
		setting   string
		refused   bool
	}{
		"the operator is there":    {true, `{"enabled":true}`, false},
		"it is not":                {false, `{"enabled":true}`, true},
		"annotations are enough":   {false, `{"enabled":true,"operator":false}`, false},
		"nobody monitors the wiki": {false, `{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settings(t, map[string]string{"monitoring": c.setting})
			found, err := preflight.Check(t.Context(), operatorOf(c.installed), "mediawiki", thisStack, cfg)
			require.NoError(t, err)
			if !c.refused {
				assert.Empty(t, found.Problems)
				return
			}
			require.Len(t, found.Problems, 1)
			assert.Equal(t, "monitoring.operator", found.Problems[0].Key)
			assert.Contains(t, found.Problems[0].Fix, "microk8s enable observability")
		})
	}
}
