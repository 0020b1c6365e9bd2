package components

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Values that a field with a fixed set of values can have, the default first.
var (
	DatabaseModes = []string{DatabaseStatefulSet, DatabaseExternal, DatabaseSidecar}
	ServiceTypes  = []string{ServiceNodePort, ServiceLoadBalancer, ServiceClusterIP}
	AccessLevels  = []string{AccessReadOnly, AccessPublic, AccessPrivate}
	AccessModes   = []string{ReadWriteOnce, ReadWriteMany}
	ProfileNames  = []string{ProfileSmall, ProfilePi2G, ProfilePi4G, ProfilePi8G, ProfileLarge}
	StorageModes  = []string{StorageDurable, StorageGentle}
)

// check finds every mistake that can be seen before anything is registered.
func (args *MediaWikiStackArgs) check() error {
	var errs []error
	if args.Namespace == nil {
		errs = append(errs, errors.New("set Namespace to the namespace of the wiki's objects"))
	}
	if args.MasterSecret == nil {
		errs = append(errs, errors.New("set MasterSecret to a secret of at least 16 random characters"))
	}
	errs = append(errs, args.checkChoices())
	if args.Cache.Replicas < 1 || args.Cache.Replicas > MaxCaches {
		errs = append(errs, fmt.Errorf("the value of Cache.Replicas is %d; set it to 1 to %d", args.Cache.Replicas, MaxCaches))
	}
	if replicas, known := args.Replicas.(pulumi.Int); known && args.Database.Mode != DatabaseSidecar {
		errs = append(errs, args.checkSizes(int(replicas)))
	}
	if args.Database.Mode == DatabaseExternal {
		errs = append(errs, args.Database.checkExternal())
	}
	if address, known := args.SiteURL.(pulumi.String); known {
		if _, err := ParseSiteURL(string(address)); err != nil {
			errs = append(errs, fmt.Errorf("the value of SiteURL is %q; set it to %w", string(address), err))
		}
	}
	if address := args.Backups.Remote.Address; address != "" {
		if _, err := ParseRemote(address); err != nil {
			errs = append(errs, fmt.Errorf("the value of Backups.Remote.Address is %q; set it to %w", address, err))
		}
	}
	if _, err := args.destinations(); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, args.Service.check())
	return errors.Join(errs...)
}

// check finds settings of the Service that contradict each other, and proxies that are not addresses.
func (service ServiceArgs) check() error {
	var errs []error
	if service.Type == ServiceClusterIP && service.NodePort != nil {
		errs = append(errs, errors.New("remove Service.NodePort: a ClusterIP Service has none"))
	}
	for _, proxy := range service.TrustedProxies {
		if _, err := ParseProxy(proxy); err != nil {
			errs = append(errs, fmt.Errorf("the value of Service.TrustedProxies has %q; set it to %w", proxy, err))
		}
	}
	return errors.Join(errs...)
}

// checkChoices finds fields whose value is none of those they can have.
func (args *MediaWikiStackArgs) checkChoices() error {
	var errs []error
	for _, choice := range []struct {
		field, value string
		values       []string
	}{
		{"Profile", args.Profile, ProfileNames},
		{"Storage", args.Storage, StorageModes},
		{"Database.Mode", args.Database.Mode, DatabaseModes},
		{"Service.Type", args.Service.Type, ServiceTypes},
		{"Wiki.Access", args.Wiki.Access, AccessLevels},
		{"Wiki.Uploads.AccessMode", args.Wiki.Uploads.AccessMode, AccessModes},
	} {
		if !slices.Contains(choice.values, choice.value) {
			errs = append(errs, fmt.Errorf("the value of %s is %q; set it to one of %q", choice.field, choice.value, choice.values))
		}
	}
	return errors.Join(errs...)
}

// checkExternal finds what is not known of a database that is not ours.
func (db DatabaseArgs) checkExternal() error {
	var errs []error
	if db.Host == nil || db.Password == nil {
		errs = append(errs, errors.New("set Database.Host and Database.Password to those of the external database"))
	}
	if db.Password != nil && db.MigrationPassword == nil {
		errs = append(errs, errors.New("set Database.MigrationPassword to that of Database.MigrationUser"))
	}
	return errors.Join(errs...)
}
