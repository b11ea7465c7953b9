package sheet

import (
	"bytes"
	_ "embed" // the two weights of the font
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
)

// Inter (OFL, see fonts/OFL.txt) in two weights: the Latin, Greek and Cyrillic letters of its
// variable font at 420 and 650, as plain TrueType without hints, which is what PDF takes.
//
//go:embed fonts/inter-regular.ttf
var regular []byte

//go:embed fonts/inter-bold.ttf
var bold []byte

const family = "inter"

// weight is fpdf's name of a weight.
func (t lettering) weight() string {
	if t.bold {
		return "B"
	}
	return ""
}

// withFonts gives a document the fonts. It keeps what it is given, so each
// gets a copy.
func withFonts(f *fpdf.Fpdf) error {
	f.AddUTF8FontFromBytes(family, "", bytes.Clone(regular))
	f.AddUTF8FontFromBytes(family, "B", bytes.Clone(bold))
	return f.Error()
}

// ruler knows how wide words are, and which letters the font has.
type ruler struct {
	doc  *fpdf.Fpdf
	font *sfnt.Font
}

func newRuler() (*ruler, error) {
	r := &ruler{doc: fpdf.New("P", "mm", "A4", "")}
	if err := withFonts(r.doc); err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	var err error
	r.font, err = face()
	return r, err
}

// face is the font, read for the letters that it has: the same in both weights.
func face() (*sfnt.Font, error) {
	font, err := sfnt.Parse(regular)
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	return font, nil
}

// covers tells whether a font has every letter of a text.
func covers(font *sfnt.Font, s string) bool {
	var buffer sfnt.Buffer
	for _, letter := range s {
		if glyph, err := font.GlyphIndex(&buffer, letter); err != nil || glyph == 0 {
			return false
		}
	}
	return true
}

// width is how wide a line is, in millimetres.
func (r *ruler) width(s string, t lettering) float64 {
	r.doc.SetFont(family, t.weight(), 12)
	r.doc.SetFontUnitSize(t.size)
	return r.doc.GetStringWidth(s)
}

// cut is as much of a line as there is room for.
func (r *ruler) cut(s string, t lettering, room float64) string {
	runes := []rune(s)
	for len(runes) > 1 && r.width(s, t) > room*1.001 {
		runes = runes[:len(runes)-1]
		s = string(runes) + "…"
	}
	return s
}

// wrap breaks a text into so many lines at most; the last one takes the rest.
func (r *ruler) wrap(s string, t lettering, room float64, most int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(s) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && len(lines) < most-1 && r.width(longer, t) > room {
			lines, longer = append(lines, line), word
		}
		line = longer
	}
	return append(lines, line)
}

// Prints tells whether a sheet can show a text: the fonts have every letter of
// it. One that they don't have is left out, and a logo may stand for it.
func Prints(text string) (bool, error) {
	r, err := newRuler()
	if err != nil {
		return false, err
	}
	return strings.TrimSpace(text) == "" || r.known(text) != "", nil
}

// known is a text if the font has every letter of it, and nothing otherwise:
// better no name than boxes.
func (r *ruler) known(s string) string {
	if s = plain(s); covers(r.font, s) {
		return s
	}
	return ""
}
