package config

import (
	"slices"
	"strings"
)

// Config is a stack's configuration, checked. It has the shape of [components.MediaWikiStackArgs]: [Config.StackArgs] copies each field to
// the argument of the same name and place. Pulumi.yaml describes the keys, and the fields declare them by tags:
//
//	config:"KEY"         the key; one that begins with a dot continues the key of the enclosing group
//	config:"KEY,secret"  the same for a value that must be encrypted in the stack's file
//	modes:"MODE MODE"    the values of database.mode with which the key has an effect; without this tag, all of them
//
// The modes of a group hold for each field in it that has none of its own.
type Config struct {
	Kubeconfig string `config:"kubeconfig"` // this and the next have no argument: the program finds the cluster with them
	Context    string `config:"context"`

	Namespace       string `config:"namespace"`
	CreateNamespace bool   `config:"createNamespace"`
	KeepData        bool   `config:"keepData"`
	MasterSecret    string `config:"masterSecret,secret"`

	Profile  string `config:"profile" modes:"statefulset external"`
	Memory   int    `config:"memory" modes:"statefulset external"` // MiB; 0 is the profile's limit
	Storage  string `config:"storage" modes:"statefulset external"`
	Replicas int    `config:"replicas"`
	Image    string `config:"images.mediawiki"`

	Autoscaling Autoscaling `modes:"statefulset external"`
	Web         Web         `modes:"statefulset external"`
	Service     Service
	Cache       Cache       `modes:"statefulset external"`
	ObjectCache ObjectCache `modes:"statefulset external"`
	Database    Database
	Wiki        Wiki    `modes:"statefulset external"`
	Backups     Backups `modes:"statefulset external"`
	Timeouts    Timeouts

	SiteURL    string     `config:"siteUrl"`
	Aliases    []string   `config:"aliases" modes:"statefulset external"`
	HSTS       int        `config:"hsts" modes:"statefulset external"` // seconds; 0 sends no header
	Ingress    Ingress    `modes:"statefulset external"`
	Monitoring Monitoring `modes:"statefulset external"`
	Egress     []string   `config:"egress" modes:"statefulset external"` // see [addresses.ParseDestination]
}

// Timeouts are durations such as "30m".
type Timeouts struct {
	Create string `config:"timeouts.create"`
	Update string `config:"timeouts.update"`
	Delete string `config:"timeouts.delete"`
}

// Volume is the size and storage class of a claim. An empty class is the cluster's default.
type Volume struct {
	Size         string `config:".size"`
	StorageClass string `config:".storageClass"`
}

// Load reads raw by the schema in pulumiYAML. If the configuration has mistakes, the error is a [*Problems] with all of them.
func Load(pulumiYAML []byte, raw *Raw) (*Config, error) {
	schema, err := ParseSchema(pulumiYAML)
	if err != nil {
		return nil, err
	}
	if problem := renamed(raw); problem != nil {
		return nil, &Problems{Project: raw.Project, List: []Problem{*problem}}
	}
	values, problems := schema.read(raw)
	cfg, err := decode(values)
	if err != nil {
		return nil, err
	}
	if cfg.Namespace == "" {
		cfg.Namespace = raw.Project + "-" + raw.Stack
	}
	problems = append(problems, check(cfg, values, schema, raw)...)
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b Problem) int { return strings.Compare(a.Key, b.Key) })
		return nil, &Problems{Project: raw.Project, List: problems}
	}
	for _, volume := range []*Volume{&cfg.Database.Volume, &cfg.Wiki.Uploads.Volume, &cfg.Wiki.PackageVolume, &cfg.Backups.Volume} {
		volume.normalize()
	}
	return cfg, nil
}
