package addresses

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// hostName matches what Kubernetes accepts as the host of an Ingress, up to its length.
var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

var errHost = errors.New("a DNS name in lower case, without a scheme or a port, such as wiki.example.org")

// CheckHost fails unless the text is a DNS name that an Ingress and a certificate can have. The error says what such a name looks like.
func CheckHost(text string) error {
	if len(text) > 253 || !hostName.MatchString(text) || decimal.MatchString(text) {
		return errHost
	}
	return nil
}

// SiteHost returns the host in a wiki's address, without the port. It is empty if the address has no DNS name.
func SiteHost(address string) string {
	normal, err := ParseSiteURL(address)
	if err != nil {
		return ""
	}
	u, err := url.Parse(normal)
	if err != nil {
		return ""
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil || CheckHost(u.Hostname()) != nil {
		return ""
	}
	return u.Hostname()
}

// IsHTTPS reports whether readers use TLS at a wiki's address.
func IsHTTPS(address string) bool {
	normal, err := ParseSiteURL(address)
	return err == nil && strings.HasPrefix(normal, "https:")
}
