package config

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// StackArgs is the configuration as the component takes it. nodeHost is the host under which readers reach a node.
func (c *Config) StackArgs(nodeHost string) *components.MediaWikiStackArgs {
	args := &components.MediaWikiStackArgs{
		Namespace:       pulumi.String(c.Namespace),
		CreateNamespace: c.CreateNamespace,
		KeepData:        pulumi.BoolRef(c.KeepData),
		MasterSecret:    secret(c.MasterSecret),
		Profile:         c.Profile,
		Memory:          c.Memory,
		Storage:         c.Storage,
		Replicas:        pulumi.IntRef(c.Replicas),
		Web:             components.WebArgs(c.Web),
		Image:           pulumi.String(c.MediaWikiImage),
		Service:         components.ServiceArgs{Type: c.ServiceType, Port: pulumi.Int(c.Port), NodePort: c.NodePort, TrustedProxies: c.TrustedProxies},
		Database:        c.databaseArgs(),
		Cache: components.CacheArgs{
			Enabled: pulumi.BoolRef(c.Cache.Enabled), Replicas: c.Cache.Replicas, Size: c.Cache.Size, Limits: pulumi.BoolRef(c.Cache.Limits),
			Image: pulumi.String(c.VarnishImage),
		},
		ObjectCache: components.ObjectCacheArgs{Size: c.ObjectCache, Image: pulumi.String(c.MemcachedImage)},
		Wiki:        c.wikiArgs(),
		Backups:     c.backupsArgs(),
		SiteURL:     c.SiteURL,
		Egress:      c.Egress,
		NodeHost:    pulumi.String(nodeHost),
		Timeouts:    components.TimeoutsArgs{Create: c.CreateTimeout.String(), Update: c.UpdateTimeout.String(), Delete: c.DeleteTimeout.String()},
	}
	return args
}

func (c *Config) databaseArgs() components.DatabaseArgs {
	return components.DatabaseArgs{
		Mode:              c.Database.Mode,
		Image:             pulumi.String(c.MariaDBImage),
		Name:              pulumi.String(c.Database.Name),
		User:              pulumi.String(c.Database.User),
		Password:          secret(c.DatabasePassword),
		MigrationUser:     given(c.Database.MigrationUser),
		MigrationPassword: secret(c.MigrationPassword),
		Host:              given(c.Database.Host),
		Port:              pulumi.Int(c.Database.Port),
		Volume:            c.Database.Volume.args(),
		BufferPool:        c.Database.BufferPool,
		Connections:       c.Database.Connections,
	}
}

func (c *Config) wikiArgs() components.WikiArgs {
	return components.WikiArgs{
		SiteName:      pulumi.String(c.Wiki.SiteName),
		Language:      pulumi.String(c.Wiki.Language),
		Timezone:      pulumi.String(c.Wiki.TimeZone),
		Skins:         pulumi.ToStringArray(c.Wiki.Skins),
		Skin:          pulumi.String(c.Wiki.Skin),
		Extensions:    pulumi.ToStringArray(c.Wiki.Extensions),
		Access:        c.Wiki.Access,
		AdminUser:     pulumi.String(c.Wiki.AdminUser),
		AdminPassword: secret(c.AdminPassword),
		Uploads: components.UploadsArgs{
			Enabled:    pulumi.BoolRef(c.Uploads.Enabled),
			Types:      pulumi.ToStringArray(c.Uploads.Types),
			MaxSize:    pulumi.Int(c.Uploads.MaxSize),
			Volume:     c.Uploads.Volume.args(),
			AccessMode: c.Uploads.AccessMode,
		},
		Mail: components.MailArgs{
			Host: c.Mail.Host, Port: pulumi.Int(c.Mail.Port), From: given(c.Mail.From), User: given(c.Mail.User),
			Password: secret(c.MailPassword),
		},
		ExtraSettings: pulumi.String(c.Wiki.ExtraSettings),
	}
}

func (c *Config) backupsArgs() components.BackupsArgs {
	return components.BackupsArgs{
		Enabled: pulumi.BoolRef(c.Backups.Enabled), Schedule: pulumi.String(c.Backups.Schedule), Keep: pulumi.Int(c.Backups.Keep),
		DrillSchedule: pulumi.String(c.Backups.DrillSchedule), Volume: c.Backups.Volume.args(), RestoreFrom: given(c.Backups.RestoreFrom),
		Remote: components.RemoteArgs{
			Address: c.Backups.Remote, Key: given(c.Backups.RemoteKey), Secret: secret(c.RemoteSecret),
			KnownHosts: given(c.Backups.KnownHosts), Password: secret(c.BackupsPassword), Image: pulumi.String(c.ResticImage),
		},
	}
}

func (v Volume) args() components.VolumeArgs {
	args := components.VolumeArgs{Size: pulumi.String(v.Size)}
	if v.StorageClass != "" {
		args.StorageClass = pulumi.StringPtr(v.StorageClass)
	}
	return args
}

// given is nil for what is left to the component.
func given(text string) pulumi.StringInput {
	if text == "" {
		return nil
	}
	return pulumi.String(text)
}

// secret is given, and marked as secret.
func secret(text string) pulumi.StringInput {
	if text == "" {
		return nil
	}
	return pulumi.ToSecret(pulumi.String(text)).(pulumi.StringOutput)
}
