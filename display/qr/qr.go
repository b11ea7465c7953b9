// Package qr turns a text into a QR code that a phone reads from across a
// reception: error correction level M, a quiet zone of four modules, dark on
// white, drawn as one SVG path or as a PNG with whole pixels a module.
//
// The modules come from go-qrcode. Two of its habits shape this package: its
// automatic mode can make a code that no reader accepts, so the mode is always
// set here, and its choice of mask is not deterministic, so whoever needs the
// same picture twice keeps the rendered bytes (see Cache).
package qr

import (
	"errors"
	"fmt"

	qrcode "github.com/yeqown/go-qrcode/v2"
)

// quiet is the width of the empty border in modules; the standard asks for
// four, and phones at an angle need all of them.
const quiet = 4

// Errors of Encode; both are a caller's mistake, not a state of the world.
var (
	ErrEmpty   = errors.New("qr: nothing to encode")
	ErrTooLong = errors.New("qr: the text does not fit a code")
)

// Code is one encoded text. The zero value draws nothing.
type Code struct {
	modules [][]bool
}

// Encode makes the code of text at level M. Text made only of digits, capital
// letters and "$%*+-./: " uses the alphanumeric mode, which is a third denser,
// so addresses are best given in upper case; anything else is sent as bytes.
func Encode(text string) (code Code, err error) {
	if text == "" {
		return Code{}, ErrEmpty
	}
	// go-qrcode panics where its tables and its arithmetic disagree; a text
	// that cannot be drawn must not take a whole daemon down.
	defer func() {
		if p := recover(); p != nil {
			code, err = Code{}, fmt.Errorf("qr: %v", p)
		}
	}()
	made, err := qrcode.NewWith(text, mode(text), qrcode.WithErrorCorrectionLevel(qrcode.ErrorCorrectionMedium))
	if err != nil {
		return Code{}, errors.Join(ErrTooLong, err)
	}
	var grid grid
	if err := made.Save(&grid); err != nil {
		return Code{}, fmt.Errorf("qr: %w", err)
	}
	return Code(grid), nil
}

// mode picks the mode the text allows. It is never left to go-qrcode.
func mode(text string) qrcode.EncodeOption {
	for i := range len(text) {
		if !alphanumeric(text[i]) {
			return qrcode.WithEncodingMode(qrcode.EncModeByte)
		}
	}
	return qrcode.WithEncodingMode(qrcode.EncModeAlphanumeric)
}

// alphanumeric reports whether b is one of the 45 characters of that mode.
func alphanumeric(b byte) bool {
	switch {
	case b >= '0' && b <= '9', b >= 'A' && b <= 'Z':
		return true
	case b == ' ', b == '$', b == '%', b == '*', b == '+', b == '-', b == '.', b == '/', b == ':':
		return true
	}
	return false
}

// grid receives the modules from go-qrcode: a Writer that draws nothing.
type grid struct{ modules [][]bool }

// Write keeps the matrix.
func (g *grid) Write(m qrcode.Matrix) error {
	g.modules = m.Bitmap()
	return nil
}

// Close has nothing to release.
func (g *grid) Close() error { return nil }

// Version is the size class of the code, 1 (21 modules) to 40 (177 modules).
func (c Code) Version() int {
	if len(c.modules) == 0 {
		return 0
	}
	return (len(c.modules) - 17) / 4
}

// Modules is the matrix without its quiet zone, true for dark, rows first.
// The caller gets a copy.
func (c Code) Modules() [][]bool {
	rows := make([][]bool, len(c.modules))
	for y, row := range c.modules {
		rows[y] = append([]bool(nil), row...)
	}
	return rows
}

// side is the edge of the drawing in modules, its quiet zone included.
func (c Code) side() int { return len(c.modules) + 2*quiet }
