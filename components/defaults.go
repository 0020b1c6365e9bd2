package components

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// withDefaults returns a copy of args in which every optional field is set.
func (args *MediaWikiStackArgs) withDefaults() *MediaWikiStackArgs {
	out := MediaWikiStackArgs{}
	if args != nil {
		out = *args
	}
	if out.Replicas == nil {
		out.Replicas = pulumi.Int(DefaultReplicas)
	}
	if out.Service.Port == nil {
		out.Service.Port = pulumi.Int(DefaultServicePort)
	}
	out.Service.Type = orElse(out.Service.Type, ServiceNodePort)
	out.Image = textOr(out.Image, DefaultMediaWikiImage)
	out.Database.Mode = orElse(out.Database.Mode, DatabaseSidecar)
	out.Database.Image = textOr(out.Database.Image, DefaultMariaDBImage)
	out.Database.Name = textOr(out.Database.Name, DefaultDatabaseName)
	out.Database.User = textOr(out.Database.User, DefaultDatabaseUser)
	out.NodeHost = textOr(out.NodeHost, "localhost")
	out.Timeouts.Create = durationOr(out.Timeouts.Create, DefaultCreateTimeout)
	out.Timeouts.Update = durationOr(out.Timeouts.Update, DefaultUpdateTimeout)
	out.Timeouts.Delete = durationOr(out.Timeouts.Delete, DefaultDeleteTimeout)
	return &out
}

// check finds every mistake that can be seen before anything is registered.
func (args *MediaWikiStackArgs) check() error {
	var errs []error
	if args.Namespace == nil {
		errs = append(errs, errors.New("set Namespace to the namespace of the wiki's objects"))
	}
	if args.MasterSecret == nil && args.Database.Password == nil {
		errs = append(errs, errors.New("set MasterSecret, or Database.Password"))
	}
	if args.Database.Mode != DatabaseSidecar {
		errs = append(errs, fmt.Errorf("the value of Database.Mode is %q; set it to %q", args.Database.Mode, DatabaseSidecar))
	}
	types := []string{ServiceNodePort, ServiceLoadBalancer, ServiceClusterIP}
	if !slices.Contains(types, args.Service.Type) {
		errs = append(errs, fmt.Errorf("the value of Service.Type is %q; set it to one of %q", args.Service.Type, types))
	}
	if args.Service.Type == ServiceClusterIP && args.Service.NodePort != nil {
		errs = append(errs, errors.New("remove Service.NodePort: a ClusterIP Service has none"))
	}
	return errors.Join(errs...)
}

// resourceOption gives a child object its time.
func (t TimeoutsArgs) resourceOption() pulumi.ResourceOption {
	return pulumi.Timeouts(&pulumi.CustomTimeouts{Create: t.Create.String(), Update: t.Update.String(), Delete: t.Delete.String()})
}

func textOr(value pulumi.StringInput, otherwise string) pulumi.StringInput {
	if value == nil {
		return pulumi.String(otherwise)
	}
	return value
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func durationOr(value, otherwise time.Duration) time.Duration {
	if value == 0 {
		return otherwise
	}
	return value
}
