package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/util/validation"

	"mediawiki-stack/components"
)

// minSecretLength is the shortest master secret accepted, in bytes: 16 random bytes are what its derived passwords are worth.
const minSecretLength = 16

// identifier is what MariaDB takes for the name of a database or a user without quoting.
// https://mariadb.com/docs/server/reference/sql-structure/sql-language-structure/identifier-names
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checker collects the problems of values that have the right type but are impossible.
type checker struct {
	values
	raw      *Raw
	problems []Problem
}

func check(v values, raw *Raw) []Problem {
	c := &checker{values: v, raw: raw}
	c.secrets()
	c.cluster()
	c.web()
	c.database()
	c.timeouts()
	return c.problems
}

func (c *checker) add(key, want, command string) {
	c.problems = append(c.problems, Problem{Key: key, Found: strconv.Quote(fmt.Sprint(c.values[key])), Want: want, Type: command})
}

func (c *checker) secrets() {
	for _, key := range []string{"masterSecret", "databasePassword"} {
		if c.text(key) != "" && !c.raw.Secret[c.raw.Project+":"+key] {
			c.problems = append(c.problems, Problem{
				Key: key, Found: "in clear text",
				Want: "an encrypted value, and one that has never been written down in clear", Type: setSecret(key),
			})
		}
	}
	master := c.text("masterSecret")
	switch {
	case master == "":
		c.problems = append(c.problems, Problem{
			Key: "masterSecret", Found: "missing",
			Want: "the one secret from which passwords are derived; keep a copy of it",
			Type: "openssl rand -base64 32 | " + setSecret("masterSecret"),
		})
	case len(master) < minSecretLength:
		c.problems = append(c.problems, Problem{
			Key: "masterSecret", Found: fmt.Sprintf("%d characters long", len(master)),
			Want: fmt.Sprintf("at least %d characters", minSecretLength),
			Type: "openssl rand -base64 32 | " + setSecret("masterSecret"),
		})
	}
}

func (c *checker) cluster() {
	if c.text("context") == "" {
		c.add("context", "the name of a context in the kubeconfig", set("context", "microk8s"))
	}
	name := namespace(c.values, c.raw)
	if len(validation.IsDNS1123Label(name)) > 0 {
		c.problems = append(c.problems, Problem{
			Key: "namespace", Found: strconv.Quote(name),
			Want: "at most 63 lower-case letters, digits and hyphens, a letter or digit at both ends",
			Type: set("namespace", "wiki"),
		})
	}
	if c.flag("createNamespace") && (name == "default" || strings.HasPrefix(name, "kube-")) {
		c.problems = append(c.problems, Problem{
			Key: "namespace", Found: strconv.Quote(name) + ", which belongs to Kubernetes",
			Want: "a namespace that may be deleted with the stack, or createNamespace false", Type: set("createNamespace", "false"),
		})
	}
}

func (c *checker) web() {
	if c.number("replicas") < 0 {
		c.add("replicas", "0 or more Pods", set("replicas", "2"))
	}
	for _, image := range []string{"mediawiki", "mariadb"} {
		key := "images." + image
		named, err := reference.ParseNormalizedNamed(c.text(key))
		if err != nil || reference.IsNameOnly(named) || strings.HasSuffix(c.text(key), ":latest") {
			c.add(key, "an image with its tag or digest (a tag that moves changes the wiki without being asked)", set(key, defaultImages[image]))
		}
	}
	kinds := []string{components.ServiceNodePort, components.ServiceLoadBalancer, components.ServiceClusterIP}
	if !slices.Contains(kinds, c.text("serviceType")) {
		c.add("serviceType", "one of "+strings.Join(kinds, ", "), set("serviceType", components.ServiceNodePort))
	}
	if port := c.number("port"); port < 1 || port > 65535 {
		c.add("port", "a port from 1 to 65535", set("port", "80"))
	}
	c.nodePort()
	if site := c.text("siteUrl"); site != "" {
		u, err := url.Parse(site)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" {
			c.add("siteUrl", "http:// or https:// and a host, without a path", set("siteUrl", "https://wiki.example.org"))
		}
	}
}

var defaultImages = map[string]string{"mediawiki": components.DefaultMediaWikiImage, "mariadb": components.DefaultMariaDBImage}

func (c *checker) nodePort() {
	port := c.number("nodePort")
	switch {
	case port == 0:
	case port < 30000 || port > 32767:
		c.add("nodePort", "a port from 30000 to 32767, or 0 to let Kubernetes choose", set("nodePort", "30080"))
	case c.text("serviceType") == components.ServiceClusterIP:
		c.add("nodePort", "0, because serviceType ClusterIP has no node port", remove("nodePort"))
	}
}

func (c *checker) database() {
	if c.text("database.mode") != components.DatabaseSidecar {
		c.add("database.mode", "sidecar", set("database.mode", components.DatabaseSidecar))
	}
	// Limits: https://mariadb.com/docs/server/reference/sql-structure/sql-language-structure/identifier-names
	limits := map[string]int{"database.name": 64, "database.user": 80}
	for _, key := range []string{"database.name", "database.user"} {
		if text := c.text(key); !identifier.MatchString(text) || len(text) > limits[key] {
			c.add(key, fmt.Sprintf("at most %d letters, digits and underscores, not a digit first", limits[key]), set(key, c.example(key)))
		}
	}
	if c.text("database.user") == "root" {
		c.add("database.user", "a user of its own, not MariaDB's administrator", set("database.user", c.example("database.user")))
	}
}

func (c *checker) example(key string) string {
	return map[string]string{"database.name": components.DefaultDatabaseName, "database.user": components.DefaultDatabaseUser}[key]
}

func (c *checker) timeouts() {
	for _, key := range []string{"timeouts.create", "timeouts.update", "timeouts.delete"} {
		if d, err := time.ParseDuration(c.text(key)); err != nil || d < time.Second {
			c.add(key, "a duration of a second or more, such as 90s, 30m or 1h", set(key, "30m"))
		}
	}
}
