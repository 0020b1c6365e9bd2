package config

import (
	"time"
)

// Config is a stack's configuration, checked. Its fields are the keys of Pulumi.yaml, which describes them.
type Config struct {
	MasterSecret      string
	DatabasePassword  string
	MigrationPassword string
	AdminPassword     string
	MailPassword      string
	BackupsPassword   string
	RemoteSecret      string

	Kubeconfig      string
	Context         string
	Namespace       string
	CreateNamespace bool
	KeepData        bool

	Profile string
	Memory  int // MiB; 0 is the profile's
	Storage string

	Replicas       int
	Web            Web
	MediaWikiImage string
	MariaDBImage   string
	ResticImage    string
	VarnishImage   string
	MemcachedImage string

	ServiceType string
	Port        int
	NodePort    int // 0 lets Kubernetes choose
	SiteURL     string
	Egress      []string // destinations, see [components.ParseDestination]

	TrustedProxies []string // addresses, or ranges of addresses

	Wiki        Wiki
	Cache       Cache
	ObjectCache int // MiB; 0 is the profile's number
	Uploads     Uploads
	Backups     Backups
	Mail        Mail
	Database    Database

	CreateTimeout time.Duration
	UpdateTimeout time.Duration
	DeleteTimeout time.Duration
}

// Wiki is what readers and editors see.
type Wiki struct {
	SiteName, Language, TimeZone string
	Access                       string
	AdminUser                    string
	Skin                         string
	Skins, Extensions            []string
	ExtraSettings                string
}

// Web is how much of the machine each web Pod takes; 0 is the profile's number.
type Web struct {
	Workers                      int
	RequestMemory, Opcache, APCu int // MiB
}

// Cache is what answers readers without a session.
type Cache struct {
	Enabled  bool
	Replicas int // 0 is the profile's number
	Size     int // MiB; 0 is the profile's number
	Limits   bool
}

// Uploads is what users may upload, and where it is kept.
type Uploads struct {
	Enabled    bool
	Types      []string
	MaxSize    int // MiB
	Volume     Volume
	AccessMode string
}

// Backups is what is kept against loss.
type Backups struct {
	Enabled                 bool
	Schedule, DrillSchedule string // as cron has them
	Keep                    int
	Volume                  Volume

	Remote, RemoteKey, KnownHosts string // an empty Remote keeps no copies
	RestoreFrom                   string
}

// Volume is a claim's size and storage class; an empty class is the cluster's default.
type Volume struct{ Size, StorageClass string }

// Mail is the server that takes the wiki's mail; without a host there is none.
type Mail struct {
	Host       string
	Port       int
	From, User string
}

// Database is where the wiki's pages are kept.
type Database struct {
	Mode          string
	Host          string
	Port          int
	Name          string
	User          string
	MigrationUser string // empty is the component's default
	Volume        Volume
	BufferPool    int // MiB; 0 is the profile's number
	Connections   int // 0 is the component's default
}

// Load reads raw by the schema in pulumiYAML. If the stack has mistakes the error is a [*Problems] with all of them.
func Load(pulumiYAML []byte, raw *Raw) (*Config, error) {
	schema, err := ParseSchema(pulumiYAML)
	if err != nil {
		return nil, err
	}
	if problem := renamed(raw); problem != nil {
		return nil, &Problems{Project: raw.Project, List: []Problem{*problem}}
	}
	values, problems := schema.read(raw)
	problems = append(problems, check(values, raw, schema.changed(values))...)
	if len(problems) > 0 {
		return nil, &Problems{Project: raw.Project, List: problems}
	}
	return fill(values, raw), nil
}
