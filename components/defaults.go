package components

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// withDefaults returns a copy of args in which every optional field is set that has a default.
func (args *MediaWikiStackArgs) withDefaults() *MediaWikiStackArgs {
	out := MediaWikiStackArgs{}
	if args != nil {
		out = *args
	}
	out.Replicas = numberOr(out.Replicas, DefaultReplicas)
	out.Image = textOr(out.Image, DefaultMediaWikiImage)
	out.Service.Port = numberOr(out.Service.Port, DefaultServicePort)
	out.Service.Type = orElse(out.Service.Type, ServiceNodePort)
	out.Storage = orElse(out.Storage, StorageDurable)
	out.setSizes()
	out.Cache.Image = textOr(out.Cache.Image, DefaultVarnishImage)
	out.ObjectCache.Image = textOr(out.ObjectCache.Image, DefaultMemcachedImage)
	out.Database.setDefaults()
	out.Wiki.setDefaults()
	out.Backups.Schedule = textOr(out.Backups.Schedule, DefaultBackupSchedule)
	out.Backups.DrillSchedule = textOr(out.Backups.DrillSchedule, DefaultDrillSchedule)
	out.Backups.Keep = numberOr(out.Backups.Keep, DefaultBackupsKept)
	out.Backups.Volume.Size = textOr(out.Backups.Volume.Size, DefaultVolumeSize)
	out.Backups.Remote.setDefaults()
	out.NodeHost = textOr(out.NodeHost, "localhost")
	out.Timeouts.Create = durationOr(out.Timeouts.Create, DefaultCreateTimeout)
	out.Timeouts.Update = durationOr(out.Timeouts.Update, DefaultUpdateTimeout)
	out.Timeouts.Delete = durationOr(out.Timeouts.Delete, DefaultDeleteTimeout)
	return &out
}

func (db *DatabaseArgs) setDefaults() {
	db.Mode = orElse(db.Mode, DatabaseStatefulSet)
	db.Image = textOr(db.Image, DefaultMariaDBImage)
	db.Name = textOr(db.Name, DefaultDatabaseName)
	db.User = textOr(db.User, DefaultDatabaseUser)
	db.Port = numberOr(db.Port, DefaultDatabasePort)
	db.Volume.Size = textOr(db.Volume.Size, DefaultVolumeSize)
	if db.MigrationUser != nil {
		return
	}
	db.MigrationUser = pulumi.String(DefaultMigrationUser)
	if db.Mode == DatabaseExternal {
		db.MigrationUser = db.User
		if db.MigrationPassword == nil {
			db.MigrationPassword = db.Password
		}
	}
}

func (w *WikiArgs) setDefaults() {
	w.Name = textOr(w.Name, DefaultSiteName)
	w.Language = textOr(w.Language, DefaultLanguage)
	w.TimeZone = textOr(w.TimeZone, DefaultTimeZone)
	w.Skin = textOr(w.Skin, DefaultSkin)
	w.Skins = listOr(w.Skins, DefaultSkins)
	w.Extensions = listOr(w.Extensions, DefaultExtensions)
	w.Access = orElse(w.Access, AccessReadOnly)
	w.AdminUser = textOr(w.AdminUser, DefaultAdminUser)
	w.ExtraSettings = textOr(w.ExtraSettings, "")
	w.Uploads.Types = listOr(w.Uploads.Types, DefaultUploadTypes)
	w.Uploads.MaxSize = numberOr(w.Uploads.MaxSize, DefaultMaxUploadSize)
	w.Uploads.Volume.Size = textOr(w.Uploads.Volume.Size, DefaultVolumeSize)
	w.Uploads.AccessMode = orElse(w.Uploads.AccessMode, ReadWriteOnce)
	w.Mail.Port = numberOr(w.Mail.Port, DefaultMailPort)
	w.Mail.From = textOr(w.Mail.From, "")
	w.Mail.User = textOr(w.Mail.User, "")
	w.Mail.Password = textOr(w.Mail.Password, "")
}

func (r *RemoteArgs) setDefaults() {
	r.Image = textOr(r.Image, DefaultResticImage)
	r.Key = textOr(r.Key, "")
	r.Secret = textOr(r.Secret, "")
	r.KnownHosts = textOr(r.KnownHosts, "")
}

// resourceOption gives a child object its time.
func (t TimeoutsArgs) resourceOption() pulumi.ResourceOption {
	return pulumi.Timeouts(&pulumi.CustomTimeouts{Create: t.Create.String(), Update: t.Update.String(), Delete: t.Delete.String()})
}

func textOr(value pulumi.StringInput, otherwise string) pulumi.StringInput {
	if value == nil {
		return pulumi.String(otherwise)
	}
	return value
}

func numberOr(value pulumi.IntInput, otherwise int) pulumi.IntInput {
	if value == nil {
		return pulumi.Int(otherwise)
	}
	return value
}

func listOr(value pulumi.StringArrayInput, otherwise []string) pulumi.StringArrayInput {
	if value == nil {
		return pulumi.ToStringArray(otherwise)
	}
	return value
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func durationOr(value, otherwise time.Duration) time.Duration {
	if value == 0 {
		return otherwise
	}
	return value
}
