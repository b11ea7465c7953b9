package display

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/chromedp/chromedp"
)

// plain is a JPEG in one colour.
func plain(t *testing.T, c color.RGBA, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(img.Pix); i += 4 {
		copy(img.Pix[i:], []byte{c.R, c.G, c.B, c.A})
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// R31: pictures take turns while the desk is idle, and give way to a code at
// once; one that can't be had is passed over; quiet hours are dark.
func TestR31SlidesOnTheGlass(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.media("light", "reduce")
	s.do(chromedp.EmulateViewport(1280, 720))
	h.salon.change(func() {
		h.salon.slides = map[string][]byte{"wide": plain(t, color.RGBA{30, 120, 200, 255}, 1600, 700), "high": plain(t, color.RGBA{200, 90, 30, 255}, 500, 900)}
		h.salon.brand.Slides = []Slide{{SlidePath("wide"), 3}, {SlidePath("gone"), 3}, {SlidePath("high"), 3}}
	})
	s.paired(h)
	on := func(name string) string {
		return `document.querySelector("#slides img.on") && document.querySelector("#slides img.on").src.endsWith("` + name + `")`
	}
	s.until(on("wide"))
	s.painted()
	s.measure("slides")
	s.shoot("slides")
	for _, g := range glasses {
		s.resize(g.width, g.height)
		if !eval[bool](s, `document.querySelector("header").getBoundingClientRect().bottom <= document.getElementById("slides").getBoundingClientRect().top`) {
			t.Errorf("%s: the pictures lie over the name", g)
		}
	}
	s.resize(1280, 720)
	s.until(on("high"))
	s.shoot("slides-high")
	s.until(on("wide"))
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	s.view("qr")
	if eval[bool](s, `document.documentElement.classList.contains("sliding") || !!document.querySelector("#slides img[src]")`) {
		t.Error("a picture stays behind the code")
	}
	h.salon.show("front", Scene{Kind: Idle, Quiet: true})
	h.Wake()
	s.view("quiet")
	s.painted()
	s.shoot("quiet")
	if got := eval[string](s, `getComputedStyle(document.body).backgroundColor`); got != "rgb(0, 0, 0)" {
		t.Errorf("quiet hours are %s", got)
	}
	h.salon.show("front", Scene{Kind: Idle})
	h.Wake()
	s.view("idle")
	s.until(on("wide"))
}
