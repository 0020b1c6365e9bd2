package preflight

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

// readRoles finds out which of two databases is the primary.
func (s *snapshot) readRoles(ctx context.Context, client dynamic.Interface, namespace, name string) error {
	object, err := client.Resource(configMaps).Namespace(namespace).Get(ctx, parts.Roles(name), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var roles corev1.ConfigMap
	err = convert(object, &roles)
	s.promoted = roles.Data[parts.PrimaryKey] == parts.SecondMember
	return err
}

// checkReplica refuses a second database that no node can run, and an update that deletes the second database while it is the primary.
func (f *Findings) checkReplica(seen *snapshot, name string, cfg *config.Config) {
	const key = "database.replicas"
	switch {
	case cfg.Database.Replicas > 1 && seen.nodes < cfg.Database.Replicas:
		f.Problems = append(f.Problems, config.Problem{
			Key: key, Found: fmt.Sprintf("%d, but the cluster has %d node", cfg.Database.Replicas, seen.nodes),
			Want: "1, or another node for the second database", Fix: "pulumi config rm --path " + key,
		})
	case cfg.Database.Replicas == 1 && seen.promoted:
		f.Problems = append(f.Problems, config.Problem{
			Key: key, Found: fmt.Sprintf("1, but the wiki's database is the second one, %s", parts.Database2.Of(name)),
			Want: "2, until the first one is the primary again: an update would delete the one that the wiki uses",
			Fix:  fmt.Sprintf("pulumi config set --path %s 2, or first: wiki -n %s promote", key, cfg.Namespace),
		})
	}
	if cfg.Database.Replicas > 1 && (seen.database != nil || seen.database2 != nil) { // otherwise the first one's check says the same
		f.checkVolume("database", seen.database2, seen, cfg.Database.Volume)
	}
}
