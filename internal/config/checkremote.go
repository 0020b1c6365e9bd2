package config

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// backupName is that of one that the clock or `wiki backup` has made.
var backupName = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z$`)

// remote checks where copies of backups are kept, and what a new wiki is made of.
func (c *checker) remote() {
	if from := c.text("backups.restoreFrom"); from != "" && from != components.RestoreLatest && !backupName.MatchString(from) {
		c.add("backups.restoreFrom", components.RestoreLatest+", or the name of a backup such as 20261125T031700Z",
			set("backups.restoreFrom", components.RestoreLatest))
	}
	address := c.text("backups.remote")
	if address == "" {
		c.withoutEffect("without backups.remote", "backups.remoteKey", "backups.knownHosts", "remoteSecret", "backupsPassword")
		return
	}
	where, err := components.ParseRemote(address)
	switch {
	case err != nil:
		c.add("backups.remote", err.Error(), set("backups.remote", "s3:https://s3.example.org/wiki"))
	case where.SFTP:
		c.sftp(where)
	default:
		c.s3()
	}
}

func (c *checker) s3() {
	if key := c.text("backups.remoteKey"); key == "" || strings.ContainsFunc(key, isSpace) {
		c.add("backups.remoteKey", "S3's access key ID, because backups.remote is S3", set("backups.remoteKey", "AKIA…"))
	}
	if c.text("remoteSecret") == "" || isPrivateKey(c.text("remoteSecret")) {
		c.report(Problem{
			Key: "remoteSecret", Found: "missing, or not of S3", Want: "the secret access key of backups.remoteKey",
			Fix: setSecret("remoteSecret"),
		})
	}
	c.withoutEffect("with backups.remote on S3", "backups.knownHosts")
}

func (c *checker) sftp(where *components.Remote) {
	if _, err := ssh.ParseRawPrivateKey([]byte(c.text("remoteSecret"))); err != nil {
		found := "missing, or no private key"
		if missing := (&ssh.PassphraseMissingError{}); errors.As(err, &missing) {
			found = "a private key with a passphrase, which nobody is there to type"
		}
		c.report(Problem{
			Key: "remoteSecret", Found: found, Want: "a private key that " + where.Host + " lets in, as ssh-keygen -N '' writes it",
			Fix: setSecret("remoteSecret") + " < ~/.ssh/wiki-backups",
		})
	}
	if !knownHosts(c.text("backups.knownHosts")) {
		c.add("backups.knownHosts", "the keys of "+where.Host+", compared with those that its owner knows",
			set("backups.knownHosts", `-- "$(ssh-keyscan -p `+strconv.Itoa(where.Port)+" "+where.Host+`)"`))
	}
	c.withoutEffect("with backups.remote on SFTP", "backups.remoteKey")
}

// knownHosts tells whether a text is a known_hosts file with a key in it.
func knownHosts(text string) bool {
	keys := 0
	for rest := []byte(text); ; keys++ {
		var err error
		if _, _, _, _, rest, err = ssh.ParseKnownHosts(rest); err != nil {
			return errors.Is(err, io.EOF) && keys > 0
		}
	}
}

func isPrivateKey(text string) bool { return strings.HasPrefix(text, "-----BEGIN ") }

func isSpace(r rune) bool { return r <= ' ' }
