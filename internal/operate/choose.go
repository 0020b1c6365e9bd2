package operate

import (
	"crypto/md5" //nolint:gosec // MediaWiki's way to spread files over folders
	"encoding/hex"
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// hashed is the path of an uploaded file as MediaWiki makes it, after the folder that holds all of them.
// https://www.mediawiki.org/wiki/Manual:$wgHashedUploadDirectory
var hashed = regexp.MustCompile(`^((?:.*/)?)([0-9a-f])/([0-9a-f])[0-9a-f]/[^/]+$`)

// media is a name as files have that people upload.
var media = regexp.MustCompile(
	`(?i)\.(png|gif|jpe?g|webp|svg|pdf|tiff?|og[gav]|webm|mp[34]|wav|flac|djvu|bmp|xcf|docx?|xlsx?|pptx?|od[tspg])$`)

// beside are folders inside that of the uploads, in which files lie as they do in it.
var beside = []string{"archive", "deleted", "temp", "thumb", "transcoded", "lockdir"}

// remade are folders that MediaWiki fills again.
var remade = []string{"temp", "thumb", "lockdir"}

var errNoUploads = errors.New("there are no uploads in it, whose paths are like a/ab/Name.png, or Name.png in a folder images")

// choose finds the folder of uploads among all files, and leaves only what is to be sent, by its path in that folder.
func (l *listing) choose() (folder string, err error) {
	folder, flat, ok := l.folder()
	if !ok {
		return "", errNoUploads
	}
	below := func(name string) (string, string) {
		inside, ok := strings.CutPrefix(name, folder)
		first, _, _ := strings.Cut(inside, "/")
		switch {
		case !ok:
			return "", "not below " + folder
		case slices.Contains(remade, first):
			return "", "in " + first + "/, which MediaWiki fills again"
		case strings.HasPrefix(first, ".") || first == "lost+found":
			return "", "not MediaWiki's"
		case strings.ContainsFunc(inside, unicode.IsControl):
			return "", "a name that MediaWiki gives no file"
		case flat:
			return spread(inside), ""
		}
		return inside, ""
	}
	all := l.files
	l.files = nil
	for _, file := range all {
		name, why := below(file.name)
		if why != "" {
			l.leaveOut(file.name, why)
			continue
		}
		file.name = name
		l.files = append(l.files, file)
	}
	l.lost = slices.DeleteFunc(l.lost, func(lost trouble) bool {
		_, why := below(lost.name)
		return why != ""
	})
	return folder, nil
}

// folder is the one that has most uploads. It is flat if files lie in it itself: $wgHashedUploadDirectory was false.
func (l *listing) folder() (folder string, flat, ok bool) {
	spreads, flats, top := map[string]int{}, map[string]int{}, l.top()
	for _, file := range l.files {
		if parts := hashed.FindStringSubmatch(file.name); parts != nil && parts[2] == parts[3] {
			if !slices.Contains(beside, path.Base(parts[1])) {
				spreads[parts[1]]++
			}
		}
		above, name := path.Split(file.name)
		if media.MatchString(name) && (above == top || slices.Contains([]string{"images", "uploads"}, path.Base(above))) {
			flats[above]++
		}
	}
	if folder, ok = most(spreads); ok {
		return folder, false, true
	}
	folder, ok = most(flats)
	return folder, true, ok
}

// top is the innermost folder that all files are in.
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

// most is the key with the largest number, the shortest of several.
func most(counts map[string]int) (string, bool) {
	best, found := "", false
	for key, number := range sorted(counts) {
		if !found || number > counts[best] || number == counts[best] && len(key) < len(best) {
			best, found = key, true
		}
	}
	return best, found
}

// spread is the path that a file of a flat folder has in one that is not.
func spread(name string) string {
	above, base := path.Split(name)
	_, title, old := strings.Cut(base, "!") // the time when it was replaced precedes it
	switch {
	case above == "" && strings.Contains(base, "."):
		return hashOf(base) + base
	case above == "archive/" && old:
		return above + hashOf(title) + base
	case above == "deleted/" && len(base) > 3:
		return above + base[:1] + "/" + base[1:2] + "/" + base[2:3] + "/" + base
	}
	return name
}

// hashOf is the beginning of a file's path: "a/ab/".
func hashOf(title string) string {
	sum := md5.Sum([]byte(title)) //nolint:gosec // as above
	digits := hex.EncodeToString(sum[:])
	return digits[:1] + "/" + digits[:2] + "/"
}
