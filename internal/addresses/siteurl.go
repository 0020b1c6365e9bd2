package addresses

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// dnsName matches a name that browsers and web servers accept as a host, in lower case.
var dnsName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// decimal matches the last label of a name that browsers interpret as an IPv4 address.
var decimal = regexp.MustCompile(`(^|\.)(\d+|0x[0-9a-f]*)$`)

const exampleSiteURL = "https://wiki.example.org"

// errSiteURL says what [ParseSiteURL] accepts.
var errSiteURL = errors.New("http:// or https://, a host and, if it is not the usual one, a port, such as " + exampleSiteURL + ": " +
	"no path, user, ? or #, and letters beyond ASCII as browsers send them (xn--…)")

// ParseSiteURL returns the normal form of a wiki's address, which is what browsers show and send: lower case, without a default port,
// without a trailing slash. It fails unless the address consists of a scheme, a host and optionally a port.
func ParseSiteURL(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || (u.Path != "" && u.Path != "/") ||
		strings.ContainsAny(address, "?#") {
		return "", errSiteURL
	}
	host, port := normalHost(u), normalPort(u)
	if host == "" || port == "" {
		return "", errSiteURL
	}
	if (u.Scheme == "http" && port == "80") || (u.Scheme == "https" && port == "443") {
		return u.Scheme + "://" + host, nil
	}
	return u.Scheme + "://" + host + ":" + port, nil
}

// SuggestSiteURL returns the address that was probably meant by a text which [ParseSiteURL] refuses: the text's host, its port if it is
// valid, and letters beyond ASCII as browsers send them. Without http:// or https://, a port or an IP address stands for http, which is how
// a node port is reached, and a name alone for https. A text without a valid host becomes https://wiki.example.org.
func SuggestSiteURL(text string) string {
	scheme, rest, found := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "://")
	if !found {
		scheme, rest = "", scheme
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	host, port, _ := strings.Cut(rest[strings.LastIndex(rest, "@")+1:], ":")
	host = strings.TrimSuffix(host, ".")
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	if _, err := netip.ParseAddr(host); scheme != "http" && scheme != "https" {
		scheme = "https"
		if err == nil || port != "" {
			scheme = "http"
		}
	}
	for _, candidate := range []string{scheme + "://" + host + ":" + port, scheme + "://" + host} {
		if address, err := ParseSiteURL(candidate); err == nil {
			return address
		}
	}
	return exampleSiteURL
}

// normalHost returns the host of a URL, with brackets around an IPv6 address, or "" if browsers would not accept it.
func normalHost(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(host)
	switch bracketed := strings.HasPrefix(u.Host, "["); {
	case err == nil && ip.Is6() && ip.Zone() == "" && bracketed:
		return "[" + ip.String() + "]"
	case err == nil && ip.Is4() && !bracketed:
		return host
	case dnsName.MatchString(host) && len(host) <= 253 && !decimal.MatchString(host) && !bracketed:
		return host
	default:
		return ""
	}
}

// normalPort returns the port of a URL, its scheme's default if it has none, or "" if the port is not valid.
func normalPort(u *url.URL) string {
	if u.Port() == "" && !strings.HasSuffix(u.Host, ":") {
		return map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return ""
	}
	return strconv.FormatUint(port, 10)
}
