package main

import (
	"fmt"
	"html"
	"strings"
)

// Sizes in the picture's own units, which are CSS pixels when it is shown at its size.
const (
	cardHeight = 46
	cardGap    = 14 // between two rows
	columnGap  = 44
	margin     = 2   // room for the outline of a card
	letter     = 8.8 // the width of a letter of a kind in the widest of the fonts
	padding    = 14  // left and right of a card's text
)

// style colours cards and text together, so that the picture is readable on any background.
const style = `
    text { font: 600 13px system-ui, -apple-system, "Segoe UI", sans-serif; }
    .name { font: 12px ui-monospace, SFMono-Regular, Menlo, monospace; }
    path { fill: none; stroke: #8c959f; stroke-width: 1.5; }
    rect { stroke-width: 1.5; }
    .stack rect { fill: #fbefff; stroke: #8250df; } .stack text { fill: #3e1f79; }
    .provider rect { fill: #f6f8fa; stroke: #6e7781; } .provider text { fill: #24292f; }
    .component rect { fill: #ddf4ff; stroke: #0969da; } .component text { fill: #0a3069; }
    .object rect { fill: #dafbe1; stroke: #1a7f37; } .object text { fill: #044f1e; }
    @media (prefers-color-scheme: dark) {
      .stack rect { fill: #2b1d4d; stroke: #a371f7; } .stack text { fill: #e2c5ff; }
      .provider rect { fill: #21262d; stroke: #8b949e; } .provider text { fill: #e6edf3; }
      .component rect { fill: #0c2a4d; stroke: #58a6ff; } .component text { fill: #cae8ff; }
      .object rect { fill: #0f2f1a; stroke: #3fb950; } .object text { fill: #c3f5cf; }
    }
`

// document is a format string. Its arguments are the size, twice, and then the title, the style, the lines and the cards on top of them.
const document = `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"
  role="img" aria-labelledby="title">
  <title id="title">%s</title>
  <style>%s  </style>
%s%s</svg>
`

// drawing is a tree from left to right: a column for each generation, a row for each leaf.
type drawing struct {
	lines, cards strings.Builder
	cardWidth    int
	columns      int
	rows         int
}

// draw returns the tree as an SVG document.
func draw(root *node) string {
	d := &drawing{cardWidth: cardWidth(root)}
	d.add(root, 0)
	width := d.x(d.columns) - columnGap + margin
	height := d.y(float64(d.rows)) - cardGap + margin
	return fmt.Sprintf(document, width, height, width, height, html.EscapeString(outline(root)), style, d.lines.String(), d.cards.String())
}

// add draws a resource and what is below it, and returns its row. A resource is drawn in the middle of its children.
func (d *drawing) add(n *node, column int) float64 {
	d.columns = max(d.columns, column+1)
	if len(n.children) == 0 {
		d.rows++
		row := float64(d.rows - 1)
		d.card(n, column, row)
		return row
	}
	rows := make([]float64, len(n.children))
	for i, child := range n.children {
		rows[i] = d.add(child, column+1)
	}
	row := (rows[0] + rows[len(rows)-1]) / 2
	for _, below := range rows {
		d.line(column, row, below)
	}
	d.card(n, column, row)
	return row
}

func (d *drawing) card(n *node, column int, row float64) {
	x, y := d.x(column), d.y(row)
	fmt.Fprintf(&d.cards, `  <g class="%s"><rect x="%d" y="%d" width="%d" height="%d" rx="8"/>`, n.role, x, y, d.cardWidth, cardHeight)
	fmt.Fprintf(&d.cards, `<text x="%d" y="%d">%s</text>`, x+padding, y+20, html.EscapeString(n.kind))
	fmt.Fprintf(&d.cards, `<text class="name" x="%d" y="%d">%s</text></g>`+"\n", x+padding, y+36, html.EscapeString(n.name))
}

// line joins a resource to a child of it in the next column.
func (d *drawing) line(column int, from, to float64) {
	left, right := d.x(column)+d.cardWidth, d.x(column+1)
	above, below := d.y(from)+cardHeight/2, d.y(to)+cardHeight/2
	fmt.Fprintf(&d.lines, `  <path d="M%d %d C%d %d %d %d %d %d"/>`+"\n",
		left, above, left+columnGap/2, above, right-columnGap/2, below, right, below)
}

func (d *drawing) x(column int) int { return margin + column*(d.cardWidth+columnGap) }

func (d *drawing) y(row float64) int { return margin + int(row*(cardHeight+cardGap)) }

// cardWidth returns the width that the longest text of the tree needs.
func cardWidth(n *node) int {
	width := int(float64(max(len(n.kind), len(n.name)))*letter) + 2*padding
	for _, child := range n.children {
		width = max(width, cardWidth(child))
	}
	return width
}

// outline returns the tree as text, for screen readers.
func outline(n *node) string {
	if len(n.children) == 0 {
		return n.kind
	}
	below := make([]string, len(n.children))
	for i, child := range n.children {
		below[i] = outline(child)
	}
	return n.kind + " (" + strings.Join(below, ", ") + ")"
}
