package prometheus

import (
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Panel is a panel of a dashboard as Grafana has it.
type Panel struct {
	Title   string
	Targets []struct{ Expr, LegendFormat string }

	FieldConfig struct{ Defaults struct{ Unit string } }
}

// The sizes of a panel in a drawing, in pixels: two panels fill a row, and each line of a legend has three short names or two long ones.
const (
	panelWidth, panelHeight = 460, 236
	plotLeft, plotTop       = 64, 28
	plotWidth, plotHeight   = 380, 130
	shortName               = 18 // letters
)

const drawingStyle = `
    text { font: 12px sans-serif; fill: #222 } .title { font-weight: bold }
    .small { font-size: 10px; opacity: 0.8 } .axis { stroke: #888; stroke-width: 0.5 }
    polyline { fill: none; stroke-width: 1.5 } .paper { fill: #fff }
    @media (prefers-color-scheme: dark) { text { fill: #ddd } .paper { fill: #111 } }
`

// Colours that readers with each kind of colour blindness tell apart: https://jfly.uni-koeln.de/color/
var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#888888", "#a6761d", "#7570b3"}

// line is one line of a plot. The coordinates are seconds and values.
type line struct {
	name   string
	points [][2]float64
}

// Draw returns an SVG of what panels show of a period of time.
func (s *Server) Draw(t *testing.T, title string, panels []Panel, from, to time.Time) string {
	t.Helper()
	var drawn strings.Builder
	for i, panel := range panels {
		var lines []line
		for _, target := range panel.Targets {
			series, err := s.Range(t, target.Expr, from, to)
			require.NoError(t, err)
			for _, one := range series {
				lines = append(lines, newLine(t, target.LegendFormat, one))
			}
		}
		fmt.Fprintf(&drawn, "  <g transform=\"translate(%d %d)\">\n%s  </g>\n", i%2*panelWidth, i/2*panelHeight,
			plot(panel.Title, panel.FieldConfig.Defaults.Unit, lines, from, to))
	}
	width, height := 2*panelWidth, (len(panels)+1)/2*panelHeight
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"
  role="img" aria-labelledby="title">
  <title id="title">%s</title>
  <style>%s  </style>
  <rect class="paper" width="100%%" height="100%%"/>
%s</svg>
`, width, height, width, height, html.EscapeString(title), drawingStyle, drawn.String())
}

// newLine returns a time series with the name that Grafana shows: each {{label}} in the legend becomes the value of the label. A series
// without these labels is named "none": for example, there are no jobs.
func newLine(t *testing.T, legend string, series Series) line {
	t.Helper()
	l := line{name: regexp.MustCompile(`{{\s*(\w+)\s*}}`).ReplaceAllStringFunc(legend, func(word string) string {
		return series.Labels[strings.Trim(word, "{ }")]
	})}
	if l.name == "" {
		l.name = "none"
	}
	for _, sample := range series.Values {
		value, err := strconv.ParseFloat(sample[1].(string), 64)
		require.NoError(t, err)
		if !math.IsNaN(value) && !math.IsInf(value, 0) {
			l.points = append(l.points, [2]float64{sample[0].(float64), value})
		}
	}
	return l
}

// plot draws a panel at the origin.
func plot(title, unit string, lines []line, from, to time.Time) string {
	most, columns := 0.0, 3
	for _, l := range lines {
		if len(l.name) > shortName {
			columns = 2
		}
		for _, point := range l.points {
			most = max(most, point[1])
		}
	}
	top := most
	if top == 0 {
		top = 1
	}
	bottom, seconds := plotTop+plotHeight, to.Sub(from).Seconds()
	var out strings.Builder
	text := func(class, anchor string, x, y int, words string) {
		fmt.Fprintf(&out, "    <text class=\"%s\" text-anchor=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n",
			class, anchor, x, y, html.EscapeString(words))
	}
	text("title", "start", plotLeft, 18, title)
	text("small", "end", plotLeft-6, plotTop+8, amount(top, unit))
	text("small", "end", plotLeft-6, bottom, amount(0, unit))
	text("small", "start", plotLeft, bottom+13, "0 s")
	text("small", "end", plotLeft+plotWidth, bottom+13, amount(math.Round(seconds), "s"))
	fmt.Fprintf(&out, "    <path class=\"axis\" fill=\"none\" d=\"M%d %dV%dH%d\"/>\n", plotLeft, plotTop, bottom, plotLeft+plotWidth)
	for i, l := range lines {
		colour := colours[i%len(colours)]
		var points []string
		for _, point := range l.points {
			points = append(points, fmt.Sprintf("%.1f,%.1f", plotLeft+(point[0]-float64(from.Unix()))/seconds*plotWidth,
				float64(bottom)-point[1]/top*plotHeight))
		}
		x, y := plotLeft+i%columns*plotWidth/columns, bottom+30+i/columns*14
		fmt.Fprintf(&out, "    <polyline stroke=\"%s\" points=\"%s\"/>\n", colour, strings.Join(points, " "))
		fmt.Fprintf(&out, "    <rect fill=\"%s\" x=\"%d\" y=\"%d\" width=\"9\" height=\"3\"/>\n", colour, x, y-5)
		text("small", "start", x+13, y, l.name)
	}
	return out.String()
}

// amount returns a value with its unit, which is one of Grafana's.
func amount(value float64, unit string) string {
	short := func(value float64) string { return strconv.FormatFloat(value, 'g', 3, 64) }
	switch unit {
	case "bytes":
		if value >= 1<<30 {
			return short(value/(1<<30)) + " GiB"
		}
		return short(math.Round(value/(1<<20)*10)/10) + " MiB"
	case "percentunit":
		return short(value*100) + " %"
	case "reqps", "ops":
		return short(value) + "/s"
	case "s":
		if value > 0 && value < 1 {
			return short(value*1000) + " ms"
		}
		return short(value) + " s"
	}
	return short(value)
}
