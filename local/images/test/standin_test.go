package test

import (
	"strings"
	"testing"
)

// A user who finds such an image on a node can see that it is a stand-in, and from which versions it was built.
func TestStandInsHaveLabelsThatNameTheirPackages(t *testing.T) {
	t.Parallel()
	for name, image := range map[string]image{
		"mediawiki": mediawiki, "mariadb": mariadb, "restic": restic, "varnish": varnish, "memcached": memcached,
	} {
		config, variable := image.config, strings.ToUpper(name)
		version, major := config.env(variable+"_VERSION"), config.env(variable+"_MAJOR_VERSION")
		if version == "" || !strings.HasPrefix(version, major+".") || config.Labels["org.opencontainers.image.version"] != version {
			t.Errorf("%s: version %q of series %q, labels %q", name, version, major, config.Labels)
		}
		if want := "localhost/" + name + ":" + major + "-debian"; !strings.HasPrefix(image.reference, want) {
			t.Errorf("reference is %q, want %q and a number", image.reference, want)
		}
		if !strings.Contains(config.Labels["org.opencontainers.image.description"], "stand-in") {
			t.Errorf("%s: no label says that this is a stand-in", name)
		}
		if !strings.Contains(config.Labels["org.debian.packages"], name) {
			t.Errorf("%s: no label says which packages it is made of", name)
		}
	}
}

// The official image would set up replication.
func TestStandInRefusesReplication(t *testing.T) {
	t.Parallel()
	database := startDatabase(t, directory(t), "MARIADB_ROOT_PASSWORD=a", "MARIADB_MASTER_HOST=db")
	database.refuses("MARIADB_MASTER_HOST is set, but this image")
}
