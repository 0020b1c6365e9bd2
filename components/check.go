package components

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// check reports every mistake that can be found before anything is registered. It reads only plain fields, never Outputs, so that no check
// is skipped because a value is not known yet.
func (args *MediaWikiStackArgs) check() error {
	var errs []error
	if args.Namespace == nil {
		errs = append(errs, errors.New("set Namespace to the namespace of the wiki's objects"))
	}
	if args.MasterSecret == nil {
		errs = append(errs, errors.New("set MasterSecret to a secret of at least 16 random characters"))
	}
	errs = append(errs, args.checkChoices(), args.Timeouts.check())
	if *args.Replicas < 0 {
		errs = append(errs, fmt.Errorf("the value of Replicas is %d; set it to 0 or more", *args.Replicas))
	}
	if n := args.Cache.Replicas; n < 0 || n > sizes.MaxCaches {
		errs = append(errs, fmt.Errorf("the value of Cache.Replicas is %d; set it to 1 to %d", n, sizes.MaxCaches))
	}
	errs = append(errs, args.Database.checkReplicas())
	if args.Database.Mode != DatabaseSidecar {
		errs = append(errs, args.checkSizes())
	}
	if args.Database.Mode == DatabaseExternal {
		errs = append(errs, args.Database.checkExternal())
	}
	if args.SiteURL != "" {
		if _, err := addresses.ParseSiteURL(args.SiteURL); err != nil {
			errs = append(errs, fmt.Errorf("the value of SiteURL is %q; set it to %w", args.SiteURL, err))
		}
	}
	if address := args.Backups.Remote.Address; address != "" {
		if _, err := addresses.ParseRemote(address); err != nil {
			errs = append(errs, fmt.Errorf("the value of Backups.Remote.Address is %q; set it to %w", address, err))
		}
	}
	if _, err := args.destinations(); err != nil {
		errs = append(errs, err)
	}
	if _, err := args.readPictures(); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, args.Autoscaling.check(), args.Service.check(), args.checkHosts(), args.checkIngress(), args.checkPackages())
	return errors.Join(errs...)
}

// checkChoices reports fields whose value is not one of the allowed ones.
func (args *MediaWikiStackArgs) checkChoices() error {
	var errs []error
	for _, choice := range []struct {
		field, value string
		values       []string
	}{
		{"Profile", args.Profile, choices.Profiles},
		{"Storage", args.Storage, choices.StorageModes},
		{"Database.Mode", args.Database.Mode, choices.DatabaseModes},
		{"Service.Type", args.Service.Type, choices.ServiceTypes},
		{"Wiki.Access", args.Wiki.Access, choices.AccessLevels},
		{"Wiki.Robots", args.Wiki.Robots, choices.RobotsRules},
		{"Wiki.Uploads.AccessMode", args.Wiki.Uploads.AccessMode, choices.AccessModes},
	} {
		if !slices.Contains(choice.values, choice.value) {
			errs = append(errs, fmt.Errorf("the value of %s is %q; set it to one of %q", choice.field, choice.value, choice.values))
		}
	}
	return errors.Join(errs...)
}

// check reports timeouts that are not durations.
func (t TimeoutsArgs) check() error {
	var errs []error
	for _, timeout := range []struct{ field, value string }{{"Create", t.Create}, {"Update", t.Update}, {"Delete", t.Delete}} {
		if duration, err := time.ParseDuration(timeout.value); err != nil || duration <= 0 {
			errs = append(errs, fmt.Errorf(
				`the value of Timeouts.%s is %q; set it to a duration such as "30m"`, timeout.field, timeout.value))
		}
	}
	return errors.Join(errs...)
}
