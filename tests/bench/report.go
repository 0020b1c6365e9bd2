package main

import (
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The table is between these lines of the report. The rest of the report is written by hand.
const (
	tableBegins = "<!-- table: make bench writes it -->\n"
	tableEnds   = "<!-- end of table -->\n"
)

// report writes the table into a file, and the chart next to it.
func (r *results) report(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		return fmt.Errorf("%s: the lines %q and %q are not in it", file, tableBegins, tableEnds)
	}
	picture := filepath.Join(filepath.Dir(file), "images", "benchmarks.svg")
	if err := os.WriteFile(picture, []byte(r.plot()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(before+tableBegins+r.table()+tableEnds+after), 0o644)
}

func (r *results) table() string {
	var out strings.Builder
	out.WriteString("![The recipe and the default stack, measured side by side](images/benchmarks.svg)\n\n")
	out.WriteString("Medians, and in brackets the least and the most. Runs:\n\n")
	runs := r.runs()
	for i, run := range runs {
		fmt.Fprintf(&out, "%d. %s\n", i+1, run)
	}
	out.WriteString("\n| measure | unit | recipe | default stack | ratio | floor | run |\n")
	out.WriteString("| --- | --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, m := range r.Measures {
		fmt.Fprintf(&out, "| %s | %d |\n", strings.Join(m.row(), " | "), slices.Index(runs, m.when())+1)
	}
	return out.String()
}

// runs returns the runs in which the rows were measured, sorted by date.
func (r *results) runs() []string {
	runs := make([]string, 0, len(r.Measures))
	for _, m := range r.Measures {
		runs = append(runs, m.when())
	}
	slices.Sort(runs)
	return slices.Compact(runs)
}

// when says when and on which machine a row was measured.
func (m *measure) when() string { return fmt.Sprintf("%s; %d rounds", m.Run, m.Rounds) }

// row returns the cells of a measure's row.
func (m *measure) row() []string {
	ratio := ""
	if m.Recipe != nil && m.Ours != nil && m.Recipe.Median > 0 {
		ratio = number(m.Ours.Median/m.Recipe.Median) + "×"
	}
	return []string{m.Name, m.Unit, m.Recipe.cell(), m.Ours.cell(), ratio, m.Floor.cell()}
}

func (s *spread) cell() string {
	switch {
	case s == nil:
		return ""
	case s.Least == s.Most:
		return number(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", number(s.Median), number(s.Least), number(s.Most))
}

// Sizes in the chart, in CSS pixels.
const (
	plotWidth  = 1000
	labelWidth = 400
	barHeight  = 16
	rowHeight  = 2*barHeight + 18
)

// plotStyle sets colors that are readable on light and dark backgrounds.
const plotStyle = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f; }
    .recipe { fill: #bf8700; } .ours { fill: #0969da; }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .recipe { fill: #d29922; } .ours { fill: #58a6ff; } }
`

// plot draws each measure of both stacks as two bars on a logarithmic scale.
func (r *results) plot() string {
	var both []measure
	most := 1.0
	for _, m := range r.Measures {
		if m.Recipe != nil && m.Ours != nil {
			both = append(both, m)
			most = max(most, m.Recipe.Median, m.Ours.Median)
		}
	}
	length := func(value float64) float64 {
		return (plotWidth - labelWidth - 120) * math.Log10(1+max(value, 0)) / math.Log10(1+most)
	}
	var bars strings.Builder
	for i, m := range both {
		y := 40 + i*rowHeight
		direction := "less is better"
		if m.More {
			direction = "more is better"
		}
		fmt.Fprintf(&bars, "  <text x=\"0\" y=\"%d\">%s</text><text x=\"0\" y=\"%d\" opacity=\"0.7\">%s, %s</text>\n",
			y+barHeight-3, html.EscapeString(m.Name), y+2*barHeight-1, m.Unit, direction)
		for j, bar := range []struct {
			class string
			value float64
		}{{"recipe", m.Recipe.Median}, {"ours", m.Ours.Median}} {
			width, top := length(bar.value), y+j*(barHeight+1)
			fmt.Fprintf(&bars, "  <rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%d\"/><text x=\"%.0f\" y=\"%d\">%s</text>\n",
				bar.class, labelWidth, top, width, barHeight, labelWidth+width+6, top+barHeight-3, number(bar.value))
		}
	}
	height := 40 + len(both)*rowHeight
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"
  role="img" aria-labelledby="title">
  <title id="title">The recipe and the default stack, measured side by side</title>
  <style>%s  </style>
  <rect class="recipe" x="%d" y="4" width="14" height="14"/><text x="%d" y="16">recipe</text>
  <rect class="ours" x="%d" y="4" width="14" height="14"/><text x="%d" y="16">default stack</text>
  <text x="%d" y="16" opacity="0.7">logarithmic scale</text>
%s</svg>
`, plotWidth, height, plotWidth, height, plotStyle, labelWidth, labelWidth+20, labelWidth+90, labelWidth+110, labelWidth+230, bars.String())
}
