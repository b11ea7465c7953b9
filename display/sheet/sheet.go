// Package sheet draws what is printed and kept, as PDF. It lays out a desk's
// code: A4, A5, A6 and a table tent to cut and fold, in colour or in black and
// white, with the modules as vectors; the same layout drawn as SVG is the
// preview on a screen. And it draws receipts. It is given texts that are ready
// to read.
//
// Files: sheet.go what is asked for; layout.go where everything goes, in
// millimetres; pdf.go and svg.go the two ways to draw it; type.go fonts and
// how wide words are; letters.go which it has; words.go the instructions; receipt.go
// a receipt.
package sheet

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"countersign/display/qr"
)

// The templates.
const (
	Color = "color" // the location's colour over the whole sheet
	BW    = "bw"    // black on white, for any printer
)

// The papers.
const (
	A4   = "a4"
	A5   = "a5"
	A6   = "a6"
	Tent = "tent" // two faces and a strip to glue, on A4
)

// Sheet is one sheet to print.
type Sheet struct {
	Template string // Color or BW
	Paper    string // A4, A5, A6 or Tent
	Address  string // what the code says
	Host     string // the address as a client reads it on the phone
	Name     string // the location's; left out where the font lacks its letters
	Desk     string // the desk's; printed small, so that staff know which it is
	Logo     []byte // PNG or JPEG instead of the name; nil: none
	Brand    string // "#14514a"
	Ink      string // text on Brand
	Language string // of the instructions; English for one without
}

// Errors of a Sheet that can't be made.
var (
	ErrTemplate = errors.New("sheet: no such template")
	ErrPaper    = errors.New("sheet: no such paper")
	ErrColour   = errors.New("sheet: not a colour")
)

// Templates and Papers list what there is, in the order of a form.
func Templates() []string { return []string{Color, BW} }

// Papers lists the papers.
func Papers() []string { return []string{A4, A5, A6, Tent} }

// PDF draws the sheet to print. The same sheet is the same bytes.
func (s Sheet) PDF() ([]byte, error) {
	p, err := s.plan()
	if err != nil {
		return nil, err
	}
	c, err := newPDF(p.size, s)
	if err != nil {
		return nil, err
	}
	p.draw(c)
	return c.bytes()
}

// Preview draws the sheet as SVG. Its text is as wide as on paper, whatever
// font the viewer has.
func (s Sheet) Preview() ([]byte, error) {
	p, err := s.plan()
	if err != nil {
		return nil, err
	}
	c := newSVG(p.size)
	p.draw(c)
	return c.bytes(), nil
}

// plan is a sheet that was checked, with all that drawing needs.
type plan struct {
	Sheet
	size  size
	code  qr.Code
	text  words
	ruler *ruler
	back  colour // of the panel
	ink   colour // on it
}

func (s Sheet) plan() (*plan, error) {
	p := &plan{Sheet: s, back: white, ink: black}
	var err error
	switch s.Template {
	case Color:
		if p.back, err = parseColour(s.Brand); err != nil {
			return nil, err
		}
		if p.ink, err = parseColour(s.Ink); err != nil {
			return nil, err
		}
	case BW:
	default:
		return nil, fmt.Errorf("%w: %q", ErrTemplate, s.Template)
	}
	var ok bool
	if p.size, ok = papers()[s.Paper]; !ok {
		return nil, fmt.Errorf("%w: %q", ErrPaper, s.Paper)
	}
	if p.code, err = qr.Encode(s.Address); err != nil {
		return nil, err
	}
	if p.text, err = wordsIn(s.Language); err != nil {
		return nil, err
	}
	if p.ruler, err = newRuler(); err != nil {
		return nil, err
	}
	p.Name, p.Desk = p.ruler.known(s.Name), p.ruler.known(s.Desk)
	return p, nil
}

// size is a paper's, in millimetres.
type size struct{ w, h float64 }

func papers() map[string]size {
	return map[string]size{A4: {210, 297}, A5: {148, 210}, A6: {105, 148}, Tent: {210, 297}}
}

// perModule is how far a phone reads, for the width of a module: the rule of
// thumb is ten times the width of a code, said of codes of about 30 modules.
const perModule = 300

// distance is from how far a code with this edge can be scanned, in metres,
// rounded down to tenths.
func distance(edge float64, c qr.Code) float64 {
	module := edge / float64(len(c.Modules())+2*quiet)
	return math.Floor(module*perModule/100) / 10
}

// colour is red, green and blue, 0 to 255.
type colour struct{ r, g, b int }

var (
	white = colour{255, 255, 255}
	black = colour{0, 0, 0}
)

func parseColour(s string) (colour, error) {
	hex, ok := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(hex, 16, 32)
	if !ok || len(hex) != 6 || err != nil {
		return colour{}, fmt.Errorf("%w: %q", ErrColour, s)
	}
	return colour{int(n >> 16), int(n >> 8 & 255), int(n & 255)}, nil
}
