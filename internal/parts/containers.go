package parts

// Image is an image that Pods of a wiki run.
type Image struct {
	Product string // such as "MediaWiki"
	Key     string // its setting, such as "images.mediawiki"
	Default string // that setting's default
}

// The images.
var (
	MediaWikiImage = Image{Product: "MediaWiki", Key: "images.mediawiki", Default: "mediawiki:1.43.9"}
	MariaDBImage   = Image{Product: "MariaDB", Key: "images.mariadb", Default: "mariadb:11.8.8"}
	VarnishImage   = Image{Product: "Varnish", Key: "images.varnish", Default: "varnish:9.0.3"}
	MemcachedImage = Image{Product: "memcached", Key: "images.memcached", Default: "memcached:1.6.45"}
	ResticImage    = Image{Product: "restic", Key: "images.restic", Default: "restic/restic:0.19.1"}
)

// Container is a container of a part's Pods.
type Container struct {
	Name  string
	Image Image
	Runs  Condition
}

// Condition says when a container runs.
type Condition int

// The conditions. Except for InRecipe, they hold for a wiki that is not the recipe.
const (
	Always         Condition = iota
	First                    // until it ends, before the others start
	Elsewhere                // in Pods of its own that need no more than the part's other Pods, and run at other times
	WithDatabase             // if the wiki has a MariaDB of its own
	WithReplica              // if it has two of them
	WithCache                // if anonymous readers get cached pages
	WithRemote               // if backups are copied elsewhere
	WithMonitoring           // if anonymous readers get cached pages, and the wiki is monitored
	InRecipe                 // only in the recipe
)

// containers are the containers of each part's Pods. The sizes of each are in the package sizes.
var containers = map[Part][]Container{
	Database:    {{"mariadb", MariaDBImage, WithDatabase}, {"replication", MariaDBImage, WithReplica}},
	Database2:   {{"mariadb", MariaDBImage, WithReplica}, {"replication", MariaDBImage, WithReplica}},
	ObjectCache: {{"memcached", MemcachedImage, Always}},
	Migration:   append([]Container{{"migration", MediaWikiImage, Always}, {"packages", MediaWikiImage, First}}, sidecars...),
	Web: {
		{"mediawiki", MediaWikiImage, Always},
		{"wait", MediaWikiImage, First},
		{"files", MediaWikiImage, WithCache},
		{"mediawiki-container", MediaWikiImage, InRecipe},
		{"mariadb-container", MariaDBImage, InRecipe},
	},
	Cache: {
		{"varnish", VarnishImage, WithCache},
		{"check", VarnishImage, First},
		{"metrics", VarnishImage, WithMonitoring},
	},
	Jobs:    {{"jobs", MediaWikiImage, Always}, {"wait", MediaWikiImage, First}},
	Backups: append([]Container{{"backup", MediaWikiImage, Always}, {"drill", MediaWikiImage, Elsewhere}}, sidecars...),
}

var sidecars = []Container{{"tools", MariaDBImage, Always}, {"remote", ResticImage, WithRemote}}

// Containers returns the containers of the part's Pods.
func (p Part) Containers() []Container { return containers[p] }

// RunsOnce reports whether the part's Pods end by themselves, as those of Jobs do.
func (p Part) RunsOnce() bool { return p == Migration || p == Backups }
