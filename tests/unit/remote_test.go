package unit

import (
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
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

func TestCopiesElsewhereNeedTheirKeys(t *testing.T) {
	key, open := privateKey(t, "")
	locked, _ := privateKey(t, "hunter2")
	known := "example.org " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(open)))
	const s3, sftp = `{"remote":"s3:https://s3.example.org/wiki"%s}`, `{"remote":"sftp://wiki@example.org/backups"%s}`
	for name, c := range map[string]struct {
		backups, secret string
		wants           []string
	}{
		"S3":              {fmt.Sprintf(s3, `,"remoteKey":"AKIA"`), "hunter2", nil},
		"S3 without keys": {fmt.Sprintf(s3, ""), "", []string{"backups.remoteKey AKIA", "--secret remoteSecret"}},
		"S3 with known hosts": {
			fmt.Sprintf(s3, `,"remoteKey":"AKIA","knownHosts":"x"`), "hunter2", []string{"no effect with backups.remote on S3"},
		},
		"SFTP":                      {fmt.Sprintf(sftp, `,"knownHosts":"`+known+`"`), key, nil},
		"SFTP without keys":         {fmt.Sprintf(sftp, ""), "", []string{"ssh-keyscan -p 22 example.org", "--secret remoteSecret <"}},
		"SFTP with a password":      {fmt.Sprintf(sftp, `,"knownHosts":"`+known+`"`), "hunter2", []string{"no private key"}},
		"SFTP with a locked key":    {fmt.Sprintf(sftp, `,"knownHosts":"`+known+`"`), locked, []string{"with a passphrase"}},
		"SFTP with unknown hosts":   {fmt.Sprintf(sftp, `,"knownHosts":"# none"`), key, []string{"backups.knownHosts"}},
		"SFTP as scp has it":        {`{"remote":"sftp:wiki@example.org:backups","knownHosts":"` + known + `"}`, key, nil},
		"a secret without a remote": {`{}`, "hunter2", []string{"no effect without backups.remote"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := raw(map[string]string{"backups": c.backups, "remoteSecret": c.secret})
			r.Secret["mediawiki:remoteSecret"] = true
			_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
			if c.wants == nil {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "hunter2")
			for _, want := range c.wants {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

// privateKey is a new one in OpenSSH's format, and the public one that belongs to it.
func privateKey(t *testing.T, passphrase string) (string, ssh.PublicKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase))
	}
	require.NoError(t, err)
	key, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(block)), key
}
