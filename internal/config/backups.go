package config

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/crypto/ssh"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

// Backups are backups of database and uploads.
type Backups struct {
	Enabled       bool   `config:"backups.enabled"`
	Schedule      string `config:"backups.schedule"`
	DrillSchedule string `config:"backups.drillSchedule"`
	Keep          int    `config:"backups.keep"`
	Volume        Volume `config:"backups"`
	Remote        Remote
	RestoreFrom   string `config:"backups.restoreFrom"`
}

// Remote is where backups are copied to. Without an address there are no copies.
type Remote struct {
	Address    string `config:"backups.remote"`
	Key        string `config:"backups.remoteKey"`
	Secret     string `config:"remoteSecret,secret"`
	KnownHosts string `config:"backups.knownHosts"`
	Password   string `config:"backupsPassword,secret"`
	Image      string `config:"images.restic" modes:"statefulset external sidecar"`
}

// backupName matches the names that backups get.
var backupName = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z$`)

func (c *checker) backups() {
	b := c.cfg.Backups
	c.schedule("backups.schedule", b.Schedule)
	c.schedule("backups.drillSchedule", b.DrillSchedule)
	if b.Keep < 1 {
		c.add("backups.keep", "1 or more", c.reset("backups.keep"))
	}
	c.volume("backups", b.Volume)
	others := []string{"", components.RestoreLatest, components.RestoreNone}
	if !slices.Contains(others, b.RestoreFrom) && !backupName.MatchString(b.RestoreFrom) {
		c.add("backups.restoreFrom",
			components.RestoreLatest+", "+components.RestoreNone+", or the name of a backup such as 20261125T031700Z",
			set("backups.restoreFrom", components.RestoreLatest))
	}
	c.remote()
}

// schedule checks that Kubernetes accepts the schedule of a CronJob with a time zone.
func (c *checker) schedule(key, text string) {
	if strings.Contains(text, "TZ") { // the parser accepts it, and the API server does not
		c.add(key, "the five fields of cron without a time zone, which is the wiki's (timezone)", c.reset(key))
		return
	}
	schedule, err := cron.ParseStandard(text)
	if err != nil {
		c.add(key, "the five fields of cron: "+err.Error(), c.reset(key))
		return
	}
	if schedule.Next(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		c.add(key, "a schedule that matches some day", c.reset(key))
	}
}

// remote checks the repository that backups are copied to.
func (c *checker) remote() {
	address := c.cfg.Backups.Remote.Address
	if address == "" {
		c.withoutEffect("without backups.remote", "backups.remoteKey", "backups.knownHosts", "remoteSecret", "backupsPassword")
		return
	}
	where, err := addresses.ParseRemote(address)
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
	r := c.cfg.Backups.Remote
	if r.Key == "" || strings.ContainsFunc(r.Key, isSpace) {
		c.add("backups.remoteKey", "S3's access key ID, because backups.remote is S3", set("backups.remoteKey", "AKIA…"))
	}
	if r.Secret == "" || isPrivateKey(r.Secret) {
		c.addSecret("remoteSecret", "missing, or not a secret of S3", "the secret access key of backups.remoteKey")
	}
	c.withoutEffect("with backups.remote on S3", "backups.knownHosts")
}

func (c *checker) sftp(where *addresses.Remote) {
	r := c.cfg.Backups.Remote
	if _, err := ssh.ParseRawPrivateKey([]byte(r.Secret)); err != nil {
		found := "missing, or not a private key"
		if missing := (&ssh.PassphraseMissingError{}); errors.As(err, &missing) {
			found = "a private key with a passphrase, which nobody can type when a backup runs"
		}
		c.report(Problem{
			Key: "remoteSecret", Found: found, Want: "a private key that " + where.Host + " accepts, as ssh-keygen -N '' writes it",
			Fix: setSecret("remoteSecret") + " < ~/.ssh/wiki-backups",
		})
	}
	if !knownHosts(r.KnownHosts) {
		c.add("backups.knownHosts", "the host keys of "+where.Host+"; compare them with those that its owner knows",
			set("backups.knownHosts", `-- "$(ssh-keyscan -p `+strconv.Itoa(where.Port)+" "+where.Host+`)"`))
	}
	c.withoutEffect("with backups.remote on SFTP", "backups.remoteKey")
}

// knownHosts reports whether a text is a known_hosts file with at least one key.
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
