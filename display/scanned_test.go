package display

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/image/draw"
)

// scanned is what a camera reads that sees the whole screen in a picture whose
// longer edge is so many pixels; "" if it finds no code.
func (s *screen) scanned(longer int) string {
	s.t.Helper()
	raw, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	size := img.Bounds().Size()
	by := float64(longer) / float64(max(size.X, size.Y))
	seen := image.NewGray(image.Rect(0, 0, int(by*float64(size.X)), int(by*float64(size.Y))))
	draw.BiLinear.Scale(seen, seen.Rect, img, img.Bounds(), draw.Src, nil)
	bitmap, err := gozxing.NewBinaryBitmapFromImage(seen)
	if err != nil {
		s.t.Fatal(err)
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return ""
	}
	return found.GetText()
}

// R31: the code is read off a picture of the whole screen in which its longer
// edge has 240 pixels, light and dark: so small is a seven-inch tablet at two
// metres to a phone of twelve megapixels, without zoom. Strips, whose code is
// a small part of the longer edge, get 450.
func TestR31CodeIsScannedFromAfar(t *testing.T) {
	s := laid(t)
	l := tongues[0]
	want := code(t, "v_1", "€25.00").URL
	for i, g := range glasses {
		l.brand.Dark = []string{"dark", "light"}[i%2]
		s.do(chromedp.EmulateViewport(g.width, g.height, chromedp.EmulateScale(max(g.scale, 1))))
		for _, d := range drawings(t, l) {
			if d.Name != "qr-named" {
				continue
			}
			eval[bool](s, `(function (d) { d.brand = `+quoted(t, l.brand)+`; paint.draw(d); return true; })(`+quoted(t, d)+`)`)
			s.painted()
			longer := 240
			if max(g.width, g.height) >= 5*min(g.width, g.height)/2 {
				longer = 450
			}
			if got := s.scanned(longer); got != want {
				t.Errorf("%s, %s: a camera reads %q", g, l.brand.Dark, got)
			}
		}
	}
	s.clean()
}
