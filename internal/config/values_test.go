package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

func TestInvalidValuesAreRefused(t *testing.T) {
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
		"logo of a private folder":    {"logo", "/srv/private/logo.svg"},
		"logo outside of the project": {"logo", "../logo.svg"},
		"icon without TLS":            {"icon", "http://example.org/icon.png"},
		"favicon that is a folder":    {"favicon", "."},
		"logo that is a program":      {"logo", "values_test.go"},
		"robots by their names":       {"robots", "Googlebot"},
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

func TestFixOfAProxyNamesTheWholeRange(t *testing.T) {
	_, err := load(t, map[string]string{"trustedProxies": `["192.0.2.1","10.1.2.3/16"]`})
	require.ErrorContains(t, err, "pulumi config set --path 'trustedProxies[1]' 10.1.0.0/16")
}

func TestFixOfTooManyDatabasesIsTheNearestNumber(t *testing.T) {
	for value, nearest := range map[string]string{"0": "1", "3": "2"} {
		_, err := load(t, map[string]string{"database": `{"replicas":` + value + `}`})
		require.ErrorContains(t, err, "pulumi config set --path database.replicas "+nearest)
	}
}

func TestImagesCanBePinnedByDigest(t *testing.T) {
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, image := range []string{"mediawiki", "mariadb", "restic", "varnish", "memcached"} {
		for _, name := range []string{"r.example.org/it:1.43.9@" + digest, "it@" + digest} {
			_, err := load(t, map[string]string{"images": `{"` + image + `":"` + name + `"}`})
			require.NoError(t, err)
		}
	}
}

func TestElementsBeforeOneThatIsSetHaveTheirDefaults(t *testing.T) {
	load := func(extensions string) (*config.Config, error) {
		return config.Load(projectFile(t, "Pulumi.yaml"), raw(map[string]string{
			"masterSecret": "0123456789abcdef", "extensions": extensions,
		}))
	}
	cfg, err := load(`[null,null,null,"VisualEditor"]`)
	require.NoError(t, err)
	assert.Equal(t, []string{"Cite", "ParserFunctions", "WikiEditor", "VisualEditor"}, cfg.Wiki.Extensions)
	_, err = load(`["Cite",null,null,null,"VisualEditor"]`)
	require.ErrorContains(t, err, "extensions[3]")
}
