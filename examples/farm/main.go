// Command farm is a Pulumi program that runs several wikis with one MariaDB. Everything else belongs to one wiki alone: its namespace, its
// database and the accounts for it, its caches and its volumes.
package main

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	microk8s, err := kubernetes.NewProvider(ctx, "microk8s", &kubernetes.ProviderArgs{
		Kubeconfig: pulumi.String("~/.kube/config"),
		Context:    pulumi.String("microk8s"),
	})
	if err != nil {
		return err
	}
	var wikis []string
	config.RequireObject(ctx, "wikis", &wikis)
	secret := config.RequireSecret(ctx, "farmSecret")
	server, err := newServer(ctx, derive(secret, "root"), pulumi.Provider(microk8s))
	if err != nil {
		return err
	}
	for n, name := range wikis {
		if !wikiName.MatchString(name) {
			return fmt.Errorf("wikis[%d] is %q; set it to at most 30 lower-case letters and digits that begin with a letter", n, name)
		}
		wiki, err := newWiki(ctx, name, server, secret)
		if err != nil {
			return fmt.Errorf("wiki %s: %w", name, err)
		}
		ctx.Export(name+"Url", wiki.URL)
		ctx.Export(name+"AdminPassword", wiki.AdminPassword)
	}
	return nil
}

// wikiName matches names that need no quoting anywhere, neither in SQL nor in the names of Kubernetes objects.
var wikiName = regexp.MustCompile(`^[a-z][a-z0-9]{0,29}$`)

// newWiki creates a wiki and its database in the server.
func newWiki(ctx *pulumi.Context, name string, server *server, secret pulumi.StringOutput) (*components.MediaWikiStack, error) {
	namespace := "wiki-" + name
	db := &database{
		name: "wiki_" + name,
		user: "wiki_" + name, password: derive(secret, "database of "+name),
		schemaUser: "schema_" + name, schemaPassword: derive(secret, "schema of "+name),
	}
	host, err := server.add(ctx, name, namespace, db)
	if err != nil {
		return nil, err
	}
	minute := int(sha256.Sum256([]byte(name))[0]) % 60 // not all wikis at the same time
	return components.NewMediaWikiStack(ctx, name, &components.MediaWikiStackArgs{
		Namespace:       pulumi.String(namespace),
		CreateNamespace: true,
		// Two wikis with the same secret would have the same passwords.
		MasterSecret: derive(secret, "wiki "+name),
		NodeHost:     pulumi.String("raspberrypi.local"),
		Profile:      components.ProfilePi2G,
		Replicas:     new(1),
		Database: components.DatabaseArgs{
			Mode:              components.DatabaseExternal,
			Host:              host,
			Name:              pulumi.String(db.name),
			User:              pulumi.String(db.user),
			Password:          db.password,
			MigrationUser:     pulumi.String(db.schemaUser),
			MigrationPassword: db.schemaPassword,
		},
		Backups: components.BackupsArgs{
			Schedule:      pulumi.String(fmt.Sprintf("%d 3 * * *", minute)),
			DrillSchedule: pulumi.String(fmt.Sprintf("%d 4 * * 0", minute)),
		},
	}, server.provider)
}

// derive returns a secret for one purpose, in hexadecimal digits. Whoever knows it learns nothing about the secrets for other purposes.
func derive(secret pulumi.StringOutput, purpose string) pulumi.StringOutput {
	return secret.ApplyT(func(secret string) (string, error) {
		key, err := hkdf.Key(sha256.New, []byte(secret), nil, purpose, 32)
		return hex.EncodeToString(key), err
	}).(pulumi.StringOutput)
}
