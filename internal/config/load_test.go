package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates/selfsigned"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
)

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(map[string]string{
		"replcas": "2", "replicas": "two", "port": "0", "database": `{"mode":"cloud","nam":"x"}`,
	}))
	var problems *config.Problems
	require.ErrorAs(t, err, &problems)
	assert.Len(t, problems.List, 5)
	for _, text := range []string{
		"mediawiki:replcas is not a key", "perhaps replicas", "pulumi config rm replcas && pulumi config set replicas 2",
		`mediawiki:replicas is "two"`, "a value of type integer", "pulumi config set replicas 2",
		`mediawiki:port is "0"`, "pulumi config set port 80",
		`mediawiki:database.mode is "cloud"`, "pulumi config set --path database.mode statefulset",
		"mediawiki:database.nam is not a key", "perhaps database.name",
	} {
		assert.ErrorContains(t, err, text)
	}
}

func TestAMisspeltKeysSecretValueIsNotPrinted(t *testing.T) {
	for _, r := range []*config.Raw{
		raw(map[string]string{"masterSecrt": "c4nary"}),
		{
			Project: "mediawiki", Stack: "rpi", Values: map[string]string{"mediawiki:siteNam": "c4nary"},
			Secret: map[string]bool{"mediawiki:siteNam": true},
		},
	} {
		_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
		require.ErrorContains(t, err, "&& pulumi config set --secret ")
		assert.NotContains(t, err.Error(), "c4nary")
	}
}

func TestDottedKeySetWithoutPathIsRefused(t *testing.T) {
	for range 50 { // the engine hands over both in a map
		_, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(map[string]string{
			"images": `{"mediawiki":"mediawiki:1.43.9"}`, "images.mediawiki": "mediawiki:1.43.8",
		}))
		require.ErrorContains(t, err, "mediawiki:images.mediawiki is set without --path")
		require.ErrorContains(t, err, "pulumi config rm images.mediawiki && pulumi config set --path images.mediawiki mediawiki:1.43.8")
	}
}

func TestMissingSecretIsReportedWithTheCommandThatSetsIt(t *testing.T) {
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), &config.Raw{Project: "mediawiki", Stack: "rpi"})
	require.ErrorContains(t, err, "mediawiki:masterSecret is missing")
	assert.ErrorContains(t, err, "pulumi config set --secret masterSecret")
}

func TestLostSecretIsNotCreatedAgain(t *testing.T) {
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), &config.Raw{Project: "mediawiki", Stack: "rpi", Deployed: true})
	require.ErrorContains(t, err, "mediawiki:masterSecret is missing, but this stack has a wiki")
	assert.ErrorContains(t, err, "fix:  git checkout Pulumi.rpi.yaml")
}

func TestKeysOfTheProjectsFormerNameAreNotIgnored(t *testing.T) {
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), &config.Raw{
		Project: "wiki", Stack: "rpi", Values: map[string]string{"mediawiki:masterSecret": masterSecret, "mediawiki:replicas": "3"},
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

func TestPlainTextSecretIsRefusedAndNotPrinted(t *testing.T) {
	r := raw(map[string]string{"databasePassword": "hunter2hunter2"})
	r.Secret = nil
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
	require.ErrorContains(t, err, "mediawiki:masterSecret is in clear text")
	require.ErrorContains(t, err, "mediawiki:databasePassword is in clear text")
	assert.NotContains(t, err.Error(), masterSecret)
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestEveryKeyCanBeSet(t *testing.T) {
	authority, _ := selfsigned.Issue(t, time.Now().Add(time.Hour))
	r := raw(map[string]string{
		"profile": "pi-4g", "memory": "4000", "storage": "gentle", "web": `{"workers":3,"requestMemory":100,"opcache":80,"apcu":10}`,
		"autoscaling": `{"min":2,"max":4,"cpu":800}`,
		"replicas":    "3", "port": "8080", "nodePort": "30080", "serviceType": "LoadBalancer", "namespace": "team",
		"createNamespace": "false", "keepData": "false", "kubeconfig": "/etc/k", "context": "pi",
		"siteUrl": "https://wiki.example.org", "egress": `["0.0.0.0/0:443"]`, "trustedProxies": `["10.1.0.0/16","2001:db8::1"]`,
		"images": `{"mediawiki":"mediawiki:1.46.0","mariadb":"mariadb:11.4.12","restic":"restic/restic:0.17.3",` +
			`"varnish":"varnish:7.6.1","memcached":"memcached:1.6.38"}`,
		"objectCache": `{"size":99}`, "cache": `{"enabled":true,"replicas":1,"size":32,"limits":false}`,
		"siteName": "Team", "language": "de", "timezone": "Europe/Berlin", "access": "public", "adminUser": "Chief",
		"skin": "timeless", "skins": `["Timeless"]`, "extensions": `["Cite","Soup"]`, "extraSettings": "$wgA = 1;",
		"packages":           `[{"name":"Soup","image":"example.org/soup:1","path":"Soup"}]`,
		"packageAuthorities": authority,
		"packageVolume":      `{"size":"4096Mi","storageClass":"nfs"}`,
		"logo":               "/images/a/ab/Logo.svg", "icon": "https://example.org/icon.png", "favicon": "/resources/assets/mediawiki.png",
		"robots": "none", "sitemap": "false",
		"uploads": `{"enabled":false,"types":["svg"],"maxSize":8,"size":"2048Mi","storageClass":"nfs","accessMode":"ReadWriteMany"}`,
		"backups": `{"enabled":false,"schedule":"@weekly","drillSchedule":"@monthly","keep":2,"size":"16Gi","storageClass":"nfs",` +
			`"restoreFrom":"latest","remote":"s3:https://s3.example.org/wiki","remoteKey":"AKIA"}`,
		"mail":     `{"host":"mail.example.org","port":587,"from":"wiki@example.org","user":"wiki"}`,
		"database": `{"mode":"external","host":"db.example.org","port":3307,"name":"w","user":"u","migrationUser":"m"}`,
		"timeouts": `{"create":"1h","update":"2h","delete":"90s"}`, "monitoring": `{"enabled":true,"operator":false,"labels":["a=b"]}`,
	})
	for _, key := range []string{
		"databasePassword", "migrationPassword", "adminPassword", "mailPassword", "backupsPassword", "remoteSecret",
	} {
		r.Values["mediawiki:"+key], r.Secret["mediawiki:"+key] = "the value of "+key, true
	}
	cfg, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
	require.NoError(t, err)
	assert.Equal(t, config.Config{
		Kubeconfig: "/etc/k", Context: "pi", Namespace: "team", MasterSecret: masterSecret,
		Profile: "pi-4g", Memory: 4000, Storage: "gentle", Replicas: 3, Image: "mediawiki:1.46.0",
		Autoscaling: config.Autoscaling{Min: 2, Max: 4, CPU: 800},
		Web:         config.Web{Workers: 3, RequestMemory: 100, Opcache: 80, APCu: 10},
		Ingress: config.Ingress{
			Annotations: []string{}, TLS: config.TLS{ACMEServer: "https://acme-v02.api.letsencrypt.org/directory"},
		},
		Aliases: []string{},
		Service: config.Service{
			Type: "LoadBalancer", Port: 8080, NodePort: 30080, TrustedProxies: []string{"10.1.0.0/16", "2001:db8::1"},
		},
		Cache:       config.Cache{Enabled: true, Replicas: 1, Size: 32, Image: "varnish:7.6.1"},
		ObjectCache: config.ObjectCache{Size: 99, Image: "memcached:1.6.38"},
		Database: config.Database{
			Mode: "external", Image: "mariadb:11.4.12", Name: "w", User: "u", Password: "the value of databasePassword",
			MigrationUser: "m", MigrationPassword: "the value of migrationPassword", Host: "db.example.org", Port: 3307,
			Replicas: 1, ReplicaTimeout: 10,
			Volume: config.Volume{Size: "8Gi"},
		},
		Wiki: config.Wiki{
			SiteName: "Team", Language: "de", Timezone: "Europe/Berlin", Access: "public",
			AdminUser: "Chief", AdminPassword: "the value of adminPassword",
			Skin: "timeless", Skins: []string{"Timeless"}, Extensions: []string{"Cite", "Soup"},
			Packages:           []packages.Package{{Name: "Soup", Image: "example.org/soup:1", Path: "Soup"}},
			PackageAuthorities: authority,
			PackageVolume:      config.Volume{Size: "4Gi", StorageClass: "nfs"}, ExtraSettings: "$wgA = 1;",
			Logo: "/images/a/ab/Logo.svg", Icon: "https://example.org/icon.png", Favicon: "/resources/assets/mediawiki.png",
			Robots: "none",
			Uploads: config.Uploads{
				Types: []string{"svg"}, MaxSize: 8, AccessMode: "ReadWriteMany",
				Volume: config.Volume{Size: "2Gi", StorageClass: "nfs"}, // as the API server writes 2048Mi
			},
			Mail: config.Mail{
				Host: "mail.example.org", Port: 587, From: "wiki@example.org", User: "wiki", Password: "the value of mailPassword",
			},
		},
		Backups: config.Backups{
			Schedule: "@weekly", DrillSchedule: "@monthly", Keep: 2, Volume: config.Volume{Size: "16Gi", StorageClass: "nfs"},
			RestoreFrom: "latest", Remote: config.Remote{
				Address: "s3:https://s3.example.org/wiki", Key: "AKIA", Secret: "the value of remoteSecret",
				Password: "the value of backupsPassword", Image: "restic/restic:0.17.3",
			},
		},
		Timeouts:   config.Timeouts{Create: "1h", Update: "2h", Delete: "90s"},
		Monitoring: config.Monitoring{Enabled: true, Labels: []string{"a=b"}},
		SiteURL:    "https://wiki.example.org", Egress: []string{"0.0.0.0/0:443"},
	}, *cfg)
}
