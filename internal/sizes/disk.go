package sizes

import "github.com/mediawiki-stack/mediawiki-stack/internal/choices"

// Ephemeral storage is what a Pod writes to the disk of its node: logs, and volumes that are deleted with it. Kubernetes evicts a Pod that
// exceeds a limit, so each limit is the most that the Pod's programs can write, whatever users do, and not what they usually write.
// All values are in MiB. Measurements: docs/decisions/0047-what-a-pod-writes-is-bounded.md.
// https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage
const (
	// logDisk is for the log of a container. The kubelet keeps five files of 10 MiB, and in some distributions of 50 MiB.
	logDisk = 256
	// messagesDisk is for MediaWiki's messages in all languages, each of which any reader may request.
	messagesDisk = 2048
	// PictureDisk is for the files of one ImageMagick. It is Debian's limit, and MAGICK_DISK_LIMIT sets it in every image.
	PictureDisk = 1024
	// emptyDatabaseDisk is for what MariaDB creates before it has tables: redo log, undo logs and its own tablespaces.
	emptyDatabaseDisk = 512
	// resticDisk is for what restic writes beside its cache: the packs that it is about to send.
	resticDisk = 512
)

// WebDisk returns the size of /tmp in a web Pod. Each worker may have an upload, a copy that is assembled from its chunks, and a picture
// that is being scaled.
func (w *Wiki) WebDisk() int {
	return messagesDisk + w.Web.Workers*(2*w.Wiki.Uploads.MaxSize+PictureDisk)
}

// JobsDisk returns the size of /tmp in the Pod of the job runner. Jobs make files that they add to the uploads, and operators import files
// from here, so everything on the volume for uploads may be here, too.
func (w *Wiki) JobsDisk() int {
	return messagesDisk + PictureDisk + 2*w.Wiki.Uploads.MaxSize + w.Wiki.Uploads.Volume.Mebibytes()
}

// DatabaseDisk returns the size of MariaDB's /tmp. MariaDB stops queries whose temporary tables and files exceed the size of its volume
// together; the indexes that a change of the schema sorts are smaller than the tables that they are in.
func (w *Wiki) DatabaseDisk() int { return 2 * w.Database.Volume.Mebibytes() }

// ProgramDisk returns the size of /tmp in the Pods of the migration and of Backups. They load a whole database there, and an import
// converts its tables one by one. Storage classes that do not enforce the size of a volume let a database outgrow it, so a restore test has
// room for twice as much. The size of an external database is not known. Its dump fits on the volume for backups, compressed; a database is
// about twenty times as large as the dump of its text, so there is room for more than that.
func (w *Wiki) ProgramDisk() int {
	database := 2 * w.Database.Volume.Mebibytes()
	if w.Database.Mode == choices.DatabaseExternal {
		database = 32 * w.Backups.Volume.Mebibytes()
	}
	return messagesDisk + emptyDatabaseDisk + database
}

// RemoteDisk returns the size of restic's /tmp. Its cache has the metadata of the repository, which are a small part of what is copied.
func (w *Wiki) RemoteDisk() int { return resticDisk + w.Backups.Volume.Mebibytes() }
