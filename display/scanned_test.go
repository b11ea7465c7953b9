package display

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/image/draw"
)

// scanned is what a camera reads that sees the whole screen, in pictures whose
// longer edges are so many pixels; "" where it finds no code.
func (s *screen) scanned(edges ...int) []string {
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
	var texts []string
	for _, edge := range edges {
		by := float64(edge) / float64(max(size.X, size.Y))
		seen := image.NewGray(image.Rect(0, 0, int(by*float64(size.X)), int(by*float64(size.Y))))
		draw.BiLinear.Scale(seen, seen.Rect, img, img.Bounds(), draw.Src, nil)
		texts = append(texts, camera(s.t, seen))
	}
	return texts
}

// camera reads the code in a picture, wherever it is; "" if it finds none.
func camera(t *testing.T, seen image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(seen)
	if err != nil {
		t.Fatal(err)
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
// a small part of the longer edge, get 450. A phone looks at many pictures
// while the hand moves: one of five that differ a little must do.
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
			if !slices.Contains(s.scanned(longer, longer+4, longer+9, longer+15, longer+22), want) {
				t.Errorf("%s, %s: a camera doesn't read the code", g, l.brand.Dark)
			}
		}
	}
	s.clean()
}
