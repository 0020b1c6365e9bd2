package components

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/pictures"
)

// pictureSet is the wiki's pictures. Each is nil if the wiki has none.
type pictureSet struct {
	logo, icon, favicon *pictures.Picture
}

// readPictures reads the pictures of a wiki.
func (args *MediaWikiStackArgs) readPictures() (*pictureSet, error) {
	set := &pictureSet{}
	var errs []error
	for _, picture := range []struct {
		field, name, value string
		into               **pictures.Picture
	}{
		{"Wiki.Logo", "logo", args.Wiki.Logo, &set.logo},
		{"Wiki.Icon", "icon", args.Wiki.Icon, &set.icon},
		{"Wiki.Favicon", "favicon", args.Wiki.Favicon, &set.favicon},
	} {
		var err error
		*picture.into, err = pictures.Read(picture.name, picture.value, args.Wiki.Access == AccessPrivate)
		if err != nil {
			errs = append(errs, fmt.Errorf("the value of %s is %q; set it to %w", picture.field, picture.value, err))
		}
	}
	return set, errors.Join(errs...)
}

// addresses returns the addresses of the pictures for LocalSettings.php, empty for those that the wiki does not have.
func (s *pictureSet) addresses() pulumi.StringMap {
	return pulumi.StringMap{
		"logo": pulumi.String(addressOf(s.logo)), "icon": pulumi.String(addressOf(s.icon)), "favicon": pulumi.String(addressOf(s.favicon)),
	}
}

func addressOf(picture *pictures.Picture) string {
	if picture == nil {
		return ""
	}
	return picture.Address
}

// files returns the contents of pictures that are files, for a ConfigMap.
func (s *pictureSet) files() pulumi.StringMap {
	files := pulumi.StringMap{}
	for _, picture := range []*pictures.Picture{s.logo, s.icon, s.favicon} {
		if picture != nil && picture.File != "" {
			files[picture.File] = pulumi.String(base64.StdEncoding.EncodeToString(picture.Content))
		}
	}
	return files
}

// apache returns the options with which Apache serves the pictures, see site.conf.
func (s *pictureSet) apache() []string {
	var options, names []string
	for _, picture := range []*pictures.Picture{s.logo, s.icon, s.favicon} {
		if picture != nil && picture.File != "" {
			names = append(names, picture.File)
		}
	}
	if len(names) > 0 {
		options = append(options, "-C", "Define PICTURES "+strings.Join(names, "|"))
	}
	if s.favicon != nil {
		options = append(options, "-C", "Define FAVICON "+rewritten(s.favicon.Address))
	}
	return options
}

// rewritten returns an address as the target of a RewriteRule: a path in the wiki is not encoded there, and a percent sign would refer to a
// group of a RewriteCond.
func rewritten(address string) string {
	if path, err := url.PathUnescape(address); err == nil && strings.HasPrefix(address, "/") {
		return path
	}
	return strings.ReplaceAll(address, "%", `\%`)
}
