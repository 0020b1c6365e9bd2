package components

import (
	"errors"
	"fmt"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

// destinations parses Egress. The error names every item that is not valid.
func (args *MediaWikiStackArgs) destinations() ([]addresses.Destination, error) {
	all := make([]addresses.Destination, 0, len(args.Egress))
	var errs []error
	for i, text := range args.Egress {
		destination, err := addresses.ParseDestination(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("the value of Egress[%d] is %q; set it to %w", i, text, err))
		}
		all = append(all, destination)
	}
	return all, errors.Join(errs...)
}
