package config

import (
	"fmt"
	"strings"
)

// minSecretLength is the minimum length of the master secret, in bytes. Passwords that are derived from 16 random bytes cannot be guessed.
const minSecretLength = 16

// minAdminPasswordLength is MediaWiki's own rule for administrators: https://www.mediawiki.org/wiki/Manual:$wgPasswordPolicy
const minAdminPasswordLength = 10

func (c *checker) secrets() {
	for _, d := range Declared() {
		text, _ := c.values[d.Key].(string)
		if !d.Secret || text == "" {
			continue
		}
		if !c.raw.Secret[c.raw.Project+":"+d.Key] {
			c.addSecret(d.Key, "in clear text", "an encrypted value, and a new one, because this one has been written down in clear")
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) && !isPrivateKey(text) {
			c.addSecret(d.Key, "with a line break or another control character", "one line of text")
		}
	}
	c.masterSecret()
	if length := len(c.cfg.Wiki.AdminPassword); length > 0 && length < minAdminPasswordLength {
		c.addSecret("adminPassword", fmt.Sprintf("%d characters long", length),
			fmt.Sprintf("at least %d characters, which MediaWiki requires of administrators", minAdminPasswordLength))
	}
}

func (c *checker) masterSecret() {
	master, random := c.cfg.MasterSecret, "openssl rand -base64 32 | "+setSecret("masterSecret")
	switch {
	case master == "" && c.raw.Deployed:
		c.report(lost(c.raw, random))
	case master == "":
		c.report(Problem{
			Key: "masterSecret", Found: "missing",
			Want: "the secret from which passwords are derived; keep a copy of it. If the wiki exists already, set the secret it has",
			Fix:  random,
		})
	case len(master) < minSecretLength:
		c.report(Problem{
			Key: "masterSecret", Found: fmt.Sprintf("%d characters long", len(master)),
			Want: fmt.Sprintf("at least %d characters", minSecretLength), Fix: random,
		})
	}
}

// file returns the name of the stack's file.
func (r *Raw) file() string { return "Pulumi." + r.Stack + ".yaml" }

// lost describes a missing master secret of a stack that has a wiki. A new secret is the last resort: it changes every password, and with
// them the password of the backup repository.
func lost(raw *Raw, random string) Problem {
	return Problem{
		Key: "masterSecret", Found: "missing, but this stack has a wiki, whose passwords are derived from it",
		Want: fmt.Sprintf("the original file %s: it has this secret, and the salt that goes with its passphrase", raw.file()),
		Fix: fmt.Sprintf("git checkout %s     (or restore it from a backup)\n    or, if it is lost for good: %s\n"+
			"      which changes every password: users log in again, and existing copies at backups.remote cannot be read any more",
			raw.file(), random),
	}
}

// renamed describes a stack's file whose keys have the prefix of another project: the engine passes them on, and nothing reads them.
// It returns nil if the file has a master secret under the project's own name.
func renamed(raw *Raw) *Problem {
	if raw.Values[raw.Project+":masterSecret"] != "" {
		return nil
	}
	for full := range raw.Values {
		former, key, _ := strings.Cut(full, ":")
		if key != "masterSecret" || former == raw.Project {
			continue
		}
		keep := fmt.Sprintf("sed -i 's/^  %s:/  %s:/' %s", former, raw.Project, raw.file())
		if raw.Values[former+":namespace"] == "" { // the default contains the project's name
			keep += fmt.Sprintf(" && pulumi config set namespace %s-%s", former, raw.Stack)
		}
		return &Problem{
			Key:   "masterSecret",
			Found: fmt.Sprintf("missing, because the keys in %s begin with %q, the project's former name", raw.file(), former+":"),
			Want:  "the prefix of the keys as name in Pulumi.yaml; keys of another project have no effect",
			Fix:   fmt.Sprintf("sed -i 's/^name: .*/name: %s/' Pulumi.yaml\n    or, to keep the new name and the wiki: %s", former, keep),
		}
	}
	return nil
}
