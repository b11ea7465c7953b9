package sheet

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"strconv"

	"countersign/display/qr"
)

// svg draws the preview.
type svg struct{ out bytes.Buffer }

func newSVG(page size) *svg {
	c := &svg{}
	fmt.Fprintf(&c.out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" font-family="Inter, system-ui, sans-serif"><path fill="#fff" d="M0 0h%sv%sH0z"/>`,
		mm(page.w), mm(page.h), mm(page.w), mm(page.h))
	return c
}

func (c *svg) bytes() []byte {
	c.out.WriteString("</svg>")
	return c.out.Bytes()
}

// mm is a length with as many digits as a screen can show.
func mm(n float64) string { return strconv.FormatFloat(n, 'f', -1, 32) }

func (k colour) String() string { return fmt.Sprintf("#%02x%02x%02x", k.r, k.g, k.b) }

func (c *svg) rect(r rect, radius float64, style string) {
	fmt.Fprintf(&c.out, `<rect x="%s" y="%s" width="%s" height="%s" rx="%s" %s/>`, mm(r.x), mm(r.y), mm(r.w), mm(r.h), mm(radius), style)
}

func (c *svg) box(r rect, radius float64, fill colour) { c.rect(r, radius, `fill="`+fill.String()+`"`) }

func (c *svg) frame(r rect, radius, width float64, ink colour) {
	c.rect(r, radius, `fill="none" stroke="`+ink.String()+`" stroke-width="`+mm(width)+`"`)
}

func (c *svg) line(x1, y1, x2, y2 float64, dashed bool) {
	dash := ""
	if dashed {
		dash = ` stroke-dasharray="1.2 .8"`
	}
	fmt.Fprintf(&c.out, `<path d="M%s %sL%s %s" stroke="#000" stroke-width=".2"%s/>`, mm(x1), mm(y1), mm(x2), mm(y2), dash)
}

func (c *svg) code(x, y, edge float64, code qr.Code) {
	rows := code.Modules()
	module := edge / float64(len(rows)+2*quiet)
	fmt.Fprintf(&c.out, `<path transform="translate(%s %s) scale(%s)" shape-rendering="crispEdges" d="`, mm(x+quiet*module), mm(y+quiet*module), mm(module))
	for row, cells := range rows {
		for from, to := range runs(cells) {
			fmt.Fprintf(&c.out, "M%d %dh%dv1h-%dz", from, row, to-from, to-from)
		}
	}
	c.out.WriteString(`"/>`)
}

func (c *svg) words(x, y float64, t lettering, s string) {
	weight := "400"
	if t.bold {
		weight = "700"
	}
	fmt.Fprintf(&c.out, `<text x="%s" y="%s" font-size="%s" font-weight="%s" fill="%s" textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>`,
		mm(x), mm(y), mm(t.size), weight, t.ink, mm(t.width), html.EscapeString(s))
}

func (c *svg) picture(r rect, data []byte) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return
	}
	in := r.around(float64(config.Width), float64(config.Height))
	fmt.Fprintf(&c.out, `<image x="%s" y="%s" width="%s" height="%s" href="data:image/%s;base64,%s"/>`,
		mm(in.x), mm(in.y), mm(in.w), mm(in.h), format, base64.StdEncoding.EncodeToString(data))
}

func (c *svg) turned(x, y float64, draw func()) {
	fmt.Fprintf(&c.out, `<g transform="rotate(180 %s %s)">`, mm(x), mm(y))
	draw()
	c.out.WriteString("</g>")
}
