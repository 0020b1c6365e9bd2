package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/muesli/termenv"
)

// WriteJSON writes the findings as an array.
func WriteJSON(w io.Writer, findings []Finding) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(findings)
}

var colours = map[Level]termenv.ANSIColor{OK: termenv.ANSIGreen, Warning: termenv.ANSIYellow, Failure: termenv.ANSIRed}

// WriteText writes a line for each finding, and below those that are not ok why and what to type. It has colours if it is read on a
// terminal and $NO_COLOR is not set.
func WriteText(w io.Writer, findings []Finding) {
	out := termenv.NewOutput(w)
	width := 0
	for _, f := range findings {
		width = max(width, len(f.About))
	}
	count := map[Level]int{}
	for _, f := range findings {
		count[f.Level]++
		level := out.String(fmt.Sprintf("%-7s", f.Level)).Foreground(colours[f.Level])
		fmt.Fprintf(w, "%s  %-*s  %s\n", level, width, f.About, f.What)
		below := strings.Repeat(" ", len("failure  ")+width+2)
		for _, detail := range f.Details {
			fmt.Fprintf(w, "%s| %s\n", below, detail)
		}
		if f.Why != "" {
			fmt.Fprintf(w, "%swhy:  %s\n", below, f.Why)
		}
		if f.Type != "" {
			fmt.Fprintf(w, "%stype: %s\n", below, strings.ReplaceAll(f.Type, "\n", "\n"+below+"      "))
		}
	}
	fmt.Fprintf(w, "\n%s, %s, %d ok\n", counted(count[Failure], "failure"), counted(count[Warning], "warning"), count[OK])
}

// counted is a number of things, as people say it.
func counted(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}
