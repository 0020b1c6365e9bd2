// Package packages checks what a stack says about extensions and skins that are not in MediaWiki's image.
package packages

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Package is an extension or a skin: either an archive, or a folder of an OCI image. The fields have the names and places that they have
// in components.PackageArgs, which describes them.
type Package struct {
	Name, URL, SHA256 string
	Image, Path       string
}

// Source is where an archive is.
type Source struct {
	Port  int    // of the server; 0 for a claim
	S3    bool   // whether requests are signed
	Claim string // empty for a server
	Path  string // in the claim
}

var (
	folderName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	claimName  = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
	imageName  = regexp.MustCompile(`^[a-z0-9][\w./:-]*(:\w[\w.-]*|@sha256:[0-9a-f]{64})$`) // with a tag or a digest
	sum        = regexp.MustCompile(`^[0-9a-f]{64}$`)
	errURL     = errors.New(`"https://HOST/PATH", "file:CLAIM/PATH" or "s3:https://HOST/BUCKET/PATH", without a password`)
)

// HasArchives reports whether a package is an archive, which is stored on the claim for packages.
func HasArchives(all []Package) bool {
	return slices.ContainsFunc(all, func(p Package) bool { return p.URL != "" })
}

// Check returns what is wrong with the package; nil if nothing is.
func (p Package) Check() error {
	switch {
	case !folderName.MatchString(p.Name):
		return errors.New("name: the name of its folder, such as TemplateStyles")
	case (p.URL == "") == (p.Image == ""):
		return errors.New("either url and sha256, or image")
	case p.Image != "":
		return p.checkImage()
	case p.Path != "":
		return errors.New("path only together with image: the archive's own folder is found")
	case !sum.MatchString(p.SHA256):
		return errors.New("sha256: the archive's checksum as sha256sum prints it, 64 digits from 0 to f")
	}
	if _, err := p.Source(); err != nil {
		return fmt.Errorf("url: %w", err)
	}
	return nil
}

func (p Package) checkImage() error {
	switch {
	case p.SHA256 != "":
		return errors.New("sha256 only together with url: the name of an image has its digest")
	case !imageName.MatchString(p.Image) || strings.HasSuffix(p.Image, ":latest"):
		return errors.New("image: an image with its tag or digest (a tag such as latest changes the wiki without notice)")
	case !isInside(p.Path) && p.Path != "":
		return errors.New("path: a folder in the image, without / at its beginning or .. in it")
	}
	return nil
}

// Source parses the address of an archive. The error says what an address looks like.
func (p Package) Source() (Source, error) {
	if claim, isFile := strings.CutPrefix(p.URL, "file:"); isFile {
		claim, path, _ := strings.Cut(claim, "/")
		if !claimName.MatchString(claim) || !isInside(path) {
			return Source{}, errURL
		}
		return Source{Claim: claim, Path: path}, nil
	}
	address, isS3 := strings.CutPrefix(p.URL, "s3:")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") == "" || u.User != nil || strings.ContainsAny(p.URL, " \t\n'\"") {
		return Source{}, errURL
	}
	port, known := map[string]int{"https": 443, "http": 80}[u.Scheme]
	if text := u.Port(); text != "" && known {
		port, err = strconv.Atoi(text)
	}
	if !known || err != nil || port < 1 || port > 65535 {
		return Source{}, errURL
	}
	return Source{Port: port, S3: isS3}, nil
}

// isInside reports whether a path stays below the folder that it is relative to.
func isInside(path string) bool {
	for word := range strings.SplitSeq(path, "/") {
		if word == "" || word == "." || word == ".." {
			return false
		}
	}
	return true
}
