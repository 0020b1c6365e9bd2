package components

// PackageArgs describes an extension or a skin that is not in MediaWiki's image: either an archive with its hash, or a folder of an OCI
// image. The migration checks it before any Pod changes.
type PackageArgs struct {
	// Name is the name of its folder, such as "TemplateStyles". [WikiArgs].Extensions or Skins must have it. Required.
	Name string `pulumi:"name"`
	// URL is the address of a tar.gz or zip: "https://HOST/PATH", "s3:https://HOST/BUCKET/PATH" with the credentials of Backups.Remote, or
	// "file:CLAIM/PATH" for a file on a claim in the wiki's namespace. Only the migration reads it.
	URL string `pulumi:"url,optional"`
	// SHA256 is the archive's SHA-256 as 64 hexadecimal digits. Required with URL.
	SHA256 string `pulumi:"sha256,optional"`
	// Image is an OCI image that has the package, for clusters with image volumes: Kubernetes 1.35 and newer.
	// https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/
	Image string `pulumi:"image,optional"`
	// Path is the package's folder in Image. Defaults to the image's root.
	Path string `pulumi:"path,optional"`
}
