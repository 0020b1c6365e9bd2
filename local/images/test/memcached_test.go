package test

import (
	"strings"
	"testing"
)

func TestMemcachedImageDeclaresVersionAndUser(t *testing.T) {
	t.Parallel()
	if config := memcached.config; !strings.HasPrefix(config.env("MEMCACHED_VERSION"), "1.6.") || config.User != "memcache" {
		t.Errorf("version %q, user %q", config.env("MEMCACHED_VERSION"), config.User)
	}
}

// Under the restricted Pod Security Standard, as the user of the official image.
func TestMemcachedServesWithTheWikisOptions(t *testing.T) {
	t.Parallel()
	c := start(t, spec{
		image: memcached, user: 11211,
		args: []string{"memcached", "--port=11211", "--memory-limit=16", "--max-item-size=4m", "--threads=2"},
	})
	const ask = `exec 3<>/dev/tcp/127.0.0.1/11211 && echo version >&3 && read -rt 20 said <&3 && [[ $said == VERSION* ]]`
	c.eventually("an answer", func() error {
		_, err := c.exec("bash", "-c", ask)
		return err
	})
	c.kill("TERM")
	if code := c.wait(); code != 0 {
		t.Fatalf("status %d", code)
	}
}
