// Package unit tests what the component promises against mocks, for a preview and for an update.
package unit

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

const canary = "canary-master-secret-0123456789"

// change changes the arguments of a wiki.
type change func(*components.MediaWikiStackArgs)

// wikiArgs returns the arguments of a wiki with default settings, after the changes.
func wikiArgs(changes ...change) *components.MediaWikiStackArgs {
	args := &components.MediaWikiStackArgs{
		Namespace:       pulumi.String("wiki"),
		CreateNamespace: true,
		MasterSecret:    pulumi.String(canary),
		NodeHost:        pulumi.String("192.0.2.7"),
	}
	for _, change := range changes {
		change(args)
	}
	return args
}

// uncached disables the caches, so that the web Pods answer all readers.
func uncached(a *components.MediaWikiStackArgs) { a.Cache.Enabled = pulumi.BoolRef(false) }

// replicated runs a second database.
func replicated(a *components.MediaWikiStackArgs) { a.Database.Replicas = 2 }

// recipe is the setup of the article.
func recipe(a *components.MediaWikiStackArgs) { a.Database.Mode = components.DatabaseSidecar }

// fronted makes an ingress controller serve the wiki, with a certificate of an authority.
func fronted(a *components.MediaWikiStackArgs) {
	a.SiteURL = "https://wiki.example.org"
	a.Ingress.Enabled, a.Ingress.TLS.Email = true, "you@example.org"
}

// certified gives the Ingress another kind of certificate.
func certified(tls components.TLSArgs) change {
	return func(a *components.MediaWikiStackArgs) { a.Ingress.TLS = tls }
}

// external uses a database that runs elsewhere.
func external(a *components.MediaWikiStackArgs) {
	a.Database.Mode, a.Database.Host = components.DatabaseExternal, pulumi.String("mariadb.example.org")
	if a.Database.Password == nil {
		a.Database.Password = pulumi.String("canary-external")
	}
}

// onS3 keeps copies of backups at an S3 server.
func onS3(a *components.MediaWikiStackArgs) {
	a.Backups.Remote = components.RemoteArgs{
		Address: "s3:https://s3.example.org:9000/wiki", Key: pulumi.String("AKIA"), Secret: pulumi.String("canary-s3-secret"),
	}
}

// onSFTP keeps copies of backups at an SFTP server.
func onSFTP(a *components.MediaWikiStackArgs) {
	a.Backups.Remote = components.RemoteArgs{
		Address: "sftp://wiki@example.org//srv/wiki", Secret: pulumi.String("canary-private-key"),
		KnownHosts: pulumi.String("example.org ssh-ed25519 AAAA"), Password: pulumi.String("canary-own-password"),
	}
}

// proxied trusts proxies.
func proxied(proxies ...string) change {
	return func(a *components.MediaWikiStackArgs) { a.Service.TrustedProxies = proxies }
}

// ofProfile sets the profile.
func ofProfile(profile string) change {
	return func(a *components.MediaWikiStackArgs) { a.Profile = profile }
}

// replicas sets the number of web Pods.
func replicas(count int) change {
	return func(a *components.MediaWikiStackArgs) { a.Replicas = pulumi.IntRef(count) }
}
