package config

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"mediawiki-stack/components"
)

// StackArgs is the configuration as the component takes it. nodeHost is the host under which readers reach a node.
func (c *Config) StackArgs(nodeHost string) *components.MediaWikiStackArgs {
	args := &components.MediaWikiStackArgs{
		Namespace:       pulumi.String(c.Namespace),
		CreateNamespace: c.CreateNamespace,
		MasterSecret:    secret(c.MasterSecret),
		Replicas:        pulumi.Int(c.Replicas),
		Image:           pulumi.String(c.MediaWikiImage),
		Service:         components.ServiceArgs{Type: c.ServiceType, Port: pulumi.Int(c.Port)},
		Database: components.DatabaseArgs{
			Mode:  c.DatabaseMode,
			Image: pulumi.String(c.MariaDBImage),
			Name:  pulumi.String(c.DatabaseName),
			User:  pulumi.String(c.DatabaseUser),
		},
		NodeHost: pulumi.String(nodeHost),
		Timeouts: components.TimeoutsArgs{Create: c.CreateTimeout, Update: c.UpdateTimeout, Delete: c.DeleteTimeout},
	}
	if c.NodePort != 0 {
		args.Service.NodePort = pulumi.IntPtr(c.NodePort)
	}
	if c.SiteURL != "" {
		args.SiteURL = pulumi.String(c.SiteURL)
	}
	if c.DatabasePassword != "" {
		args.Database.Password = secret(c.DatabasePassword)
	}
	return args
}

func secret(text string) pulumi.StringInput {
	return pulumi.ToSecret(pulumi.String(text)).(pulumi.StringOutput)
}
