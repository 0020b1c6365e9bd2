package unit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// onS3 keeps copies of backups at an S3 server.
func onS3(a *components.MediaWikiStackArgs) {
	a.Backups.Remote = components.RemoteArgs{
		Address: "s3:https://s3.example.org:9000/wiki", Key: pulumi.String("AKIA"), Secret: pulumi.String("canary-s3-secret"),
	}
}

// onSFTP keeps them at an SFTP server.
func onSFTP(a *components.MediaWikiStackArgs) {
	a.Backups.Remote = components.RemoteArgs{
		Address: "sftp://wiki@example.org//srv/wiki", Secret: pulumi.String("canary-private-key"),
		KnownHosts: pulumi.String("example.org ssh-ed25519 AAAA"), Password: pulumi.String("canary-own-password"),
	}
}

func TestCopiesElsewhereHaveASidecarThatAloneHasTheirKeys(t *testing.T) {
	for name, c := range map[string]struct {
		where func(*components.MediaWikiStackArgs)
		keys  map[string]string // of the Secret, and what stands in each
		port  float64
	}{
		"S3": {onS3, map[string]string{
			"backups-password": "", "s3-credentials": "[default]\naws_access_key_id = AKIA\naws_secret_access_key = canary-s3-secret\n",
		}, 9000},
		"SFTP": {onSFTP, map[string]string{
			"backups-password": "canary-own-password", "ssh-key": "canary-private-key\n", "known-hosts": "example.org ssh-ed25519 AAAA\n",
		}, 22},
	} {
		t.Run(name, func(t *testing.T) {
			promise(t, wikiArgs(c.where), func(t *testing.T, r *recorder) {
				data := remoteKeys(t, r)
				assert.Len(t, data, len(c.keys))
				for key, want := range c.keys {
					assert.Contains(t, fmt.Sprint(data[key]), want, key)
				}
				with := 0
				for pod, template := range pods(r) {
					for _, container := range containers(template) {
						is := at(t, container, "name")
						has := strings.Contains(fmt.Sprint(at(t, container, "volumeMounts")), "remote-secrets")
						assert.Equal(t, is == "remote", has, "%v in %s", is, pod)
						assert.NotContains(t, fmt.Sprint(container), "canary", "%v in %s", is, pod)
						if has {
							with++
							assert.Equal(t, "restic/restic:0.19.1", at(t, container, "image"))
						}
					}
				}
				assert.Equal(t, 2, with, "migration, backup")
				for _, policy := range []string{"mediawiki-backup", "mediawiki-migration"} {
					ways := listOf(at(t, r.named(t, policyToken, policy), "spec", "egress"))
					assert.InDelta(t, c.port, at(t, ways[len(ways)-1], "ports", 0, "port"), 0, policy)
				}
			})
		})
	}
}

// remoteKeys are what the sidecar signs in with, and what it encrypts with.
func remoteKeys(t *testing.T, r *recorder) map[string]any {
	t.Helper()
	secret, ok := at(t, r.named(t, secretToken, "mediawiki-remote"), "stringData").(*resource.Secret)
	require.True(t, ok, "stringData is secret")
	return secret.Element.Mappable().(map[string]any)
}

func TestWithoutCopiesElsewhereNothingOfThemIsThere(t *testing.T) {
	promise(t, wikiArgs(uncached), func(t *testing.T, r *recorder) {
		for name, template := range pods(r) {
			assert.NotContains(t, fmt.Sprint(template), "remote", name)
			assert.NotContains(t, fmt.Sprint(template), "RESTORE_FROM", name)
		}
		for _, policy := range []string{"mediawiki-backup", "mediawiki-migration"} {
			assert.Len(t, at(t, r.named(t, policyToken, policy), "spec", "egress"), 3, "names, the database and memcached")
		}
	})
}

func TestCopiesOfAMasterSecretOpenWithItAlone(t *testing.T) {
	password := func(master string) any {
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{
			"mediawiki": wikiArgs(onS3, func(a *components.MediaWikiStackArgs) { a.MasterSecret = pulumi.String(master) }),
		})
		require.NoError(t, err)
		return remoteKeys(t, r)["backups-password"]
	}
	first := password(canary)
	assert.Equal(t, first, password(canary))
	assert.NotEqual(t, first, password("canary-of-another-master-secret"))
}

func TestWhatANewWikiIsMadeOfConcernsTheMigrationAlone(t *testing.T) {
	templates := func(from pulumi.StringInput) map[string]string {
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{
			"mediawiki": wikiArgs(func(a *components.MediaWikiStackArgs) { a.Backups.RestoreFrom = from }),
		})
		require.NoError(t, err)
		texts := map[string]string{}
		for name, template := range pods(r) {
			texts[name] = fmt.Sprint(template)
		}
		return texts
	}
	plain, latest := templates(nil), templates(pulumi.String(components.RestoreLatest))
	for name := range plain {
		assert.Equal(t, name == "mediawiki-migration", plain[name] != latest[name], name)
	}
}
