// Package pictures reads the pictures that a wiki shows beside its pages: logo, icon and favicon.
package pictures

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Folder is where the wiki serves pictures that are files of the stack.
const Folder = "/brand/"

// maxSize is the maximum size of a file, in KiB. A ConfigMap holds 1 MiB in all: three pictures, and the files of the web server.
const maxSize = 256

// Picture is a picture that is read and checked.
type Picture struct {
	Address string // what browsers request: a path in the wiki, or an address elsewhere
	File    string // the name under which the wiki's Pods have it; empty if it is not a file of the stack
	Content []byte
}

// Error says what is wrong with a picture, and the command that fixes it, unless the fix is to choose another picture.
type Error struct {
	Want string
	Fix  string
}

func (e *Error) Error() string { return e.Want }

var (
	// served matches the paths at which web servers send files: uploads, and what the image has.
	served = regexp.MustCompile(`^/(?:images|resources|skins|extensions)/`)
	// unsafe matches what has a meaning in a page or in the configuration of a web server.
	unsafe = regexp.MustCompile("[\\x00-\\x20\\x7f\"'`<>\\\\^{|}$#]")
)

// extensions are the formats that browsers show, by their media types.
var extensions = map[string]string{
	"image/png": "png", "image/svg+xml": "svg", "image/x-icon": "ico", "image/jpeg": "jpg", "image/webp": "webp",
}

// Read returns the picture with a name, such as logo: a file in the working folder, which is that of Pulumi.yaml, a path in the wiki, or an
// https address. It returns nil if the value is empty. private says that the wiki hides its uploads. An error is an [*Error].
func Read(name, value string, private bool) (*Picture, error) {
	switch {
	case value == "":
		return nil, nil //nolint:nilnil // there is no picture
	case strings.HasPrefix(value, "/"):
		return inWiki(value, private)
	case strings.Contains(value, "://"):
		address, err := url.Parse(value)
		if err != nil || address.Scheme != "https" || address.Host == "" || address.User != nil || unsafe.MatchString(value) {
			return nil, &Error{Want: "an https address, such as https://example.org/logo.svg, without spaces and quotes"}
		}
		return &Picture{Address: value}, nil
	default:
		return file(name, value)
	}
}

func inWiki(path string, private bool) (*Picture, error) {
	decoded, err := url.PathUnescape(path)
	if err != nil || !served.MatchString(decoded) || unsafe.MatchString(decoded) || strings.ContainsAny(decoded, "?%") ||
		filepath.Clean(decoded) != decoded {
		return nil, &Error{Want: "a path in the wiki that begins with /images/, /resources/, /skins/ or /extensions/, " +
			"or a file beside Pulumi.yaml, such as logo.svg"}
	}
	if private && strings.HasPrefix(decoded, "/images/") {
		return nil, &Error{Want: "a file beside Pulumi.yaml, because a private wiki (access) does not serve uploads at this path"}
	}
	return &Picture{Address: (&url.URL{Path: decoded}).EscapedPath()}, nil
}

func file(name, path string) (*Picture, error) {
	if !filepath.IsLocal(path) {
		return nil, &Error{Want: "a file beside Pulumi.yaml, or in a folder there"}
	}
	where, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if target, err := os.Readlink(where); err == nil && filepath.IsAbs(target) {
		where = target // make up runs the program beside links to the files of the checkout
	}
	info, err := os.Stat(where)
	if err == nil && !info.Mode().IsRegular() { // a pipe would never end
		return nil, &Error{Want: "a file; " + where + " is a " + kindOf(info)}
	}
	content, err := os.ReadFile(where)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, &Error{Want: "a file beside Pulumi.yaml; there is no " + where, Fix: "cp YOUR_PICTURE " + where}
	case err != nil:
		return nil, &Error{Want: "a file that can be read: " + err.Error()}
	}
	kind := mediaType(content)
	extension, known := extensions[kind]
	if !known {
		return nil, &Error{Want: fmt.Sprintf("a picture in the format PNG, SVG, ICO, JPEG or WebP; the content of %s is %s", where, kind)}
	}
	if len(content) > maxSize<<10 {
		return nil, &Error{
			Want: fmt.Sprintf("at most %d KiB, because every reader loads it; %s has %d KiB", maxSize, where, len(content)>>10),
			Fix:  smaller(kind, where),
		}
	}
	sum := sha256.Sum256(content)
	stored := name + "-" + hex.EncodeToString(sum[:5]) + "." + extension
	return &Picture{Address: Folder + stored, File: stored, Content: content}, nil
}

// kindOf describes a file that is not a regular file.
func kindOf(info os.FileInfo) string {
	if info.IsDir() {
		return "directory"
	}
	return "pipe, socket or device"
}

// smaller returns the command that makes a picture smaller, if there is one. The size is twice that at which skins show a logo.
func smaller(kind, where string) string {
	if kind == "image/svg+xml" || kind == "image/x-icon" {
		return ""
	}
	return fmt.Sprintf("convert %[1]s -resize '270x270>' -strip %[1]s", where)
}

// mediaType returns the media type of a file's content.
func mediaType(content []byte) string {
	kind, _, _ := strings.Cut(http.DetectContentType(content), ";")
	if strings.HasPrefix(kind, "text/") && isSVG(content) {
		return "image/svg+xml"
	}
	return kind
}

// isSVG reports whether the root element of a document is that of an SVG.
func isSVG(content []byte) bool {
	decoder := xml.NewDecoder(bytes.NewReader(content))
	decoder.Strict = false // drawing programs define entities before the root
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		if root, found := token.(xml.StartElement); found {
			return root.Name.Local == "svg"
		}
	}
}
