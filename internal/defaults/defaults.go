// Package defaults has the defaults of settings that several packages know. Those of images are in the package parts, and those of sizes in
// the package sizes.
package defaults

const (
	// Replicas is the number of web Pods.
	Replicas = 2
	// ReplicaTimeout is for how many seconds an edit waits for the second database.
	ReplicaTimeout = 10
	// VolumeSize is the size of each volume, a quantity.
	VolumeSize = "8Gi"
	// PackageVolumeSize is the size of the volume for packages, a quantity.
	PackageVolumeSize = "2Gi"
	// MaxUpload is the size of the largest upload, in MiB.
	MaxUpload = 50
	// BackupSchedule is when backups are created: https://en.wikipedia.org/wiki/Cron.
	BackupSchedule = "17 3 * * *"
	// DrillSchedule is when the newest backup is restored into a temporary database.
	DrillSchedule = "47 4 * * 0"
	// ACMEServer is the directory of Let's Encrypt.
	ACMEServer = "https://acme-v02.api.letsencrypt.org/directory"
)
