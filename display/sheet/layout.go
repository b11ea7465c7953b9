package sheet

import (
	"bytes"
	"image"
	"strconv"

	"countersign/display/qr"
)

// quiet is the white border of a code in modules.
const quiet = 4

// canvas is what a sheet is drawn on. Everything is in millimetres from the
// top left; the place of words is their baseline.
type canvas interface {
	box(r rect, radius float64, fill colour)
	frame(r rect, radius, width float64, ink colour)
	line(x1, y1, x2, y2 float64, dashed bool)
	code(x, y, edge float64, c qr.Code)
	words(x, y float64, t lettering, s string)
	picture(r rect, data []byte)
	// turned draws upside down, around a point.
	turned(x, y float64, draw func())
}

// rect is a place on the sheet.
type rect struct{ x, y, w, h float64 }

// lettering is how words look: their height, width and place in a line.
type lettering struct {
	size  float64 // millimetres
	bold  bool
	ink   colour
	width float64 // of the words; for a screen without the font
	align float64 // 0 from the left, ½ centred, 1 to the right
}

// draw draws the sheet.
func (p *plan) draw(c canvas) {
	if p.Paper == Tent {
		p.tent(c)
		return
	}
	p.upright(c, rect{0, 0, p.size.w, p.size.h})
}

// upright is a face that is higher than wide: name, what to do, the code, how.
func (p *plan) upright(c canvas, r rect) {
	u := r.w / 100
	p.panel(c, rect{r.x + 4*u, r.y + 4*u, r.w - 8*u, r.h - 8*u}, 5*u)
	mid := r.x + r.w/2
	p.title(c, rect{r.x + 12*u, r.y + 9*u, r.w - 24*u, 9 * u}, .5)
	p.say(c, mid, r.y+28.5*u, r.w-20*u, lettering{size: 9 * u, bold: true, ink: p.ink, align: .5}, p.text.Heading)
	edge := 70 * u
	p.card(c, mid-edge/2, r.y+34*u, edge)
	p.steps(c, rect{r.x + 20*u, r.y + 111.5*u, r.w - 40*u, 6.4 * u}, 4*u)
	p.small(c, rect{mid, r.y + r.h - 10.6*u, r.w - 18*u, 3.6 * u}, 2.5*u, .5, edge)
}

// across is a face that is wider than high: the code on the right.
func (p *plan) across(c canvas, r rect) {
	u := r.h / 100
	p.panel(c, r, 0)
	edge := 78 * u
	p.card(c, r.x+r.w-edge-11*u, r.y+11*u, edge)
	left, width := r.x+11*u, r.w-edge-31*u
	p.title(c, rect{left, r.y + 11*u, width, 8 * u}, 0)
	p.tell(c, rect{left, r.y + 33*u, width, 9 * u}, lettering{size: 8 * u, bold: true, ink: p.ink}, 2, p.text.Heading)
	p.steps(c, rect{left, r.y + 55*u, width, 7.5 * u}, 4.2*u)
	p.small(c, rect{left, r.y + 79*u, width, 3.5 * u}, 2.6*u, 0, edge)
}

// A tent on A4: a strip to glue, the far face upside down, the near one.
const (
	tentEdge  = 10.0
	tentWidth = 190.0
	tentStrip = 37.0
	tentFace  = 120.0
	tick      = 6.0 // length of a crop mark
)

func (p *plan) tent(c canvas) {
	ridge := tentEdge + tentStrip + tentFace
	far := rect{tentEdge, tentEdge + tentStrip, tentWidth, tentFace}
	near := rect{tentEdge, ridge, tentWidth, tentFace}
	c.turned(far.x+far.w/2, far.y+far.h/2, func() { p.across(c, far) })
	p.across(c, near)
	p.say(c, p.size.w/2, tentEdge+tentStrip/2, tentWidth-20, lettering{size: 3.6, ink: black, align: .5}, p.text.Glue)
	for _, y := range []float64{far.y, ridge} {
		c.line(1, y, tentEdge-2, y, true)
		c.line(p.size.w-tentEdge+2, y, p.size.w-1, y, true)
	}
	crop(c, rect{tentEdge, tentEdge, tentWidth, tentStrip + 2*tentFace})
}

// crop marks the corners to cut at, outside of what is cut.
func crop(c canvas, r rect) {
	const gap = 2
	for _, x := range []float64{r.x, r.x + r.w} {
		c.line(x, r.y-gap-tick, x, r.y-gap, false)
		c.line(x, r.y+r.h+gap, x, r.y+r.h+gap+tick, false)
	}
	for _, y := range []float64{r.y, r.y + r.h} {
		c.line(r.x-gap-tick, y, r.x-gap, y, false)
		c.line(r.x+r.w+gap, y, r.x+r.w+gap+tick, y, false)
	}
}

// panel is the ground of a face: the brand's colour, or a thin frame.
func (p *plan) panel(c canvas, r rect, radius float64) {
	if p.Template == BW {
		c.frame(r, radius, .35, black)
		return
	}
	c.box(r, radius, p.back)
}

// card is the code on its own white ground, whatever is around it.
func (p *plan) card(c canvas, x, y, edge float64) {
	if p.Template == Color {
		c.box(rect{x, y, edge, edge}, edge/28, white)
	}
	c.code(x, y, edge, p.code)
}

// title is the logo or else the name. A logo stands on white, whatever is
// around it: it may well have the brand's own colour.
func (p *plan) title(c canvas, r rect, align float64) {
	if config, _, err := image.DecodeConfig(bytes.NewReader(p.Logo)); err == nil {
		pad := r.h * .16
		in := rect{r.x + pad, r.y + pad, r.w - 2*pad, r.h - 2*pad}.around(float64(config.Width), float64(config.Height))
		in.x += (align - .5) * (r.w - 2*pad - in.w)
		if p.Template == Color {
			c.box(rect{in.x - pad, in.y - pad, in.w + 2*pad, in.h + 2*pad}, pad, white)
		}
		c.picture(in, p.Logo)
		return
	}
	p.say(c, r.x+align*r.w, r.y+.72*r.h, r.w, lettering{size: .62 * r.h, ink: p.ink, align: align}, p.Name)
}

// steps are the three things to do, numbered and of one size.
func (p *plan) steps(c canvas, r rect, size float64) {
	steps := []string{p.text.Step1, p.text.Step2, p.text.Step3}
	dot := size * 1.35
	for _, step := range steps {
		size = min(size, p.fitting(step, lettering{size: size}, r.w-dot*1.5))
	}
	for i, step := range steps {
		y := r.y + float64(i)*r.h
		c.box(rect{r.x, y - dot*.76, dot, dot}, dot/2, p.ink)
		p.say(c, r.x+dot/2, y-dot*.76+dot*.7, dot, lettering{size: dot * .58, bold: true, ink: p.back, align: .5}, strconv.Itoa(i+1))
		p.say(c, r.x+dot*1.5, y, r.w-dot*1.5, lettering{size: size, ink: p.ink}, step)
	}
}

// small is the small print: what the code must open, from where it scans, whose it is.
func (p *plan) small(c canvas, r rect, size, align, edge float64) {
	t := lettering{size: size, ink: p.ink, align: align}
	far := p.text.distance(distance(edge, p.code))
	if p.Desk != "" {
		far += " · " + p.Desk
	}
	most := 3
	if align > 0 {
		most = 1 // there is room for one under the steps
	}
	r.y += float64(p.tell(c, r, t, most, p.text.opens(p.Host))) * r.h
	p.say(c, r.x, r.y, r.w, t, far)
}

// least is how far words may shrink before they are cut short.
const least = .6

// say writes one line, smaller where it would be too wide, cut where that is
// not enough.
func (p *plan) say(c canvas, x, y, room float64, t lettering, s string) {
	if s == "" {
		return
	}
	t.size = p.fitting(s, t, room)
	s = p.ruler.cut(s, t, room)
	t.width = p.ruler.width(s, t)
	c.words(x-t.align*t.width, y, t, s)
}

// fitting is the size at which a line has room, or the least.
func (p *plan) fitting(s string, t lettering, room float64) float64 {
	return t.size * min(1, max(room/p.ruler.width(s, t), least))
}

// tell writes a paragraph of so many lines at most, r.h apart, and returns how
// many there were.
func (p *plan) tell(c canvas, r rect, t lettering, most int, s string) int {
	lines := p.ruler.wrap(s, t, r.w, most)
	for i, line := range lines {
		p.say(c, r.x, r.y+float64(i)*r.h, r.w, t, line)
	}
	return len(lines)
}
