package mediawiki

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"time"
)

// AwaitNextSecond waits for the clock: MediaWiki tells by the second whether what it keeps of a page is older than a change.
func AwaitNextSecond() { time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) }

// ParseReport is what MediaWiki notes in a page of its parsing, with the time that it took to the millisecond: it tells one from another.
func ParseReport(page io.Reader) (string, error) {
	lines := bufio.NewScanner(page)
	lines.Buffer(nil, 1<<20)
	var report strings.Builder
	for inside := false; lines.Scan(); {
		if inside = inside || strings.Contains(lines.Text(), "NewPP limit report"); inside {
			report.WriteString(lines.Text())
			inside = !strings.Contains(lines.Text(), "-->")
		}
	}
	if lines.Err() == nil && report.Len() == 0 {
		return "", errors.New("the page does not say when it was parsed")
	}
	return report.String(), lines.Err()
}
