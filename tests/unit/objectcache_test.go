package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestAllPodsOfTheWikiShareOneObjectCache(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, "mediawiki-objectcache:11211", setting(t, r, "mediawiki", "objectCache"))
		memcached := get[appsv1.Deployment](t, r, "mediawiki-objectcache")
		assert.EqualValues(t, 1, *memcached.Spec.Replicas)
		assert.Equal(t, appsv1.RecreateDeploymentStrategyType, memcached.Spec.Strategy.Type, "an invalidation would reach only one of two")
		service := get[corev1.Service](t, r, "mediawiki-objectcache")
		assert.Equal(t, "mediawiki-objectcache", service.Spec.Selector["app"])
		assert.False(t, service.Spec.PublishNotReadyAddresses, "invalidations must reach the new one, not the former one on a lost node")
		for _, c := range memcachedPod(t, r).Containers {
			assert.Nil(t, c.ReadinessProbe)
		}
	})
}
