package sheet

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

const address = "HTTPS://PAY.LUMEN.EXAMPLE/Q/FRONT"

// salon is a sheet as a salon would ask for it.
func salon() Sheet {
	return Sheet{Template: Color, Paper: A4, Address: address, Host: "pay.lumen.example", Name: "Studio Lumen", Desk: "Reception",
		Brand: "#14514a", Ink: "#ffffff", Language: "en"}
}

// logo is a wide picture in one colour, with a transparent edge.
func logo(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 400, 120))
	for x := 20; x < 380; x++ {
		for y := 20; y < 100; y++ {
			img.Set(x, y, color.NRGBA{240, 200, 80, 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// onPaper renders a PDF's only page as a printer would, at so many dots an inch.
func onPaper(t *testing.T, name string, pdf []byte, dpi string) (path string, img image.Image) {
	t.Helper()
	dir := filepath.Join("..", "..", "artifacts", "sheet")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name+".pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, name)
	if text, err := exec.Command("pdftoppm", "-png", "-r", dpi, "-singlefile", file, out).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm is needed (Debian: apt install poppler-utils): %v %s", err, text)
	}
	raw, err := os.ReadFile(out + ".png")
	if err == nil {
		img, err = png.Decode(bytes.NewReader(raw))
	}
	if err != nil {
		t.Fatal(err)
	}
	return out + ".png", img
}

// reads holds a picture against both decoders.
func reads(t *testing.T, path string, img image.Image) {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	if got, err := qrcode.NewQRCodeReader().Decode(bitmap, hints); err != nil || got.GetText() != address {
		t.Errorf("%s: gozxing: %v %v", path, got, err)
	}
	got, err := exec.Command("zbarimg", "--raw", "-q", path).Output()
	for _, line := range strings.Fields(string(got)) {
		if line != address {
			t.Errorf("%s: zbarimg: %q", path, got)
		}
	}
	if err != nil || len(got) == 0 {
		t.Errorf("%s: zbarimg (Debian: apt install zbar-tools): %q %v", path, got, err)
	}
}

// TestR33 prints every sheet there is and scans it, from a page that is fine
// and from one that is coarse.
func TestR33EverySheetScans(t *testing.T) {
	for i, template := range Templates() {
		for j, paper := range Papers() {
			language := Languages()[(i+j)%len(Languages())]
			name := strings.Join([]string{template, paper, language}, "-")
			t.Run(name, func(t *testing.T) {
				s := salon()
				s.Template, s.Paper, s.Language = template, paper, language
				pdf, err := s.PDF()
				if err != nil {
					t.Fatal(err)
				}
				for _, dpi := range []string{"72", "40"} {
					path, img := onPaper(t, name+"-"+dpi, pdf, dpi)
					if paper == Tent {
						img = lower(img)
					}
					reads(t, path, img)
				}
			})
		}
	}
}

// lower is the half of a tent that stands upright: gozxing looks for one code.
func lower(img image.Image) image.Image {
	b := img.Bounds()
	b.Min.Y = b.Max.Y / 2
	return img.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(b)
}

func TestR33TheCodeIsVectorsAndTheSameEachTime(t *testing.T) {
	first, err := salon().PDF()
	if err != nil {
		t.Fatal(err)
	}
	second, err := salon().PDF()
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("printed again it is another file (%v)", err)
	}
	if bytes.Contains(first, []byte("/Subtype /Image")) {
		t.Error("a sheet without a logo has an image in it")
	}
}

func TestR33NamesThatDontFit(t *testing.T) {
	for name, what := range map[string]string{
		"long":  "Dr. med. Anna-Maria Kovács-Lindqvist & Partner, Praxis für Zahnheilkunde und Kieferorthopädie am Marktplatz",
		"greek": "Κομμωτήριο Αθηνά",
		"none":  "",
	} {
		for _, paper := range Papers() {
			s := salon()
			s.Name, s.Desk, s.Paper = what, what, paper
			pdf, err := s.PDF()
			if err != nil {
				t.Fatalf("%s on %s: %v", name, paper, err)
			}
			onPaper(t, "name-"+name+"-"+paper, pdf, "60")
		}
	}
	r, err := newRuler()
	if err != nil {
		t.Fatal(err)
	}
	if got := r.known("美容室"); got != "" {
		t.Errorf("%q would be boxes", got)
	}
	if got := r.known("Győri Szépségszalon – €"); got == "" {
		t.Error("a Hungarian name was left out")
	}
}

func TestR33ALogoStandsForTheName(t *testing.T) {
	s := salon()
	s.Logo = logo(t)
	pdf, err := s.PDF()
	if err != nil {
		t.Fatal(err)
	}
	_, img := onPaper(t, "logo", pdf, "60")
	if !has(img, color.NRGBA{240, 200, 80, 255}) {
		t.Error("the logo isn't on the sheet")
	}
	preview, err := s.Preview()
	if err != nil || !bytes.Contains(preview, []byte("data:image/png;base64,")) {
		t.Errorf("the preview lacks the logo: %v", err)
	}
	if !has(img, color.White) {
		t.Error("the logo doesn't stand on white")
	}
	for _, paper := range Papers() {
		for _, template := range Templates() {
			s.Paper, s.Template = paper, template
			if pdf, err = s.PDF(); err != nil {
				t.Fatal(err)
			}
			onPaper(t, "logo-"+template+"-"+paper, pdf, "40")
		}
	}
	s.Logo = []byte("no picture")
	broken, err := s.Preview()
	if err != nil || !bytes.Contains(broken, []byte(s.Name)) {
		t.Errorf("a broken logo takes the name away: %v", err)
	}
}

func has(img image.Image, want color.Color) bool {
	r, g, b, _ := want.RGBA()
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r2, g2, b2, _ := img.At(x, y).RGBA(); r2>>8 == r>>8 && g2>>8 == g>>8 && b2>>8 == b>>8 {
				return true
			}
		}
	}
	return false
}

func TestR33WhatCantBePrinted(t *testing.T) {
	for want, spoil := range map[error]func(*Sheet){
		ErrTemplate: func(s *Sheet) { s.Template = "sepia" },
		ErrPaper:    func(s *Sheet) { s.Paper = "a3" },
		ErrColour:   func(s *Sheet) { s.Brand = "green" },
	} {
		s := salon()
		spoil(&s)
		if _, err := s.PDF(); !errors.Is(err, want) {
			t.Errorf("%v instead of %v", err, want)
		}
		if _, err := s.Preview(); !errors.Is(err, want) {
			t.Errorf("preview: %v instead of %v", err, want)
		}
	}
	s := salon()
	s.Address = ""
	if _, err := s.PDF(); err == nil {
		t.Error("a sheet with nothing to scan")
	}
}

// TestEveryLanguageIsComplete holds the languages against English.
func TestEveryLanguageIsComplete(t *testing.T) {
	for _, language := range Languages() {
		w, err := wordsIn(language)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{w.Heading, w.Step1, w.Step2, w.Step3, w.Opens, w.Reach, w.Glue, w.Decimal} {
			if text == "" {
				t.Errorf("%s has an empty text", language)
			}
		}
		if !strings.Contains(w.Opens, "{host}") || !strings.Contains(w.Reach, "{metres}") {
			t.Errorf("%s names no host or no distance", language)
		}
	}
}
