package config

import (
	"cmp"
	"errors"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/pictures"
)

// pictures checks the files and addresses of pictures.
func (c *checker) pictures() {
	w := c.cfg.Wiki
	for key, value := range map[string]string{"logo": w.Logo, "icon": w.Icon, "favicon": w.Favicon} {
		_, err := pictures.Read(key, value, w.Access == choices.AccessPrivate)
		if problem := (*pictures.Error)(nil); errors.As(err, &problem) {
			c.add(key, problem.Want, cmp.Or(problem.Fix, remove(key)))
		}
	}
}
