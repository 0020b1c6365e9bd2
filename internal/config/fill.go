package config

import (
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

func fill(v values, raw *Raw) *Config {
	return &Config{
		MasterSecret:      v.text("masterSecret"),
		DatabasePassword:  v.text("databasePassword"),
		MigrationPassword: v.text("migrationPassword"),
		AdminPassword:     v.text("adminPassword"),
		MailPassword:      v.text("mailPassword"),
		BackupsPassword:   v.text("backupsPassword"),
		RemoteSecret:      v.text("remoteSecret"),
		Kubeconfig:        v.text("kubeconfig"),
		Context:           v.text("context"),
		Namespace:         namespace(v, raw),
		CreateNamespace:   v.flag("createNamespace"),
		KeepData:          v.flag("keepData"),
		Profile:           v.text("profile"),
		Memory:            v.number("memory"),
		Storage:           v.text("storage"),
		Replicas:          v.number("replicas"),
		Web: Web{
			Workers: v.number("web.workers"), RequestMemory: v.number("web.requestMemory"),
			Opcache: v.number("web.opcache"), APCu: v.number("web.apcu"),
		},
		MediaWikiImage: v.text("images.mediawiki"),
		MariaDBImage:   v.text("images.mariadb"),
		ResticImage:    v.text("images.restic"),
		VarnishImage:   v.text("images.varnish"),
		MemcachedImage: v.text("images.memcached"),
		ServiceType:    v.text("serviceType"),
		Port:           v.number("port"),
		NodePort:       v.number("nodePort"),
		SiteURL:        v.text("siteUrl"),
		Egress:         v.list("egress"),
		TrustedProxies: v.list("trustedProxies"),
		Wiki: Wiki{
			SiteName: v.text("siteName"), Language: v.text("language"), TimeZone: v.text("timezone"),
			Access: v.text("access"), AdminUser: v.text("adminUser"),
			Skin: v.text("skin"), Skins: v.list("skins"), Extensions: v.list("extensions"),
			ExtraSettings: v.text("extraSettings"),
		},
		Cache: Cache{
			Enabled: v.flag("cache.enabled"), Replicas: v.number("cache.replicas"), Size: v.number("cache.size"),
			Limits: v.flag("cache.limits"),
		},
		ObjectCache: v.number("objectCache.size"),
		Uploads: Uploads{
			Enabled: v.flag("uploads.enabled"), Types: v.list("uploads.types"), MaxSize: v.number("uploads.maxSize"),
			Volume: volume(v, "uploads"), AccessMode: v.text("uploads.accessMode"),
		},
		Backups: backups(v),
		Mail:    Mail{Host: v.text("mail.host"), Port: v.number("mail.port"), From: v.text("mail.from"), User: v.text("mail.user")},
		Database: Database{
			Mode: v.text("database.mode"), Host: v.text("database.host"), Port: v.number("database.port"),
			Name: v.text("database.name"), User: v.text("database.user"), MigrationUser: v.text("database.migrationUser"),
			Volume: volume(v, "database"), BufferPool: v.number("database.bufferPool"), Connections: v.number("database.connections"),
		},
		CreateTimeout: duration(v, "timeouts.create"),
		UpdateTimeout: duration(v, "timeouts.update"),
		DeleteTimeout: duration(v, "timeouts.delete"),
	}
}

func backups(v values) Backups {
	return Backups{
		Enabled: v.flag("backups.enabled"), Schedule: v.text("backups.schedule"), DrillSchedule: v.text("backups.drillSchedule"),
		Keep: v.number("backups.keep"), Volume: volume(v, "backups"),
		Remote: v.text("backups.remote"), RemoteKey: v.text("backups.remoteKey"),
		KnownHosts: v.text("backups.knownHosts"), RestoreFrom: v.text("backups.restoreFrom"),
	}
}

// volume writes the size as the API server does (2Gi for 2048Mi), so that a preview sees no difference where there is none.
func volume(v values, part string) Volume {
	size := v.text(part + ".size")
	if quantity, err := resource.ParseQuantity(size); err == nil {
		size = quantity.String()
	}
	return Volume{Size: size, StorageClass: v.text(part + ".storageClass")}
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
