package unit

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestOnlyTheSidecarForRemoteBackupsHasItsKeys(t *testing.T) {
	for name, c := range map[string]struct {
		where change
		keys  map[string]string // keys of the Secret, and what each contains
	}{
		"S3": {onS3, map[string]string{
			"backups-password": "", "s3-credentials": "[default]\naws_access_key_id = AKIA\naws_secret_access_key = canary-s3-secret\n",
		}},
		"SFTP": {onSFTP, map[string]string{
			"backups-password": "canary-own-password", "ssh-key": "canary-private-key\n", "known-hosts": "example.org ssh-ed25519 AAAA\n",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			promise(t, wikiArgs(c.where), func(t *testing.T, r *mocks.Recording) {
				keys := get[corev1.Secret](t, r, "mediawiki-remote").StringData
				assert.Len(t, keys, len(c.keys))
				for key, want := range c.keys {
					assert.Contains(t, keys[key], want, key)
				}
				var with []string
				for name, pod := range r.Pods() {
					for _, c := range containers(pod.Spec) {
						assert.NotContains(t, text(t, c), "canary", "%s in %s", c.Name, name)
						for _, mount := range c.VolumeMounts {
							if mount.Name == "remote-secrets" {
								assert.Equal(t, "remote", c.Name, "container with the keys in %s", name)
								assert.Equal(t, "restic/restic:0.19.1", c.Image)
								with = append(with, name)
							}
						}
					}
				}
				assert.ElementsMatch(t, []string{"mediawiki-migration", "mediawiki-backup"}, with)
			})
		})
	}
}

func TestRemoteBackupsOpenOnlyThePortOfTheirServer(t *testing.T) {
	for port, where := range map[string]change{"9000": onS3, "22": onSFTP} {
		_, egress := connections(t, where)
		assert.Contains(t, egress, "mediawiki-backup > anywhere: "+port)
		assert.Contains(t, egress, "mediawiki-migration > anywhere: "+port)
	}
}

func TestWikiWithoutRemoteBackupsHasNothingForThem(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		for name, pod := range r.Pods() {
			for _, c := range containers(pod.Spec) {
				assert.NotEqual(t, "remote", c.Name, name)
				assert.Empty(t, variable(c, "RESTORE_FROM"), name)
			}
			assert.NotContains(t, text(t, pod.Spec.Volumes), "remote", name)
		}
	})
}

func TestPasswordOfRemoteBackupsFollowsFromTheMasterSecret(t *testing.T) {
	password := func(master string) string {
		r := update(t, wikiArgs(onS3, func(a *components.MediaWikiStackArgs) { a.MasterSecret = pulumi.String(master) }))
		return get[corev1.Secret](t, r, "mediawiki-remote").StringData["backups-password"]
	}
	first := password(canary)
	assert.Equal(t, first, password(canary))
	assert.NotEqual(t, first, password("canary-of-another-master-secret"))
}

func TestRestoreFromConcernsOnlyTheMigration(t *testing.T) {
	pods := func(from pulumi.StringInput) map[string]*corev1.PodTemplateSpec {
		return update(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Backups.RestoreFrom = from })).Pods()
	}
	plain, latest := pods(nil), pods(pulumi.String(components.RestoreLatest))
	for name := range plain {
		assert.Equal(t, name != "mediawiki-migration", assert.ObjectsAreEqual(plain[name], latest[name]), name)
	}
}
