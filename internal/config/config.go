package config

import (
	"time"
)

// Config is a stack's configuration, checked. Its fields are the keys of Pulumi.yaml, which describes them.
type Config struct {
	MasterSecret     string
	DatabasePassword string

	Kubeconfig      string
	Context         string
	Namespace       string
	CreateNamespace bool

	Replicas       int
	MediaWikiImage string
	MariaDBImage   string

	ServiceType string
	Port        int
	NodePort    int // 0 lets Kubernetes choose
	SiteURL     string

	DatabaseMode string
	DatabaseName string
	DatabaseUser string

	CreateTimeout time.Duration
	UpdateTimeout time.Duration
	DeleteTimeout time.Duration
}

// Load reads raw by the schema in pulumiYAML. If the stack has mistakes the error is a [*Problems] with all of them.
func Load(pulumiYAML []byte, raw *Raw) (*Config, error) {
	schema, err := ParseSchema(pulumiYAML)
	if err != nil {
		return nil, err
	}
	values, problems := schema.read(raw)
	problems = append(problems, check(values, raw)...)
	if len(problems) > 0 {
		return nil, &Problems{Project: raw.Project, List: problems}
	}
	return fill(values, raw), nil
}

func fill(v values, raw *Raw) *Config {
	return &Config{
		MasterSecret:     v.text("masterSecret"),
		DatabasePassword: v.text("databasePassword"),
		Kubeconfig:       v.text("kubeconfig"),
		Context:          v.text("context"),
		Namespace:        namespace(v, raw),
		CreateNamespace:  v.flag("createNamespace"),
		Replicas:         v.number("replicas"),
		MediaWikiImage:   v.text("images.mediawiki"),
		MariaDBImage:     v.text("images.mariadb"),
		ServiceType:      v.text("serviceType"),
		Port:             v.number("port"),
		NodePort:         v.number("nodePort"),
		SiteURL:          v.text("siteUrl"),
		DatabaseMode:     v.text("database.mode"),
		DatabaseName:     v.text("database.name"),
		DatabaseUser:     v.text("database.user"),
		CreateTimeout:    duration(v, "timeouts.create"),
		UpdateTimeout:    duration(v, "timeouts.update"),
		DeleteTimeout:    duration(v, "timeouts.delete"),
	}
}

func namespace(v values, raw *Raw) string {
	if name := v.text("namespace"); name != "" {
		return name
	}
	return raw.Project + "-" + raw.Stack
}

// duration is zero for a text that check has refused.
func duration(v values, key string) time.Duration {
	d, err := time.ParseDuration(v.text(key))
	if err != nil {
		return 0
	}
	return d
}
