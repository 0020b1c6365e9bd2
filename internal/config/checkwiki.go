package config

import (
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the zones are known on every machine
	"unicode"

	"github.com/robfig/cron/v3"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

var (
	languageCode  = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)*$`)
	folderName    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	fileEnding    = regexp.MustCompile(`^[a-z0-9]+$`)
	notInUserName = "#<>[]|{}@:/=_" // https://www.mediawiki.org/wiki/Manual:$wgInvalidUsernameCharacters
)

// largestUpload bounds uploads.maxSize, in MiB: a worker's memory and an hour of a slow line have their limits too.
const largestUpload = 1024

func (c *checker) wiki() {
	if name := c.text("siteName"); strings.TrimSpace(name) == "" || len(name) > 255 || strings.ContainsFunc(name, unicode.IsControl) {
		c.add("siteName", "a name of at most 255 bytes in one line", set("siteName", "Wiki"))
	}
	if !languageCode.MatchString(c.text("language")) {
		c.add("language", "a code in lower case, such as en or pt-br", set("language", "en"))
	}
	if _, err := time.LoadLocation(c.text("timezone")); err != nil || c.text("timezone") == "" || c.text("timezone") == "Local" {
		c.add("timezone", "a name of the tz database, such as Europe/Berlin", set("timezone", "UTC"))
	}
	c.choice("access", components.AccessLevels)
	admin := c.text("adminUser")
	if admin == "" || strings.ContainsAny(admin, notInUserName) || !startsWithCapital(admin) || len(admin) > 85 {
		c.add("adminUser", "a user's name as MediaWiki has it: a capital first, at most 85 bytes, none of "+notInUserName,
			set("adminUser", "Admin"))
	}
	c.names("skins", folderName, "names of folders in the image's skins/")
	c.names("extensions", folderName, "names of folders in the image's extensions/")
	if len(c.list("skins")) == 0 {
		c.add("skins", "at least one skin", set("'skins[0]'", "Vector"))
	}
	if c.text("skin") == "" {
		c.add("skin", "a skin that one of skins makes", set("skin", "vector-2022"))
	}
}

// names checks a list of names, each of which stands in it once.
func (c *checker) names(key string, pattern *regexp.Regexp, want string) {
	seen := map[string]bool{}
	for i, name := range c.list(key) {
		if !pattern.MatchString(name) || seen[name] {
			item := key + "[" + strconv.Itoa(i) + "]"
			c.report(Problem{
				Key: item, Found: strconv.Quote(name), Want: want + ", each once", Fix: "pulumi config rm --path '" + item + "'",
			})
		}
		seen[name] = true
	}
}

func (c *checker) uploads() {
	c.names("uploads.types", fileEnding, "endings of files in lower case, such as png")
	if size := c.number("uploads.maxSize"); size < 1 || size > largestUpload {
		c.add("uploads.maxSize", "1 to "+strconv.Itoa(largestUpload)+" MiB", set("uploads.maxSize", "50"))
	}
	c.volume("uploads")
	c.choice("uploads.accessMode", components.AccessModes)
}

func (c *checker) backups() {
	c.schedule("backups.schedule", components.DefaultBackupSchedule)
	c.schedule("backups.drillSchedule", components.DefaultDrillSchedule)
	if c.number("backups.keep") < 1 {
		c.add("backups.keep", "1 or more", set("backups.keep", "7"))
	}
	c.volume("backups")
	c.remote()
}

// schedule checks what Kubernetes takes for the schedule of a CronJob that has a time zone.
func (c *checker) schedule(key, example string) {
	text, command := c.text(key), set(key, "'"+example+"'")
	if strings.Contains(text, "TZ") { // the parser accepts it, and the API server does not
		c.add(key, "five fields as cron has them, without a time zone: timezone says which one is meant", command)
		return
	}
	schedule, err := cron.ParseStandard(text)
	if err != nil {
		c.add(key, "five fields as cron has them: "+err.Error(), command)
		return
	}
	if schedule.Next(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		c.add(key, "a schedule that some day matches", command)
	}
}

// volume checks a part's size and storageClass.
func (c *checker) volume(part string) {
	size, class := part+".size", part+".storageClass"
	if quantity, err := resource.ParseQuantity(c.text(size)); err != nil || quantity.Sign() <= 0 {
		c.add(size, "a quantity such as 500Mi or 8Gi", set(size, components.DefaultVolumeSize))
	}
	if name := c.text(class); name != "" && len(validation.IsDNS1123Subdomain(name)) > 0 {
		c.add(class, "the name of a storage class (kubectl get storageclass)", remove(class))
	}
}

func (c *checker) mail() {
	c.port("mail.port", "25")
	if c.text("mail.host") == "" {
		return
	}
	c.host("mail.host", "mail.example.org")
	if from, err := mail.ParseAddress(c.text("mail.from")); err != nil || from.Address != c.text("mail.from") {
		c.add("mail.from", "the address that mail comes from, without a name: mail.host is set", set("mail.from", "wiki@example.org"))
	}
	if c.text("mail.user") != "" && c.text("mailPassword") == "" {
		c.report(Problem{Key: "mailPassword", Found: "missing", Want: "the password of mail.user", Fix: setSecret("mailPassword")})
	}
}

func startsWithCapital(name string) bool {
	first := []rune(name)[0]
	return !unicode.IsLower(first) && !unicode.IsSpace(first)
}
