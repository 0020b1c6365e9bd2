package unit

import (
	"os"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func projectFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	require.NoError(t, err)
	return text
}

// raw is what the engine hands over for a stack with a good master secret and the given values.
func raw(values map[string]string) *config.Raw {
	r := &config.Raw{
		Project: "mediawiki", Stack: "test",
		Values: map[string]string{"mediawiki:masterSecret": canary},
		Secret: map[string]bool{"mediawiki:masterSecret": true},
	}
	for key, value := range values {
		r.Values["mediawiki:"+key] = value
	}
	return r
}

func TestDefaultsOfConfigAreThoseOfTheComponent(t *testing.T) {
	cfg, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(nil))
	require.NoError(t, err)
	volume := config.Volume{Size: components.DefaultVolumeSize}
	assert.Equal(t, &config.Config{
		MasterSecret: canary, Context: "microk8s", Namespace: "mediawiki-test", CreateNamespace: true, KeepData: true,
		Profile: components.ProfileSmall, Storage: components.StorageDurable,
		Replicas: components.DefaultReplicas, MediaWikiImage: components.DefaultMediaWikiImage,
		MariaDBImage: components.DefaultMariaDBImage, ResticImage: components.DefaultResticImage,
		VarnishImage: components.DefaultVarnishImage, MemcachedImage: components.DefaultMemcachedImage,
		Cache:       config.Cache{Enabled: true, Limits: true},
		ServiceType: components.ServiceNodePort, Port: 80, Egress: []string{}, TrustedProxies: []string{},
		Wiki: config.Wiki{
			SiteName: "Wiki", Language: "en", TimeZone: "UTC",
			Access: components.AccessReadOnly, AdminUser: "Admin",
			Skin: "vector-2022", Skins: []string{"MinervaNeue", "MonoBook", "Timeless", "Vector"}, Extensions: []string{"Cite", "ParserFunctions", "WikiEditor"},
		},
		Uploads: config.Uploads{
			Enabled: true, Types: []string{"png", "gif", "jpg", "jpeg", "webp", "pdf"}, MaxSize: 50, Volume: volume,
			AccessMode: components.ReadWriteOnce,
		},
		Backups: config.Backups{
			Enabled: true, Schedule: components.DefaultBackupSchedule, DrillSchedule: components.DefaultDrillSchedule,
			Keep: 7, Volume: volume,
		},
		Mail: config.Mail{Port: 25},
		Database: config.Database{
			Mode: components.DatabaseStatefulSet, Port: components.DefaultDatabasePort, Name: "my_wiki",
			User: "wikiuser", Volume: volume,
		},
		CreateTimeout: 30 * time.Minute, UpdateTimeout: 30 * time.Minute,
		DeleteTimeout: 10 * time.Minute,
	}, cfg)
}

func TestEveryKeyCanBeSet(t *testing.T) {
	r := raw(map[string]string{
		"profile": "pi-4g", "memory": "4000", "storage": "gentle", "web": `{"workers":3,"requestMemory":100,"opcache":80,"apcu":10}`,
		"replicas": "3", "port": "8080", "nodePort": "30080", "serviceType": "LoadBalancer", "namespace": "team",
		"createNamespace": "false", "keepData": "false", "kubeconfig": "/etc/k", "context": "pi",
		"siteUrl": "https://wiki.example.org", "egress": `["0.0.0.0/0:443"]`,
		"trustedProxies": `["10.1.0.0/16","2001:db8::1"]`,
		"images": `{"mediawiki":"mediawiki:1.46.0","mariadb":"mariadb:11.4.12","restic":"restic/restic:0.17.3","varnish":"varnish:7.6.1",` +
			`"memcached":"memcached:1.6.38"}`,
		"objectCache": `{"size":99}`,
		"cache":       `{"enabled":true,"replicas":1,"size":32,"limits":false}`,
		"siteName":    "Team", "language": "de", "timezone": "Europe/Berlin", "access": "public", "adminUser": "Chief",
		"skin": "timeless", "skins": `["Timeless"]`, "extensions": `["Cite"]`, "extraSettings": "$wgA = 1;",
		"uploads": `{"enabled":false,"types":["svg"],"maxSize":8,` +
			`"size":"2048Mi","storageClass":"nfs","accessMode":"ReadWriteMany"}`,
		"backups": `{"enabled":false,"schedule":"@weekly","drillSchedule":"@monthly","keep":2,"size":"16Gi","storageClass":"nfs",` +
			`"restoreFrom":"latest","remote":"s3:https://s3.example.org/wiki","remoteKey":"AKIA"}`,
		"mail":             `{"host":"mail.example.org","port":587,"from":"wiki@example.org","user":"wiki"}`,
		"database":         `{"mode":"external","host":"db.example.org","port":3307,"name":"w","user":"u","migrationUser":"m"}`,
		"timeouts":         `{"create":"1h","update":"2h","delete":"90s"}`,
		"databasePassword": "p4ssword", "migrationPassword": "m1gration", "adminPassword": "4dministrator", "mailPassword": "m4il",
		"backupsPassword": "b4ckups", "remoteSecret": "r3mote",
	})
	for _, key := range []string{
		"databasePassword", "migrationPassword", "adminPassword", "mailPassword", "backupsPassword", "remoteSecret",
	} {
		r.Secret["mediawiki:"+key] = true
	}
	cfg, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
	require.NoError(t, err)
	assert.Equal(t, &config.Config{
		MasterSecret: canary, DatabasePassword: "p4ssword", MigrationPassword: "m1gration",
		AdminPassword: "4dministrator", MailPassword: "m4il", BackupsPassword: "b4ckups", RemoteSecret: "r3mote",
		Kubeconfig: "/etc/k", Context: "pi", Namespace: "team",
		Profile: "pi-4g", Memory: 4000, Storage: "gentle", Web: config.Web{Workers: 3, RequestMemory: 100, Opcache: 80, APCu: 10},
		Replicas: 3, MediaWikiImage: "mediawiki:1.46.0", MariaDBImage: "mariadb:11.4.12", ResticImage: "restic/restic:0.17.3",
		VarnishImage: "varnish:7.6.1", MemcachedImage: "memcached:1.6.38",
		Cache: config.Cache{Enabled: true, Replicas: 1, Size: 32}, ObjectCache: 99,
		ServiceType: "LoadBalancer", Port: 8080, NodePort: 30080, SiteURL: "https://wiki.example.org", Egress: []string{"0.0.0.0/0:443"},
		TrustedProxies: []string{"10.1.0.0/16", "2001:db8::1"},
		Wiki: config.Wiki{
			SiteName: "Team", Language: "de", TimeZone: "Europe/Berlin", Access: "public", AdminUser: "Chief",
			Skin: "timeless", Skins: []string{"Timeless"}, Extensions: []string{"Cite"}, ExtraSettings: "$wgA = 1;",
		},
		Uploads: config.Uploads{
			Types: []string{"svg"}, MaxSize: 8, Volume: config.Volume{Size: "2Gi", StorageClass: "nfs"}, AccessMode: "ReadWriteMany",
		},
		Backups: config.Backups{
			Schedule: "@weekly", DrillSchedule: "@monthly", Keep: 2, Volume: config.Volume{Size: "16Gi", StorageClass: "nfs"},
			Remote: "s3:https://s3.example.org/wiki", RemoteKey: "AKIA", RestoreFrom: "latest",
		},
		Mail: config.Mail{Host: "mail.example.org", Port: 587, From: "wiki@example.org", User: "wiki"},
		Database: config.Database{
			Mode: "external", Host: "db.example.org", Port: 3307, Name: "w", User: "u", MigrationUser: "m",
			Volume: config.Volume{Size: components.DefaultVolumeSize},
		},
		CreateTimeout: time.Hour, UpdateTimeout: 2 * time.Hour, DeleteTimeout: 90 * time.Second,
	}, cfg)
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(map[string]string{
		"replcas": "2", "replicas": "two", "port": "0", "database": `{"mode":"cloud","nam":"x"}`,
	}))
	var problems *config.Problems
	require.ErrorAs(t, err, &problems)
	assert.Len(t, problems.List, 5)
	for _, text := range []string{
		"mediawiki:replcas is not a key", "perhaps replicas", "pulumi config rm replcas",
		`mediawiki:replicas is "two"`, "a value of type integer", "pulumi config set replicas 2",
		`mediawiki:port is "0"`, "pulumi config set port 80",
		`mediawiki:database.mode is "cloud"`, "pulumi config set --path database.mode statefulset",
		"mediawiki:database.nam is not a key", "perhaps database.name",
	} {
		assert.ErrorContains(t, err, text)
	}
}

func TestDottedKeySetWithoutPathIsRefused(t *testing.T) {
	for range 50 { // the engine hands over both in a map
		_, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(map[string]string{
			"images": `{"mediawiki":"mediawiki:1.43.9"}`, "images.mediawiki": "mediawiki:1.43.8",
		}))
		require.ErrorContains(t, err, "mediawiki:images.mediawiki is set without --path")
		require.ErrorContains(t, err, "pulumi config rm images.mediawiki && pulumi config set --path images.mediawiki")
	}
}

func TestMissingSecretSaysWhatToType(t *testing.T) {
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), &config.Raw{Project: "mediawiki", Stack: "rpi"})
	require.ErrorContains(t, err, "mediawiki:masterSecret is missing")
	assert.ErrorContains(t, err, "pulumi config set --secret masterSecret")
}

func TestSecretThatIsLostIsNotMadeAgain(t *testing.T) {
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), &config.Raw{Project: "mediawiki", Stack: "rpi", Deployed: true})
	require.ErrorContains(t, err, "mediawiki:masterSecret is missing, though this stack has a wiki")
	assert.ErrorContains(t, err, "fix:  git checkout Pulumi.rpi.yaml")
}

func TestKeysOfTheProjectsFormerNameAreNotIgnored(t *testing.T) {
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), &config.Raw{
		Project: "wiki", Stack: "rpi", Values: map[string]string{"mediawiki:masterSecret": canary, "mediawiki:replicas": "3"},
	})
	var problems *config.Problems
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems.List, 1)
	for _, text := range []string{
		`the keys in Pulumi.rpi.yaml begin with "mediawiki:"`, "sed -i 's/^name: .*/name: mediawiki/' Pulumi.yaml",
		"pulumi config set namespace mediawiki-rpi",
	} {
		require.ErrorContains(t, err, text)
	}
	assert.NotContains(t, err.Error(), "openssl", "a new secret is not the remedy")
}

func TestSecretInClearIsRefusedAndNotRepeated(t *testing.T) {
	r := raw(map[string]string{"databasePassword": "hunter2hunter2"})
	r.Secret = nil
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
	require.ErrorContains(t, err, "mediawiki:masterSecret is in clear text")
	require.ErrorContains(t, err, "mediawiki:databasePassword is in clear text")
	assert.NotContains(t, err.Error(), canary)
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestImpossibleValuesAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ key, value string }{
		"negative replicas":           {"replicas", "-1"},
		"a million replicas":          {"replicas", "1000000"},
		"port out of range":           {"port", "65536"},
		"node port out of range":      {"nodePort", "80"},
		"unknown service type":        {"serviceType", "nodeport"},
		"boolean that is none":        {"createNamespace", "maybe"},
		"namespace with capitals":     {"namespace", "Wiki"},
		"Kubernetes' own namespace":   {"namespace", "kube-system"},
		"empty context":               {"context", ""},
		"site with a path":            {"siteUrl", "https://example.org/wiki"},
		"site without a scheme":       {"siteUrl", "wiki.example.org"},
		"site with a query":           {"siteUrl", "https://h?x"},
		"site with a fragment":        {"siteUrl", "https://h#x"},
		"site with a user":            {"siteUrl", "https://u:p@h"},
		"site at port 99999":          {"siteUrl", "https://h:99999"},
		"site at port 0":              {"siteUrl", "https://h:0"},
		"site with two slashes":       {"siteUrl", "https://h//"},
		"site with an empty port":     {"siteUrl", "https://h:"},
		"site of every host":          {"siteUrl", "https://*"},
		"site of two hosts":           {"siteUrl", "https://a,b"},
		"site with a quote":           {"siteUrl", "https://h'x"},
		"site with a space":           {"siteUrl", "https://h x"},
		"site with an umlaut":         {"siteUrl", "https://wiki.müller.example"},
		"site of half an address":     {"siteUrl", "http://192.168.1"},
		"site without a host":         {"siteUrl", "https://:443"},
		"proxy by its name":           {"trustedProxies", `["proxy.example.org"]`},
		"proxies everywhere":          {"trustedProxies", `["0.0.0.0/0"]`},
		"proxy beyond its range":      {"trustedProxies", `["10.1.2.3/16"]`},
		"proxies that are a text":     {"trustedProxies", "10.1.0.0/16"},
		"image without a tag":         {"images", `{"mediawiki":"mediawiki"}`},
		"image with too old a PHP":    {"images", `{"mediawiki":"mediawiki:1.38.6"}`},
		"image with the tag latest":   {"images", `{"mariadb":"mariadb:latest"}`},
		"image that is no reference":  {"images", `{"mariadb":"Maria DB:1"}`},
		"database name to be quoted":  {"database", `{"name":"my-wiki"}`},
		"database user root":          {"database", `{"user":"root"}`},
		"database user empty":         {"database", `{"user":""}`},
		"unknown database mode":       {"database", `{"mode":"cloud"}`},
		"timeout without a unit":      {"timeouts", `{"create":"30"}`},
		"timeout of nothing":          {"timeouts", `{"delete":"0s"}`},
		"object where a text belongs": {"images", "mediawiki:1.43.9"},
		"site without a name":         {"siteName", " "},
		"site with a name of lines":   {"siteName", "Soup\nkitchen"},
		"language with capitals":      {"language", "EN"},
		"unknown time zone":           {"timezone", "Mars/Olympus"},
		"unknown access":              {"access", "secret"},
		"administrator in lower case": {"adminUser", "admin"},
		"administrator with a sign":   {"adminUser", "A|B"},
		"extension with a path":       {"extensions", `["../Cite"]`},
		"extension twice":             {"extensions", `["Cite","Cite"]`},
		"extensions that are a text":  {"extensions", "Cite"},
		"no skin":                     {"skins", `[]`},
		"no default skin":             {"skin", ""},
		"file ending with a dot":      {"uploads", `{"types":[".png"]}`},
		"largest file of nothing":     {"uploads", `{"maxSize":0}`},
		"size without a number":       {"uploads", `{"size":"big"}`},
		"backups of no size":          {"backups", `{"size":"0"}`},
		"no backup that is kept":      {"backups", `{"keep":0}`},
		"a schedule of four fields":   {"backups", `{"schedule":"0 3 * *"}`},
		"a drill of four fields":      {"backups", `{"drillSchedule":"0 3 * *"}`},
		"a schedule at hour 25":       {"backups", `{"schedule":"0 25 * * *"}`},
		"a schedule in a time zone":   {"backups", `{"schedule":"CRON_TZ=UTC 0 3 * * *"}`},
		"a drill in a time zone":      {"backups", `{"drillSchedule":"TZ=Europe/Berlin 0 3 * * *"}`},
		"a schedule on 31 February":   {"backups", `{"schedule":"0 3 31 2 *"}`},
		"a restore from yesterday":    {"backups", `{"restoreFrom":"yesterday"}`},
		"copies on a disk":            {"backups", `{"remote":"/mnt/backups"}`},
		"copies in clear over FTP":    {"backups", `{"remote":"ftp://wiki@example.org/backups"}`},
		"S3 without a bucket":         {"backups", `{"remote":"s3:https://s3.example.org"}`},
		"S3 with a password":          {"backups", `{"remote":"s3:https://me:hunter2@s3.example.org/wiki"}`},
		"SFTP without a user":         {"backups", `{"remote":"sftp://example.org/backups"}`},
		"SFTP at port 70000":          {"backups", `{"remote":"sftp://wiki@example.org:70000/backups"}`},
		"an access key of nothing":    {"backups", `{"remoteKey":"AKIA"}`},
		"restic without a tag":        {"images", `{"restic":"restic/restic"}`},
		"size of nothing":             {"database", `{"size":"0"}`},
		"storage class with spaces":   {"database", `{"storageClass":"my disk"}`},
		"unknown access mode":         {"uploads", `{"accessMode":"RWO"}`},
		"mail from nobody":            {"mail", `{"host":"mail.example.org"}`},
		"mail port out of range":      {"mail", `{"port":0}`},
		"mail host with a scheme":     {"mail", `{"host":"tls://mail.example.org","from":"wiki@example.org"}`},
		"mail host with a port":       {"mail", `{"host":"mail.example.org:25","from":"wiki@example.org"}`},
		"mail from a name":            {"mail", `{"host":"mail.example.org","from":"Wiki <wiki@example.org>"}`},
		"egress to a name":            {"egress", `["0.0.0.0/0:443","commons.wikimedia.org:443"]`},
		"one account for two":         {"database", `{"user":"wikimigration"}`},
		"host without effect":         {"database", `{"host":"db.example.org"}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := raw(map[string]string{c.key: c.value})
			_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
			var problems *config.Problems
			require.ErrorAs(t, err, &problems)
			require.Len(t, problems.List, 1, err)
			adviceIsAccepted(t, r)
			assert.Contains(t, problems.List[0].Key, c.key)
			assert.NotEmpty(t, problems.List[0].Want)
			assert.Contains(t, problems.List[0].Fix, "pulumi config")
		})
	}
}

func TestImagesCanBePinnedByDigest(t *testing.T) {
	for _, image := range []string{"mediawiki", "mariadb", "restic", "varnish", "memcached"} {
		for _, name := range []string{"r.example.org/it:1.43.9@sha256:" + digest, "it@sha256:" + digest} {
			cfg, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(map[string]string{"images": `{"` + image + `":"` + name + `"}`}))
			require.NoError(t, err)
			assert.Contains(t, []string{
				cfg.MediaWikiImage, cfg.MariaDBImage, cfg.ResticImage, cfg.VarnishImage, cfg.MemcachedImage,
			}, name)
		}
	}
	pinned := pulumi.String("varnish:9.0.3@sha256:" + digest)
	promise(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Cache.Image = pinned }), func(t *testing.T, r *recorder) {
		assert.Equal(t, string(pinned), at(t, container(t, r, serverToken, "mediawiki-cache"), "image"), "as it was written")
	})
}
