package config

import (
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // time zones are known on every machine
	"unicode"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
)

// Wiki is what readers and editors see.
type Wiki struct {
	SiteName           string             `config:"siteName"`
	Language           string             `config:"language"`
	Timezone           string             `config:"timezone"`
	Access             string             `config:"access"`
	AdminUser          string             `config:"adminUser"`
	AdminPassword      string             `config:"adminPassword,secret"`
	Skin               string             `config:"skin"`
	Skins              []string           `config:"skins"`
	Extensions         []string           `config:"extensions"`
	Packages           []packages.Package `config:"packages"`
	PackageAuthorities string             `config:"packageAuthorities"`
	PackageVolume      Volume             `config:"packageVolume"`
	Logo               string             `config:"logo"` // this and the next two are what [pictures.Read] reads
	Icon               string             `config:"icon"`
	Favicon            string             `config:"favicon"`
	Robots             string             `config:"robots"`
	Sitemap            bool               `config:"sitemap"`
	ExtraSettings      string             `config:"extraSettings"`
	Uploads            Uploads
	Mail               Mail
}

// Uploads are the files that users upload.
type Uploads struct {
	Enabled    bool     `config:"uploads.enabled"`
	Types      []string `config:"uploads.types"`
	MaxSize    int      `config:"uploads.maxSize"` // MiB
	Volume     Volume   `config:"uploads"`
	AccessMode string   `config:"uploads.accessMode"`
}

// Mail is the server that delivers the wiki's mail. Without a host there is none.
type Mail struct {
	Host     string `config:"mail.host"`
	Port     int    `config:"mail.port"`
	From     string `config:"mail.from"`
	User     string `config:"mail.user"`
	Password string `config:"mailPassword,secret"`
}

var (
	languageCode  = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)*$`)
	folderName    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	fileEnding    = regexp.MustCompile(`^[a-z0-9]+$`)
	notInUserName = "#<>[]|{}@:/=_" // https://www.mediawiki.org/wiki/Manual:$wgInvalidUsernameCharacters
)

// maxUpload is the maximum of uploads.maxSize, in MiB. A worker's memory and an hour on a slow line limit uploads, too.
const maxUpload = 1024

func (c *checker) wiki() {
	w := c.cfg.Wiki
	if strings.TrimSpace(w.SiteName) == "" || len(w.SiteName) > 255 || strings.ContainsFunc(w.SiteName, unicode.IsControl) {
		c.add("siteName", "a name of at most 255 bytes in one line", c.reset("siteName"))
	}
	if !languageCode.MatchString(w.Language) {
		c.add("language", "a code in lower case, such as en or pt-br", c.reset("language"))
	}
	if _, err := time.LoadLocation(w.Timezone); err != nil || w.Timezone == "" || w.Timezone == "Local" {
		c.add("timezone", "a name of the tz database, such as Europe/Berlin", c.reset("timezone"))
	}
	c.choice("access", w.Access, choices.AccessLevels)
	c.choice("robots", w.Robots, choices.RobotsRules)
	if w.AdminUser == "" || strings.ContainsAny(w.AdminUser, notInUserName) || !startsWithCapital(w.AdminUser) || len(w.AdminUser) > 85 {
		c.add("adminUser", "a MediaWiki user name: at most 85 bytes, with a capital first letter and none of "+notInUserName,
			c.reset("adminUser"))
	}
	c.names("skins", w.Skins, folderName, "names of folders in the image's skins/, or of packages")
	c.names("extensions", w.Extensions, folderName, "names of folders in the image's extensions/, or of packages")
	if len(w.Skins) == 0 {
		c.add("skins", "at least one skin", set("'skins[0]'", "Vector"))
	}
	if w.Skin == "" {
		c.add("skin", "a skin that one of skins provides", c.reset("skin"))
	}
}

// names checks a list of names without duplicates.
func (c *checker) names(key string, names []string, pattern *regexp.Regexp, want string) {
	seen := map[string]bool{}
	for i, name := range names {
		if !pattern.MatchString(name) || seen[name] {
			c.addItem(key, i, name, want+", each once", "")
		}
		seen[name] = true
	}
}

func (c *checker) uploads() {
	u := c.cfg.Wiki.Uploads
	c.names("uploads.types", u.Types, fileEnding, "file extensions in lower case, such as png")
	if u.MaxSize < 1 || u.MaxSize > maxUpload {
		c.add("uploads.maxSize", "1 to "+strconv.Itoa(maxUpload)+" MiB", c.reset("uploads.maxSize"))
	}
	c.volume("uploads", u.Volume)
	c.choice("uploads.accessMode", u.AccessMode, choices.AccessModes)
}

func (c *checker) mail() {
	m := c.cfg.Wiki.Mail
	c.port("mail.port", m.Port)
	if m.Host == "" {
		return
	}
	c.host("mail.host", m.Host, "mail.example.org")
	if from, err := mail.ParseAddress(m.From); err != nil || from.Address != m.From {
		c.add("mail.from", "the sender's address, without a name, because mail.host is set", set("mail.from", "wiki@example.org"))
	}
	if m.User != "" && m.Password == "" {
		c.addSecret("mailPassword", "missing", "the password of mail.user")
	}
}

func startsWithCapital(name string) bool {
	first := []rune(name)[0]
	return !unicode.IsLower(first) && !unicode.IsSpace(first)
}
