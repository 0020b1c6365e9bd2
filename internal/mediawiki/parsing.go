package mediawiki

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"time"
)

// AwaitNextSecond waits for the next second of the clock. MediaWiki compares the times of a cached page and of a change in whole seconds.
func AwaitNextSecond() { time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) }

// ParseReport returns the parser report in a page's HTML. It contains times in milliseconds, so that it identifies one parse.
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
		return "", errors.New("the page has no parser report")
	}
	return report.String(), lines.Err()
}
