package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
)

// checker collects problems of values that have the right type but cannot work.
type checker struct {
	cfg      *Config
	values   values
	schema   Schema
	raw      *Raw
	changed  []string // keys whose values are not the defaults
	problems []Problem
}

func check(cfg *Config, v values, schema Schema, raw *Raw) []Problem {
	c := &checker{cfg: cfg, values: v, schema: schema, raw: raw, changed: schema.changed(v)}
	c.secrets()
	c.cluster()
	c.sizes()
	c.images()
	c.service()
	c.hosts()
	c.ingress()
	c.monitoring()
	c.wiki()
	c.pictures()
	c.packages()
	c.uploads()
	c.mail()
	c.backups()
	c.database()
	c.timeouts()
	c.idle()
	return c.problems
}

func (c *checker) report(problem Problem) { c.problems = append(c.problems, problem) }

// add reports the value of a key.
func (c *checker) add(key, want, fix string) {
	c.report(Problem{Key: key, Found: strconv.Quote(fmt.Sprint(c.values[key])), Want: want, Fix: fix})
}

// addSecret reports a secret. Its value is never printed.
func (c *checker) addSecret(key, found, want string) {
	c.report(Problem{Key: key, Found: found, Want: want, Fix: setSecret(key)})
}

// addItem reports an item of a list.
func (c *checker) addItem(key string, i int, item, want, instead string) {
	path := fmt.Sprintf("'%s[%d]'", key, i)
	fix := remove(path)
	if instead != "" {
		fix = set(path, instead)
	}
	c.report(Problem{Key: strings.Trim(path, "'"), Found: strconv.Quote(item), Want: want, Fix: fix})
}

// reset returns the command that sets a key to its default.
func (c *checker) reset(key string) string { return set(key, c.schema[key].example()) }

// idle reports keys that are set but have no effect with this mode of the database.
func (c *checker) idle() {
	mode := c.cfg.Database.Mode
	if !slices.Contains(choices.DatabaseModes, mode) {
		return
	}
	why := "with database.mode " + mode
	if mode == choices.DatabaseSidecar {
		why += ", which installs no wiki"
	}
	for _, d := range Declared() {
		if !d.hasEffect(mode) {
			c.withoutEffect(why, d.Key)
		}
	}
}

// withoutEffect reports those of the keys, or of the keys below them, that are set.
func (c *checker) withoutEffect(why string, keys ...string) {
	for _, changed := range c.changed {
		if slices.ContainsFunc(keys, func(key string) bool { return changed == key || strings.HasPrefix(changed, key+".") }) {
			c.report(Problem{Key: changed, Found: "set, but has no effect " + why, Want: "no value", Fix: remove(changed)})
		}
	}
}

// choice checks a key that has a fixed set of values.
func (c *checker) choice(key, value string, choices []string) {
	if !slices.Contains(choices, value) {
		c.add(key, "one of "+strings.Join(choices, ", "), set(key, choices[0]))
	}
}

// host checks the name or IPv4 address of a server. A scheme or a port would be read as a part of the name.
func (c *checker) host(key, host, example string) {
	if len(validation.IsDNS1123Subdomain(host)) > 0 {
		c.add(key, "the name or IPv4 address of a server, without a scheme or a port", set(key, example))
	}
}

func (c *checker) port(key string, port int) {
	if port < 1 || port > 65535 {
		c.add(key, "a port from 1 to 65535", c.reset(key))
	}
}

// volume checks the keys KEY.size and KEY.storageClass.
func (c *checker) volume(key string, v Volume) {
	size, class := key+".size", key+".storageClass"
	if quantity, err := resource.ParseQuantity(v.Size); err != nil || quantity.Sign() <= 0 {
		c.add(size, "a quantity such as 500Mi or 8Gi", c.reset(size))
	}
	if v.StorageClass != "" && len(validation.IsDNS1123Subdomain(v.StorageClass)) > 0 {
		c.add(class, "the name of a storage class (kubectl get storageclass)", remove(class))
	}
}

// normalize writes the size as the API server does (2Gi for 2048Mi), so that a preview shows no difference where there is none.
func (v *Volume) normalize() {
	if quantity, err := resource.ParseQuantity(v.Size); err == nil {
		v.Size = quantity.String()
	}
}

func (c *checker) cluster() {
	if c.cfg.Context == "" {
		c.add("context", "the name of a context in the kubeconfig", c.reset("context"))
	}
	name := c.cfg.Namespace
	if len(validation.IsDNS1123Label(name)) > 0 {
		c.report(Problem{
			Key: "namespace", Found: strconv.Quote(name),
			Want: "at most 63 lower-case letters, digits and hyphens, with a letter or digit at both ends",
			Fix:  set("namespace", "wiki"),
		})
	}
	if c.cfg.CreateNamespace && (name == "default" || strings.HasPrefix(name, "kube-")) {
		c.report(Problem{
			Key: "namespace", Found: strconv.Quote(name) + ", which belongs to Kubernetes",
			Want: "a namespace that may be deleted with the stack, or createNamespace false", Fix: set("createNamespace", "false"),
		})
	}
}

func (c *checker) timeouts() {
	t := c.cfg.Timeouts
	for key, value := range map[string]string{"timeouts.create": t.Create, "timeouts.update": t.Update, "timeouts.delete": t.Delete} {
		if d, err := time.ParseDuration(value); err != nil || d < time.Second {
			c.add(key, "a duration of at least a second, such as 90s, 30m or 1h", c.reset(key))
		}
	}
}
