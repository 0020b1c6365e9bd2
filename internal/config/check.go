package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"
)

// minSecretLength is the shortest master secret accepted, in bytes: 16 random bytes are what its derived passwords are worth.
const minSecretLength = 16

// minAdminPasswordLength is MediaWiki's own rule for administrators: https://www.mediawiki.org/wiki/Manual:$wgPasswordPolicy
const minAdminPasswordLength = 10

// secretKeys are the keys whose values are encrypted in the stack's file.
var secretKeys = []string{
	"masterSecret", "databasePassword", "migrationPassword", "adminPassword", "mailPassword", "backupsPassword", "remoteSecret",
}

// checker collects the problems of values that have the right type but are impossible.
type checker struct {
	values
	raw      *Raw
	changed  []string // keys whose values are not the defaults
	problems []Problem
}

func check(v values, raw *Raw, changed []string) []Problem {
	c := &checker{values: v, raw: raw, changed: changed}
	c.secrets()
	c.cluster()
	c.web()
	c.egress()
	c.wiki()
	c.uploads()
	c.backups()
	c.mail()
	c.database()
	c.timeouts()
	return c.problems
}

func (c *checker) add(key, want, command string) {
	c.report(Problem{Key: key, Found: strconv.Quote(fmt.Sprint(c.values[key])), Want: want, Fix: command})
}

func (c *checker) report(problem Problem) { c.problems = append(c.problems, problem) }

// choice checks a key with a fixed set of values.
func (c *checker) choice(key string, of []string) {
	if !slices.Contains(of, c.text(key)) {
		c.add(key, "one of "+strings.Join(of, ", "), set(key, of[0]))
	}
}

func (c *checker) secrets() {
	for _, key := range secretKeys {
		text := c.text(key)
		if text != "" && !c.raw.Secret[c.raw.Project+":"+key] {
			c.report(Problem{
				Key: key, Found: "in clear text",
				Want: "an encrypted value, and one that has never been written down in clear", Fix: setSecret(key),
			})
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) && !isPrivateKey(text) {
			c.report(Problem{
				Key: key, Found: "with a line break or another control character", Want: "one line of text", Fix: setSecret(key),
			})
		}
	}
	master, random := c.text("masterSecret"), "openssl rand -base64 32 | "+setSecret("masterSecret")
	switch {
	case master == "" && c.raw.Deployed:
		c.report(lost(c.raw, random))
	case master == "":
		c.report(Problem{
			Key: "masterSecret", Found: "missing",
			Want: "the one secret from which passwords are derived; keep a copy of it. A wiki that was made before needs the one it had",
			Fix:  random,
		})
	case len(master) < minSecretLength:
		c.report(Problem{
			Key: "masterSecret", Found: fmt.Sprintf("%d characters long", len(master)),
			Want: fmt.Sprintf("at least %d characters", minSecretLength), Fix: random,
		})
	}
	if length := len(c.text("adminPassword")); length > 0 && length < minAdminPasswordLength {
		c.report(Problem{
			Key: "adminPassword", Found: fmt.Sprintf("%d characters long", length),
			Want: fmt.Sprintf("at least %d characters, which MediaWiki asks of administrators", minAdminPasswordLength),
			Fix:  setSecret("adminPassword"),
		})
	}
}

func (c *checker) cluster() {
	if c.text("context") == "" {
		c.add("context", "the name of a context in the kubeconfig", set("context", "microk8s"))
	}
	name := namespace(c.values, c.raw)
	if len(validation.IsDNS1123Label(name)) > 0 {
		c.report(Problem{
			Key: "namespace", Found: strconv.Quote(name),
			Want: "at most 63 lower-case letters, digits and hyphens, a letter or digit at both ends",
			Fix:  set("namespace", "wiki"),
		})
	}
	if c.flag("createNamespace") && (name == "default" || strings.HasPrefix(name, "kube-")) {
		c.report(Problem{
			Key: "namespace", Found: strconv.Quote(name) + ", which belongs to Kubernetes",
			Want: "a namespace that may be deleted with the stack, or createNamespace false", Fix: set("createNamespace", "false"),
		})
	}
}

func (c *checker) timeouts() {
	for _, key := range []string{"timeouts.create", "timeouts.update", "timeouts.delete"} {
		if d, err := time.ParseDuration(c.text(key)); err != nil || d < time.Second {
			c.add(key, "a duration of a second or more, such as 90s, 30m or 1h", set(key, "30m"))
		}
	}
}
