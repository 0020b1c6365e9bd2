package unit

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

func TestArgumentsThatAreSetAreTheComponentsInputs(t *testing.T) {
	args := wikiArgs(func(a *components.MediaWikiStackArgs) {
		a.Replicas, a.Web.Workers = pulumi.IntRef(3), 5
		a.Wiki.SiteName, a.Wiki.AdminPassword = pulumi.String("Soup kitchen"), pulumi.String("canary-admin")
		a.Wiki.Uploads.Enabled = pulumi.BoolRef(false)
		a.Wiki.Extensions = pulumi.ToStringArray([]string{"Cite"})
		a.Service.TrustedProxies = []string{}
	})
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		i := slices.IndexFunc(r.Resources, func(res *mocks.Resource) bool { return res.TypeToken == parts.StackToken })
		require.NotEqual(t, -1, i)
		secret := func(text string) resource.PropertyValue { return resource.MakeSecret(resource.NewProperty(text)) }
		assert.Equal(t, resource.PropertyMap{
			"namespace": resource.NewProperty("wiki"), "createNamespace": resource.NewProperty(true),
			"masterSecret": secret(canary), "nodeHost": resource.NewProperty("192.0.2.7"), "replicas": resource.NewProperty(3.0),
			"web": resource.NewProperty(resource.PropertyMap{"workers": resource.NewProperty(5.0)}),
			"wiki": resource.NewProperty(resource.PropertyMap{
				"siteName": resource.NewProperty("Soup kitchen"), "adminPassword": secret("canary-admin"),
				"uploads":    resource.NewProperty(resource.PropertyMap{"enabled": resource.NewProperty(false)}),
				"extensions": resource.NewProperty([]resource.PropertyValue{resource.NewProperty("Cite")}),
			}),
		}, r.Resources[i].Inputs)
	})
}
