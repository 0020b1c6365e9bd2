package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const documentRoot = "/var/www/html"

// get asks the container's own web server for a path and returns what it answered, headers and all.
func (c *container) get(path string) (string, error) {
	return c.exec("curl", "-sS", "--max-time", fmt.Sprint(patience.Seconds()/2), "--include", "http://127.0.0.1"+path)
}

// startWeb runs the MediaWiki image until it answers.
func startWeb(t *testing.T, s spec) *container {
	t.Helper()
	s.image = mediawiki
	c := start(t, s)
	c.eventually("an answer on port 80", func() error {
		_, err := c.get("/load.php")
		return err
	})
	return c
}

func TestMediaWikiImageDeclaresVersionCommandAndPort(t *testing.T) {
	t.Parallel()
	config := mediawiki.config
	version, major := config.env("MEDIAWIKI_VERSION"), config.env("MEDIAWIKI_MAJOR_VERSION")
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(version) || !strings.HasPrefix(version, major+".") {
		t.Errorf("MEDIAWIKI_VERSION=%q and MEDIAWIKI_MAJOR_VERSION=%q do not agree", version, major)
	}
	if !slices.Equal(config.Entrypoint, []string{"docker-php-entrypoint"}) || !slices.Equal(config.Cmd, []string{"apache2-foreground"}) {
		t.Errorf("entry point %q and command %q", config.Entrypoint, config.Cmd)
	}
	if config.StopSignal != "SIGWINCH" || config.WorkingDir != documentRoot {
		t.Errorf("stop signal %q, working directory %q", config.StopSignal, config.WorkingDir)
	}
	if _, ok := config.ExposedPorts["80/tcp"]; !ok {
		t.Errorf("port 80 is not declared: %v", config.ExposedPorts)
	}
}

func TestNewMediaWikiOffersItsInstaller(t *testing.T) {
	t.Parallel()
	for name, user := range map[string]int{"as root": 0, "as www-data on a read-only root": 33} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startWeb(t, spec{user: user})
			for _, path := range []string{"/", "/wiki/Main_Page"} {
				page, err := c.get(path)
				must(t, err)
				for _, want := range []string{
					"MediaWiki " + mediawiki.config.env("MEDIAWIKI_VERSION"), "LocalSettings.php not found",
					`href="/mw-config/index.php"`, "set up the wiki",
				} {
					if !strings.Contains(page, want) {
						t.Errorf("%s lacks %q:\n%s", path, want, page)
					}
				}
			}
			page, err := c.get("/mw-config/index.php")
			must(t, err)
			if !strings.HasPrefix(page, "HTTP/1.1 200") || !strings.Contains(page, "installation") {
				t.Errorf("no installer:\n%s", page)
			}
			for _, path := range []string{"/includes/", "/maintenance/run.php", "/resources/", "/vendor/autoload.php"} {
				page, err := c.get(path)
				must(t, err)
				if !strings.HasPrefix(page, "HTTP/1.1 403") {
					t.Errorf("%s is not forbidden:\n%s", path, page)
				}
			}
		})
	}
}

func TestWebWorkersAreWWWData(t *testing.T) {
	t.Parallel()
	c := startWeb(t, spec{user: 0})
	workers, err := exec.CommandContext(t.Context(), "ps", "--ppid", fmt.Sprint(c.pid), "-o", "uid=,comm=").CombinedOutput()
	must(t, err)
	if lines := strings.Fields(string(workers)); len(lines) == 0 || lines[0] != "33" || strings.Contains(string(workers), " 0 apache2") {
		t.Errorf("Apache's workers are:\n%s", workers)
	}
}

func TestStoppedApacheFinishesRunningRequests(t *testing.T) {
	t.Parallel()
	// The volume is mounted over cache/, so that it hides the image's .htaccess, which denies all requests.
	volume := directory(t)
	const script = `<?php
		touch(__DIR__ . '/begun');
		while (!file_exists(__DIR__ . '/go')) { usleep(10000); clearstatcache(); }
		echo 'finished';`
	must(t, os.WriteFile(filepath.Join(volume, "slow.php"), []byte(script), 0o644))
	c := startWeb(t, spec{user: 33, binds: map[string]string{documentRoot + "/cache": volume}})

	// The client joins the container's network alone, so it outlives the container's processes.
	network := fmt.Sprintf("--net=/proc/%d/ns/net", c.pid)
	client := exec.CommandContext(t.Context(), "nsenter", network, "curl", "-sS", "http://127.0.0.1/cache/slow.php")
	var answer output
	client.Stdout, client.Stderr = &answer, &answer
	must(t, client.Start())
	c.eventually("a request under way", func() error {
		_, err := os.Stat(filepath.Join(volume, "begun"))
		return err
	})
	c.kill(strings.TrimPrefix(mediawiki.config.StopSignal, "SIG"))
	c.eventually("closed its port", func() error {
		if _, err := c.get("/load.php"); err == nil {
			return fmt.Errorf("it still answers")
		}
		return nil
	})
	must(t, os.WriteFile(filepath.Join(volume, "go"), nil, 0o644))
	if err := client.Wait(); err != nil || answer.String() != "finished" {
		t.Errorf("the request ended with %v and %q, want it finished", err, answer.String())
	}
	if code := c.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestPHPReadsTheOfficialSettingsDirectory(t *testing.T) {
	t.Parallel()
	const inside = "/usr/local/etc/php/conf.d"
	settings, cache := directory(t), directory(t)
	must(t, exec.CommandContext(t.Context(), "cp", "-a", mediawiki.root+inside+"/.", settings).Run())
	must(t, os.WriteFile(filepath.Join(settings, "zz-test.ini"), []byte("memory_limit=77M\n"), 0o644))
	const script = `<?php
		foreach (['memory_limit', 'opcache.revalidate_freq', 'session.save_path', 'upload_max_filesize'] as $name) {
			echo ini_get($name), ' ';
		}`
	must(t, os.WriteFile(filepath.Join(cache, "settings.php"), []byte(script), 0o644))
	c := startWeb(t, spec{user: 33, binds: map[string]string{inside: settings, documentRoot + "/cache": cache}})

	// 60 is the official image's value; no session directory and 2M are PHP's own defaults.
	const want = "77M 60  2M "
	page, err := c.get("/cache/settings.php")
	must(t, err)
	if !strings.HasSuffix(page, "\r\n\r\n"+want) {
		t.Errorf("Apache's settings are not %q:\n%s", want, page)
	}
	printed, err := c.exec("/usr/local/bin/php", documentRoot+"/cache/settings.php")
	must(t, err)
	if printed != want {
		t.Errorf("the command line's settings are %q, want %q", printed, want)
	}
}

func TestPHPHasTheOfficialExtensions(t *testing.T) {
	t.Parallel()
	c := startWeb(t, spec{user: 33})
	printed, err := c.exec("php", "-r", "echo strtolower(implode(' ', get_loaded_extensions()));")
	must(t, err)
	loaded := strings.Fields(strings.ReplaceAll(printed, "zend opcache", "opcache"))
	for _, name := range strings.Fields(`apcu calendar curl intl luasandbox mbstring mysqli opcache openssl pdo_sqlite
		readline sodium sqlite3 xml xmlreader xmlwriter zlib`) {
		if !slices.Contains(loaded, name) {
			t.Errorf("extension %s is missing of %v", name, loaded)
		}
	}
	for _, name := range strings.Fields("excimer exif ffi gd gettext gmp imagick memcached pdo_mysql redis sockets wikidiff2 xsl") {
		if slices.Contains(loaded, name) {
			t.Errorf("extension %s is not in the official image", name)
		}
	}
	_, err = c.exec("php", "-r", "exit(function_exists('pcntl_fork') ? 1 : 0);")
	must(t, err)
}

func TestStandInHasPlainFilesOfTheRightOwners(t *testing.T) {
	t.Parallel()
	root := mediawiki.root + documentRoot
	writable := []string{"cache", "extensions", "images", "skins"}
	must(t, filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		relative, _ := filepath.Rel(root, path)
		top, _, _ := strings.Cut(relative, "/")
		owner := uint32(0)
		if relative == "." || slices.Contains(writable, top) {
			owner = 33
		}
		if got := info.Sys().(*syscall.Stat_t).Uid; got != owner {
			t.Errorf("%s belongs to user %d, want %d", relative, got, owner)
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			t.Errorf("%s is a %s, want a plain file", relative, info.Mode().Type())
		}
		if info.Mode().Perm()&0o444 != 0o444 {
			t.Errorf("%s cannot be read by all: %s", relative, info.Mode())
		}
		return nil
	}))
	for _, path := range []string{
		"index.php", "mw-config/index.php", "vendor/autoload.php", "images/.htaccess",
		"skins/Vector/skin.json", "extensions/VisualEditor/extension.json",
		"RELEASE-NOTES-" + mediawiki.config.env("MEDIAWIKI_MAJOR_VERSION"), "composer.json", "INSTALL", "docs", "tests",
	} {
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Error(err)
		}
	}
	for _, path := range []string{"LocalSettings.php", "includes/PlatformSettings.php", "mw-config/overrides/DebianOverrides.php"} {
		if _, err := os.Stat(filepath.Join(root, path)); err == nil {
			t.Errorf("%s is there, and in the official image it is not", path)
		}
	}
}
