package web_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"countersign/daemon/access"
)

// emblem is a logo with a transparent ground.
func emblem(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 400, 120))
	for x := 40; x < 360; x++ {
		for y := 20; y < 100; y++ {
			img.SetNRGBA(x, y, color.NRGBA{20, 81, 74, 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// R33: the logo that staff upload is on what is printed, and off it once it is
// removed.
func TestR33LogoIsPrinted(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Administrator)
	const logo, section, preview = "/desk/setup/logo", "/desk/setup?section=location", "/print/qr/front.preview.svg"
	without := s.do(c, http.MethodGet, preview, "").text
	if strings.Contains(without, "<image") {
		t.Fatal("there is a logo at first")
	}
	s.do(c, http.MethodGet, logo+".png", "").wants(t, "none yet", http.StatusNotFound)
	s.uploadTo(c, logo, "logo.txt", []byte("hello")).wants(t, "no picture", http.StatusUnprocessableEntity, `class="wrong"`)
	s.uploadTo(c, logo, "", nil).wants(t, "nothing", http.StatusUnprocessableEntity, `class="wrong"`)
	s.uploadTo(c, logo, "logo.png", emblem(t)).wants(t, "saved", http.StatusSeeOther)
	s.do(c, http.MethodGet, section, "", "Accept", "text/html").wants(t, "shown", http.StatusOK, `data-test="logo"`, `data-test="logo-remove"`)
	got := s.do(c, http.MethodGet, logo+".png", "")
	got.wants(t, "the picture", http.StatusOK)
	if img, err := png.Decode(strings.NewReader(got.text)); err != nil || img.Bounds().Dx() != 400 {
		t.Errorf("%v", err)
	}
	s.do(c, http.MethodGet, preview, "").wants(t, "the preview", http.StatusOK, "<image")
	if pdf := s.do(c, http.MethodGet, "/print/qr/front.pdf?template=bw&paper=a6", "").text; !strings.Contains(pdf, "/Subtype /Image") {
		t.Error("the sheet has no picture")
	}
	s.uploadTo(s.tablet(access.Receptionist), logo, "x.png", emblem(t)).wants(t, "without the right", http.StatusForbidden)
	s.uploadTo(c, logo, "", nil, "act", "remove").wants(t, "removed", http.StatusSeeOther)
	if again := s.do(c, http.MethodGet, preview, "").text; again != without {
		t.Error("the sheet isn't what it was")
	}
}
