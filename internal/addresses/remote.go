package addresses

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Remote is where a restic repository is.
type Remote struct {
	SFTP bool // else it is S3
	Host string
	Port int
}

// scpAddress matches restic's other notation for SFTP, which is that of OpenSSH's scp. It has no port.
var scpAddress = regexp.MustCompile(`^sftp:([^@:/]+)@([^@:/]+):(.+)$`)

var errRemote = errors.New(
	`"s3:https://HOST[:PORT]/BUCKET[/PATH]" or "sftp://USER@HOST[:PORT]/PATH" (with // before a path from the root), ` +
		`without spaces or a password`)

// ParseRemote parses the address of a restic repository. The error says what an address looks like.
func ParseRemote(address string) (*Remote, error) {
	if strings.ContainsAny(address, " \t\n'\"") {
		return nil, errRemote
	}
	if scp := scpAddress.FindStringSubmatch(address); scp != nil {
		return &Remote{SFTP: true, Host: scp[2], Port: 22}, nil
	}
	s3, isS3 := strings.CutPrefix(address, "s3:")
	u, err := url.Parse(s3)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") == "" {
		return nil, errRemote
	}
	_, hasPassword := u.User.Password()
	ports := map[string]int{"sftp": 22}
	if isS3 {
		ports = map[string]int{"https": 443, "http": 80}
	}
	port, known := ports[u.Scheme]
	if !known || hasPassword || (u.User != nil) == isS3 {
		return nil, errRemote
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return nil, errRemote
		}
	}
	return &Remote{SFTP: !isS3, Host: u.Hostname(), Port: port}, nil
}
