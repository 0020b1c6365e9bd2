package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Values of [BackupsArgs].RestoreFrom besides the names of backups.
const (
	// RestoreLatest selects the newest backup.
	RestoreLatest = "latest"
	// RestoreNone installs a new wiki in an empty database although there are backups of another one.
	RestoreNone = "none"
)

// BackupsArgs describes backups of database and uploads.
type BackupsArgs struct {
	// Enabled creates backups and runs restore tests on a schedule. If it is false, existing backups stay, and both can be started by hand.
	// Defaults to true.
	Enabled *bool `pulumi:"enabled,optional"`
	// Schedule is when backups are created, in the wiki's time zone: https://en.wikipedia.org/wiki/Cron. Defaults to "17 3 * * *".
	Schedule pulumi.StringInput `pulumi:"schedule,optional"`
	// DrillSchedule is when the newest backup is restored into a temporary database, to prove that it can be. Defaults to "47 4 * * 0".
	DrillSchedule pulumi.StringInput `pulumi:"drillSchedule,optional"`
	// Keep is the number of backups that are kept; older ones are deleted. Defaults to 7.
	Keep pulumi.IntInput `pulumi:"keep,optional"`
	// Volume stores backups, and the dump that is created before each change of the schema.
	Volume VolumeArgs `pulumi:"volume,optional"`
	// Remote is where backups are copied to. Defaults to nowhere.
	Remote RemoteArgs `pulumi:"remote,optional"`
	// RestoreFrom is the name of a backup, on Volume or at Remote, or [RestoreLatest]. A wiki whose database is empty is restored from it
	// instead of being installed. It has no effect on an existing wiki. Defaults to an installation if Volume has no backups; if it has
	// some, the migration fails, because they may be of a wiki that was lost. [RestoreNone] installs a new wiki beside them.
	RestoreFrom pulumi.StringInput `pulumi:"restoreFrom,optional"`
}

// RemoteArgs describes the restic repository that backups are copied to. Each wiki needs its own: https://restic.readthedocs.io.
type RemoteArgs struct {
	// Address is "s3:https://HOST/BUCKET/PATH" or "sftp://USER@HOST/PATH".
	Address string `pulumi:"address,optional"`
	// Key is S3's access key ID.
	Key pulumi.StringInput `pulumi:"key,optional"`
	// Secret is S3's secret access key, or for SFTP a private key without a passphrase, as ssh-keygen writes it.
	Secret pulumi.StringInput `pulumi:"secret,optional" provider:"secret"`
	// KnownHosts are the host keys of the SFTP server, as ssh-keyscan prints them. Connections to any other server are refused.
	KnownHosts pulumi.StringInput `pulumi:"knownHosts,optional"`
	// Password encrypts the repository. Defaults to one derived from [MediaWikiStackArgs].MasterSecret.
	Password pulumi.StringInput `pulumi:"password,optional" provider:"secret"`
	// Image is the restic image, 0.17 or newer, with an OpenSSH client: https://hub.docker.com/r/restic/restic.
	// Defaults to "restic/restic:0.19.1".
	Image pulumi.StringInput `pulumi:"image,optional"`
}

func (b *BackupsArgs) setDefaults() {
	setDefault(&b.Enabled, new(true))
	setText(&b.Schedule, defaults.BackupSchedule)
	setText(&b.DrillSchedule, defaults.DrillSchedule)
	setNumber(&b.Keep, 7)
	setDefault(&b.Volume.Size, defaults.VolumeSize)
	setText(&b.Remote.Image, parts.ResticImage.Default)
	setText(&b.Remote.Key, "")
	setText(&b.Remote.Secret, "")
	setText(&b.Remote.KnownHosts, "")
}
