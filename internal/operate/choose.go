package operate

import (
	"crypto/md5" //nolint:gosec // how MediaWiki distributes files over directories
	"encoding/hex"
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// hashed matches the path of an uploaded file in the default layout, after the upload directory.
// https://www.mediawiki.org/wiki/Manual:$wgHashedUploadDirectory
var hashed = regexp.MustCompile(`^((?:.*/)?)([0-9a-f])/([0-9a-f])[0-9a-f]/[^/]+$`)

// media matches the names of typical uploads.
var media = regexp.MustCompile(
	`(?i)\.(png|gif|jpe?g|webp|svg|pdf|tiff?|og[gav]|webm|mp[34]|wav|flac|djvu|bmp|xcf|docx?|xlsx?|pptx?|od[tspg])$`)

// sameLayout are directories in the upload directory whose files have the same layout as its own.
var sameLayout = []string{"archive", "deleted", "temp", "thumb", "transcoded", "lockdir"}

// regenerated are directories in the upload directory whose files MediaWiki creates again.
var regenerated = []string{"temp", "thumb", "lockdir"}

var errNoUploads = errors.New("it contains no uploads, which have paths such as a/ab/Name.png, or images/Name.png")

// choose finds the upload directory among all files. It keeps only the files to send, with their paths relative to it.
func (l *listing) choose() (folder string, err error) {
	folder, flat, ok := l.folder()
	if !ok {
		return "", errNoUploads
	}
	relative := func(name string) (path, omitted string) {
		inside, ok := strings.CutPrefix(name, folder)
		first, _, _ := strings.Cut(inside, "/")
		switch {
		case !ok:
			return "", "outside of " + folder
		case slices.Contains(regenerated, first):
			return "", "in " + first + "/, which MediaWiki creates again"
		case strings.HasPrefix(first, ".") || first == "lost+found":
			return "", "not from MediaWiki"
		case strings.ContainsFunc(inside, unicode.IsControl):
			return "", "a name that MediaWiki does not allow"
		case flat:
			return hashedPath(inside), ""
		}
		return inside, ""
	}
	found := l.files
	l.files = nil
	for _, file := range found {
		name, omitted := relative(file.name)
		if omitted != "" {
			l.omit(file.name, omitted)
			continue
		}
		file.name = name
		l.files = append(l.files, file)
	}
	l.unreadable = slices.DeleteFunc(l.unreadable, func(file problem) bool {
		_, omitted := relative(file.name)
		return omitted != ""
	})
	return folder, nil
}

// folder returns the directory with the most uploads. It is flat if the files are directly in it: $wgHashedUploadDirectory was false.
func (l *listing) folder() (folder string, flat, ok bool) {
	hashedIn, flatIn, top := map[string]int{}, map[string]int{}, l.top()
	for _, file := range l.files {
		if parts := hashed.FindStringSubmatch(file.name); parts != nil && parts[2] == parts[3] {
			if !slices.Contains(sameLayout, path.Base(parts[1])) {
				hashedIn[parts[1]]++
			}
		}
		parent, name := path.Split(file.name)
		if media.MatchString(name) && (parent == top || slices.Contains([]string{"images", "uploads"}, path.Base(parent))) {
			flatIn[parent]++
		}
	}
	if folder, ok = most(hashedIn); ok {
		return folder, false, true
	}
	folder, ok = most(flatIn)
	return folder, true, ok
}

// top returns the innermost directory that contains all files.
func (l *listing) top() string {
	if len(l.files) == 0 {
		return ""
	}
	top, _ := path.Split(l.files[0].name)
	for _, file := range l.files {
		for !strings.HasPrefix(file.name, top) {
			top, _ = path.Split(strings.TrimSuffix(top, "/"))
		}
	}
	return top
}

// most returns the key with the largest number, or the shortest of several.
func most(counts map[string]int) (string, bool) {
	best, found := "", false
	for key, number := range sorted(counts) {
		if !found || number > counts[best] || number == counts[best] && len(key) < len(best) {
			best, found = key, true
		}
	}
	return best, found
}

// hashedPath returns the path in the default layout of a file in a flat directory.
func hashedPath(name string) string {
	parent, base := path.Split(name)
	_, title, old := strings.Cut(base, "!") // the name begins with the time when the file was replaced
	switch {
	case parent == "" && strings.Contains(base, "."):
		return hashDirectory(base) + base
	case parent == "archive/" && old:
		return parent + hashDirectory(title) + base
	case parent == "deleted/" && len(base) > 3:
		return parent + base[:1] + "/" + base[1:2] + "/" + base[2:3] + "/" + base
	}
	return name
}

// hashDirectory returns the directory of a file in the default layout, such as "a/ab/".
func hashDirectory(title string) string {
	sum := md5.Sum([]byte(title)) //nolint:gosec // see the import
	digits := hex.EncodeToString(sum[:])
	return digits[:1] + "/" + digits[:2] + "/"
}
