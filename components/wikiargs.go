package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
)

// Values of [WikiArgs].Access, which says who can read and edit.
const (
	// AccessPublic lets everybody read, edit and register.
	AccessPublic = choices.AccessPublic
	// AccessReadOnly lets everybody read, and users with an account edit. Administrators create accounts.
	AccessReadOnly = choices.AccessReadOnly
	// AccessPrivate shows nothing to anonymous readers, uploads included.
	AccessPrivate = choices.AccessPrivate
)

// What crawlers are asked to fetch: the values of [WikiArgs].Robots.
const (
	// RobotsPages lets crawlers fetch pages and files, and no lists, histories and differences.
	RobotsPages = choices.RobotsPages
	// RobotsNone asks crawlers to fetch nothing.
	RobotsNone = choices.RobotsNone
)

// How many nodes can mount the volume of uploads: the values of [UploadsArgs].AccessMode.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
const (
	ReadWriteOnce = choices.ReadWriteOnce
	ReadWriteMany = choices.ReadWriteMany
)

// WikiArgs describes the wiki as readers and editors see it.
type WikiArgs struct {
	// SiteName is the wiki's name: https://www.mediawiki.org/wiki/Manual:$wgSitename. Defaults to "Wiki".
	SiteName pulumi.StringInput `pulumi:"siteName,optional"`
	// Language is the code of the wiki's language: https://www.mediawiki.org/wiki/Manual:$wgLanguageCode. Defaults to "en".
	Language pulumi.StringInput `pulumi:"language,optional"`
	// Timezone is a name of the tz database, such as "Europe/Berlin". Defaults to "UTC".
	Timezone pulumi.StringInput `pulumi:"timezone,optional"`
	// Access is AccessReadOnly, AccessPublic or AccessPrivate. Defaults to AccessReadOnly.
	Access string `pulumi:"access,optional"`
	// AdminUser is the name of the first administrator. It is read only when the wiki is installed. Defaults to "Admin".
	AdminUser pulumi.StringInput `pulumi:"adminUser,optional"`
	// AdminPassword is the first administrator's initial password, of at least ten characters, which is MediaWiki's own rule. It is read
	// only when the wiki is installed. Defaults to one derived from [MediaWikiStackArgs].MasterSecret.
	AdminPassword pulumi.StringInput `pulumi:"adminPassword,optional" provider:"secret"`
	// Skin is the skin that visitors see: https://www.mediawiki.org/wiki/Manual:$wgDefaultSkin. Defaults to "vector-2022".
	Skin pulumi.StringInput `pulumi:"skin,optional"`
	// Skins are the skins that users can choose, by the names of their folders in the image or of Packages.
	// Defaults to "MinervaNeue", "MonoBook", "Timeless" and "Vector".
	Skins pulumi.StringArrayInput `pulumi:"skins,optional"`
	// Extensions are the enabled extensions, by the names of their folders in the image or of Packages.
	// Defaults to "Cite", "ParserFunctions" and "WikiEditor".
	Extensions pulumi.StringArrayInput `pulumi:"extensions,optional"`
	// Packages are extensions and skins that are not in the image. Defaults to none.
	Packages []PackageArgs `pulumi:"packages,optional"`
	// PackageAuthorities is a PEM bundle of the private authorities that issued certificates of servers with Packages. Defaults to none:
	// only the usual public ones are trusted.
	PackageAuthorities pulumi.StringInput `pulumi:"packageAuthorities,optional"`
	// PackageVolume stores the archives of Packages. It has the access mode of Uploads. Its size defaults to 2Gi, its storage class to that
	// of Uploads.
	PackageVolume VolumeArgs `pulumi:"packageVolume,optional"`
	// Logo is the picture that most skins show on top of each page: a file by its path relative to the working folder (PNG, SVG, ICO, JPEG
	// or WebP, at most 256 KiB), a path in the wiki such as /images/a/ab/Logo.png, or an https address.
	// Defaults to MediaWiki's placeholder.
	Logo string `pulumi:"logo,optional"`
	// Icon is the square picture beside the wiki's name in the skin vector-2022, given as Logo is. Defaults to Logo.
	Icon string `pulumi:"icon,optional"`
	// Favicon is the picture that browsers show in tabs and bookmarks, given as Logo is. Defaults to none.
	Favicon string `pulumi:"favicon,optional"`
	// Robots is RobotsPages or RobotsNone. Crawlers that do not read robots.txt are not kept out. Defaults to RobotsPages.
	Robots string `pulumi:"robots,optional"`
	// Sitemap lists all pages for search engines once a day, if SiteURL is set, Access is not AccessPrivate and Robots is RobotsPages.
	// Defaults to true.
	Sitemap *bool `pulumi:"sitemap,optional"`
	// ExtraSettings is PHP that is read after all other settings, as LocalSettings.php is.
	// A mistake in it fails the migration before any Pod changes.
	ExtraSettings pulumi.StringInput `pulumi:"extraSettings,optional"`
	// Uploads are the files that users upload.
	Uploads UploadsArgs `pulumi:"uploads,optional"`
	// Mail is how the wiki sends mail. By default it sends none.
	Mail MailArgs `pulumi:"mail,optional"`
}

// UploadsArgs describes uploaded files.
type UploadsArgs struct {
	// Enabled lets users upload files. If it is false, existing files stay. Defaults to true.
	Enabled *bool `pulumi:"enabled,optional"`
	// Types are the extensions of files that may be uploaded. Defaults to "png", "gif", "jpg", "jpeg", "webp" and "pdf".
	Types pulumi.StringArrayInput `pulumi:"types,optional"`
	// MaxSize is the size of the largest file, in MiB. Defaults to 50.
	MaxSize int `pulumi:"maxSize,optional"`
	// Volume stores uploaded files.
	Volume VolumeArgs `pulumi:"volume,optional"`
	// AccessMode is ReadWriteOnce, which keeps all Pods that mount the volume on one node, or ReadWriteMany, for a storage class that
	// many nodes can mount. It is fixed when the claim is created. Defaults to ReadWriteOnce.
	AccessMode string `pulumi:"accessMode,optional"`
}

// MailArgs describes the server that delivers the wiki's mail: https://www.mediawiki.org/wiki/Manual:$wgSMTP.
type MailArgs struct {
	// Host is the server's name. Without it the wiki sends no mail.
	Host string `pulumi:"host,optional"`
	// Port is the server's port. Defaults to 25.
	Port pulumi.IntInput `pulumi:"port,optional"`
	// From is the sender's address.
	From pulumi.StringInput `pulumi:"from,optional"`
	// User is the user name on the server. By default the wiki does not authenticate.
	User pulumi.StringInput `pulumi:"user,optional"`
	// Password is User's password.
	Password pulumi.StringInput `pulumi:"password,optional" provider:"secret"`
}

func (w *WikiArgs) setDefaults() {
	setText(&w.SiteName, "Wiki")
	setText(&w.Language, "en")
	setText(&w.Timezone, "UTC")
	setDefault(&w.Access, AccessReadOnly)
	setText(&w.AdminUser, "Admin")
	setText(&w.Skin, "vector-2022")
	setList(&w.Skins, "MinervaNeue", "MonoBook", "Timeless", "Vector")
	setList(&w.Extensions, "Cite", "ParserFunctions", "WikiEditor")
	setDefault(&w.Robots, RobotsPages)
	setDefault(&w.Sitemap, new(true))
	setText(&w.ExtraSettings, "")
	setDefault(&w.Uploads.Enabled, new(true))
	setList(&w.Uploads.Types, "png", "gif", "jpg", "jpeg", "webp", "pdf")
	setDefault(&w.Uploads.MaxSize, defaults.MaxUpload)
	setDefault(&w.Uploads.Volume.Size, defaults.VolumeSize)
	setDefault(&w.Uploads.AccessMode, ReadWriteOnce)
	setDefault(&w.PackageVolume.Size, defaults.PackageVolumeSize)
	if w.PackageVolume.StorageClass == nil {
		w.PackageVolume.StorageClass = w.Uploads.Volume.StorageClass
	}
	setNumber(&w.Mail.Port, 25)
	setText(&w.Mail.From, "")
	setText(&w.Mail.User, "")
	setText(&w.Mail.Password, "")
}
