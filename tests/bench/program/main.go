// Command program is the program with which `make bench` compares the project's own. It has $WIKIS wikis; without that variable, it is the
// smallest program with the same provider.
package main

import (
	"cmp"
	"fmt"
	"os"
	"strconv"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		provider, err := kubernetes.NewProvider(ctx, "empty", &kubernetes.ProviderArgs{
			Kubeconfig: pulumi.String(os.Getenv("KUBECONFIG")),
		})
		if err != nil {
			return err
		}
		wikis, err := strconv.Atoi(cmp.Or(os.Getenv("WIKIS"), "0"))
		if err != nil {
			return fmt.Errorf("WIKIS: %w", err)
		}
		for n := range wikis {
			if err := wiki(ctx, fmt.Sprintf("wiki-%d", n+1), pulumi.Provider(provider)); err != nil {
				return err
			}
		}
		return nil
	})
}

// wiki deploys a small wiki that uses the embedded cluster's images and retains no data.
func wiki(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) error {
	wiki, err := components.NewMediaWikiStack(ctx, name, &components.MediaWikiStackArgs{
		Namespace: pulumi.String(name), CreateNamespace: true, KeepData: pulumi.BoolRef(false),
		MasterSecret: pulumi.ToSecret(pulumi.String("the secret of " + name)).(pulumi.StringOutput),
		NodeHost:     pulumi.String(os.Getenv("NODE_HOST")),
		Image:        pulumi.String("localhost/mediawiki:1.43-debian13"),
		Profile:      components.ProfilePi2G,
		Replicas:     pulumi.IntRef(1),
		Database:     components.DatabaseArgs{Image: pulumi.String("localhost/mariadb:11.8-debian13")},
		Cache:        components.CacheArgs{Image: pulumi.String("localhost/varnish:7.7-debian13")},
		ObjectCache:  components.ObjectCacheArgs{Image: pulumi.String("localhost/memcached:1.6-debian13")},
	}, opts...)
	if err != nil {
		return err
	}
	ctx.Export(name, wiki.URL)
	return nil
}
