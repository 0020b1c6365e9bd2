package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Who may do what: the values of [WikiArgs].Access.
const (
	// AccessPublic lets everybody read, edit and register.
	AccessPublic = "public"
	// AccessReadOnly lets everybody read, and those edit who have an account, which administrators create.
	AccessReadOnly = "readOnly"
	// AccessPrivate shows nothing to those who have no account, uploads included.
	AccessPrivate = "private"
)

// How many nodes can mount the volume of uploads: the values of [UploadsArgs].AccessMode.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
const (
	ReadWriteOnce = "ReadWriteOnce"
	ReadWriteMany = "ReadWriteMany"
)

// Defaults of [WikiArgs].
const (
	DefaultSiteName      = "Wiki"
	DefaultLanguage      = "en"
	DefaultTimeZone      = "UTC"
	DefaultSkin          = "vector-2022"
	DefaultAdminUser     = "Admin"
	DefaultMaxUploadSize = 50
	DefaultMailPort      = 25
)

// DefaultSkins, DefaultExtensions and DefaultUploadTypes are defaults of [WikiArgs]. Skins and extensions are among those that
// MediaWiki's release brings along.
var (
	DefaultSkins       = []string{"MinervaNeue", "MonoBook", "Timeless", "Vector"}
	DefaultExtensions  = []string{"Cite", "ParserFunctions", "WikiEditor"}
	DefaultUploadTypes = []string{"png", "gif", "jpg", "jpeg", "webp", "pdf"}
)

// WikiArgs describes the wiki as its readers and editors see it.
type WikiArgs struct {
	// Name is the wiki's name: https://www.mediawiki.org/wiki/Manual:$wgSitename. Default "Wiki".
	Name pulumi.StringInput `pulumi:"name,optional"`
	// Language is the code of the wiki's own language: https://www.mediawiki.org/wiki/Manual:$wgLanguageCode. Default "en".
	Language pulumi.StringInput `pulumi:"language,optional"`
	// TimeZone is a name of the tz database, such as "Europe/Berlin". Default "UTC".
	TimeZone pulumi.StringInput `pulumi:"timeZone,optional"`
	// Skins are the skins that users can choose, by the names of their folders. Default [DefaultSkins].
	Skins pulumi.StringArrayInput `pulumi:"skins,optional"`
	// Skin is the one that visitors see: https://www.mediawiki.org/wiki/Manual:$wgDefaultSkin. Default "vector-2022".
	Skin pulumi.StringInput `pulumi:"skin,optional"`
	// Extensions are the extensions of the image to switch on, by the names of their folders. Default [DefaultExtensions].
	Extensions pulumi.StringArrayInput `pulumi:"extensions,optional"`
	// Access is AccessReadOnly (the default), AccessPublic or AccessPrivate.
	Access string `pulumi:"access,optional"`
	// AdminUser is the name of the first administrator. It has an effect when the wiki is installed. Default "Admin".
	AdminUser pulumi.StringInput `pulumi:"adminUser,optional"`
	// AdminPassword is the first administrator's first password, of at least ten characters: MediaWiki's own rule.
	// By default it is derived from [MediaWikiStackArgs].MasterSecret. It has an effect when the wiki is installed.
	AdminPassword pulumi.StringInput `pulumi:"adminPassword,optional" provider:"secret"`
	// Uploads is what users may upload, and where it is kept.
	Uploads UploadsArgs `pulumi:"uploads,optional"`
	// Mail is how the wiki sends mail. By default it sends none.
	Mail MailArgs `pulumi:"mail,optional"`
	// ExtraSettings is PHP that is read after all other settings, as a LocalSettings.php is.
	// A mistake in it fails the migration, before any Pod changes.
	ExtraSettings pulumi.StringInput `pulumi:"extraSettings,optional"`
}

// UploadsArgs describes uploaded files.
type UploadsArgs struct {
	// Disabled forbids uploads. What was uploaded stays.
	Disabled bool `pulumi:"disabled,optional"`
	// Types are the endings of the files that may be uploaded. Default [DefaultUploadTypes].
	Types pulumi.StringArrayInput `pulumi:"types,optional"`
	// MaxSize is the size of the largest file in MiB. Default 50.
	MaxSize pulumi.IntInput `pulumi:"maxSize,optional"`
	// Volume is what uploads lie on.
	Volume VolumeArgs `pulumi:"volume,optional"`
	// AccessMode is ReadWriteOnce (the default), with which all Pods that mount the volume are kept on one node, or
	// ReadWriteMany, for a storage class that many nodes can mount. It is settled when the claim is made.
	AccessMode string `pulumi:"accessMode,optional"`
}

// MailArgs describes the server that takes the wiki's mail: https://www.mediawiki.org/wiki/Manual:$wgSMTP.
type MailArgs struct {
	// Host is the server's name. Without it the wiki sends no mail.
	Host string `pulumi:"host,optional"`
	// Port is the server's port. Default 25.
	Port pulumi.IntInput `pulumi:"port,optional"`
	// From is the address that mail comes from.
	From pulumi.StringInput `pulumi:"from,optional"`
	// User and Password sign in to the server. By default the wiki does not sign in.
	User     pulumi.StringInput `pulumi:"user,optional"`
	Password pulumi.StringInput `pulumi:"password,optional" provider:"secret"`
}
