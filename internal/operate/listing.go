package operate

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"
)

// upload is a file to send, with its path and the source of its content.
type upload struct {
	name string
	content
}

// listing is what was found in a directory or an archive.
type listing struct {
	files      []upload
	unreadable []problem         // files that exist but cannot be read
	omitted    map[string]*count // files that are not sent, by the reason
}

// problem is why a file that may be important cannot be read.
type problem struct{ name, why string }

// count is a number of files, and one of them as an example.
type count struct {
	files   int
	example string
}

func (l *listing) addUnreadable(name, why string) {
	l.unreadable = append(l.unreadable, problem{name, why})
}

func (l *listing) omit(name, why string) {
	if l.omitted == nil {
		l.omitted = map[string]*count{}
	}
	if l.omitted[why] == nil {
		l.omitted[why] = &count{example: name}
	}
	l.omitted[why].files++
}

// lossError returns an error that names the unreadable files, or nil.
func (l *listing) lossError(fix string) error {
	if len(l.unreadable) == 0 {
		return nil
	}
	const shown = 10
	lines := make([]string, 0, shown)
	for _, file := range l.unreadable[:min(len(l.unreadable), shown)] {
		lines = append(lines, file.name+" "+file.why)
	}
	if more := len(l.unreadable) - shown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("the import would lose files:\n  %s\n  fix:  %s", strings.Join(lines, "\n  "), fix)
}

// report shows what is sent, what is omitted, and why.
func (l *listing) report(show Printer, from string) {
	var bytes int64
	for _, file := range l.files {
		bytes += file.size
	}
	show(fmt.Sprintf("uploads: %s, %.1f MB, from %s", english.Plural(len(l.files), "file", ""), float64(bytes)/1e6, from))
	for why, omitted := range sorted(l.omitted) {
		show(fmt.Sprintf("  omitted: %s (%s), such as %s", english.Plural(omitted.files, "file", ""), why, omitted.example))
	}
}

// sorted iterates over a map in the order of its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
