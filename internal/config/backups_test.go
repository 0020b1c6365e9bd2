package config_test

import (
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

func TestRemoteBackupsNeedTheirKeys(t *testing.T) {
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
		"SFTP with a password":      {fmt.Sprintf(sftp, `,"knownHosts":"`+known+`"`), "hunter2", []string{"not a private key"}},
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
