package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/dustin/go-humanize/english"
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

// WriteText writes a line for each finding. Below a problem it writes the details, the reason and the fix. The text has colours if it goes
// to a terminal and $NO_COLOR is not set; text/tabwriter would count their escape sequences as width.
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
		indent := strings.Repeat(" ", len("failure  ")+width+2)
		for _, detail := range f.Details {
			fmt.Fprintf(w, "%s| %s\n", indent, detail)
		}
		if f.Why != "" {
			fmt.Fprintf(w, "%swhy: %s\n", indent, f.Why)
		}
		if f.Fix != "" {
			fmt.Fprintf(w, "%sfix: %s\n", indent, strings.ReplaceAll(f.Fix, "\n", "\n"+indent+"     "))
		}
	}
	fmt.Fprintf(w, "\n%s, %s, %d ok\n",
		english.Plural(count[Failure], "failure", ""), english.Plural(count[Warning], "warning", ""), count[OK])
}
