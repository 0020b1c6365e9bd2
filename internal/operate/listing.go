package operate

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// upload is a file to be sent: its path, and where its content comes from.
type upload struct {
	name string
	content
}

// listing is what was found in a folder or an archive.
type listing struct {
	files []upload
	lost  []trouble         // what stands for files that cannot be had
	left  map[string]*count // what is left out, by the reason
}

// trouble is why something that may be worth keeping cannot be had.
type trouble struct{ name, why string }

// count is how many files, and one of them.
type count struct {
	files int
	one   string
}

func (l *listing) lose(name, why string) { l.lost = append(l.lost, trouble{name, why}) }

func (l *listing) leaveOut(name, why string) {
	if l.left == nil {
		l.left = map[string]*count{}
	}
	if l.left[why] == nil {
		l.left[why] = &count{one: name}
	}
	l.left[why].files++
}

// whatIsLost returns an error that names what cannot be had; nil if there is nothing.
func (l *listing) whatIsLost(advice string) error {
	if len(l.lost) == 0 {
		return nil
	}
	const shown = 10
	lines := make([]string, 0, shown)
	for _, lost := range l.lost[:min(len(l.lost), shown)] {
		lines = append(lines, lost.name+" "+lost.why)
	}
	if more := len(l.lost) - shown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("files would be lost:\n  %s\n  %s", strings.Join(lines, "\n  "), advice)
}

// report shows what is sent and what is not, and why.
func (l *listing) report(show Printer, from string) {
	var bytes int64
	for _, file := range l.files {
		bytes += file.size
	}
	show(fmt.Sprintf("uploads: %d files of %.1f MB from %s", len(l.files), float64(bytes)/1e6, from))
	for why, left := range sorted(l.left) {
		show(fmt.Sprintf("  left out: %d (%s): such as %s", left.files, why, left.one))
	}
}

// sorted visits a map in the order of its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
