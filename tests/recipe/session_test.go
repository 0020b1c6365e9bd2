package recipe

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The article's Service sends each connection to either Pod, and PHP stores a session in its own Pod.
func TestInstallerLosesItsSessionBetweenTwoPods(t *testing.T) {
	wiki.scale(t, replicas)
	pods := wiki.pods(t)
	one, other := pods[0].Name, pods[1].Name

	first := wiki.ask(t, one, "Language", "")
	found := regexp.MustCompile(`(?i)set-cookie: (mw_installer_session=[^;]+)`).FindStringSubmatch(first)
	require.NotNil(t, found, "the installer starts no session")
	cookie := found[1]
	wiki.ask(t, one, "Language", cookie, "uselang=en", "ContLang=en")

	const expired = "Your session data seems to have expired."
	same := wiki.ask(t, one, "Welcome", cookie)
	assert.Contains(t, same, "page=Welcome", "the first Pod's answer")
	assert.NotContains(t, same, expired)
	lost := wiki.ask(t, other, "Welcome", cookie)
	assert.Contains(t, lost, expired, "the other Pod's answer")
	assert.Contains(t, lost, `page=Language"`, "the other Pod is not back at the installer's first page")
}

// ask requests a page of the installer from one Pod, with the Host header of a browser. With a form, it submits the form.
func (s *stack) ask(t *testing.T, pod, page, cookie string, form ...string) string {
	t.Helper()
	address, err := url.Parse(s.URL)
	require.NoError(t, err)
	arguments := []string{"curl", "-sS", "--include", "--header", "Host: " + address.Host, "--header", "Cookie: " + cookie}
	if len(form) > 0 {
		arguments = append(arguments, "--data", strings.Join(form, "&"))
	}
	return s.inMediaWiki(t, pod, "", append(arguments, "http://127.0.0.1"+installer+"?page="+page)...)
}
