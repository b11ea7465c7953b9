package qr

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"pgregory.net/rapid"
)

// texts are what the daemon really puts into codes, and their edges.
var texts = []string{
	"HTTPS://PAY.LUMEN.EXAMPLE/S/ABCDEFGHJKLMNPQRSTUVWXYZ23",
	"HTTP://192.168.1.20:8080/S/ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"https://pay.lumen.example/desk/setup?pair=K7Q2MX",
	"https://checkout.example/c/pay/cs_test_a1b2c3#fidkdWxOYHwnPyd1blpxYHZxWjA0",
	"A", "0", "0123456789", "$%*+-./: ", "Grüße aus Köln ☕", "a:b/c.d",
}

// read decodes a picture the way a phone's library does.
func read(t testing.TB, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatalf("bitmap: %v", err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_CHARACTER_SET: "UTF-8", gozxing.DecodeHintType_PURE_BARCODE: true}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	return result.GetText()
}

// fromSVG paints the one path of an SVG, so that what is tested is what a
// browser gets and not the matrix behind it.
func fromSVG(svg string, scale int) image.Image {
	box := regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`).FindStringSubmatch(svg)
	side, _ := strconv.Atoi(box[1])
	img := image.NewGray(image.Rect(0, 0, side*scale, side*scale))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.Atoi(run[1])
		y, _ := strconv.Atoi(run[2])
		w, _ := strconv.Atoi(run[3])
		for py := y * scale; py < (y+1)*scale; py++ {
			for px := x * scale; px < (x+w)*scale; px++ {
				img.SetGray(px, py, color.Gray{})
			}
		}
	}
	return img
}

func TestR31EveryCodeDecodesToItsText(t *testing.T) {
	for _, text := range texts {
		code, err := Encode(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for _, scale := range []int{2, 3, 8} {
			if got := read(t, fromSVG(code.SVG(), scale)); got != text {
				t.Errorf("SVG at %d: read %q, want %q", scale, got, text)
			}
		}
		for _, size := range []int{128, 257, 512, 1000} {
			raw, err := code.PNG(size)
			if err != nil {
				t.Fatalf("%q at %d: %v", text, size, err)
			}
			img, err := png.Decode(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if img.Bounds().Dx() != size {
				t.Errorf("PNG is %d wide, want %d", img.Bounds().Dx(), size)
			}
			if got := read(t, img); got != text {
				t.Errorf("PNG at %d: read %q, want %q", size, got, text)
			}
		}
	}
}

func TestEveryLengthDecodesInBothModes(t *testing.T) {
	for n := 1; n <= 700; n += 13 {
		for _, alphabet := range []string{"AZ09:/.-", "az09:/.-?"} {
			text := strings.Repeat(alphabet, n/len(alphabet)+1)[:n]
			code, err := Encode(text)
			if err != nil {
				t.Fatalf("%d of %q: %v", n, alphabet, err)
			}
			if got := read(t, fromSVG(code.SVG(), 3)); got != text {
				t.Errorf("%d of %q: read %q", n, alphabet, got)
			}
		}
	}
}

func TestAnyTextRoundTrips(t *testing.T) {
	alphanumeric := rapid.StringMatching(`[0-9A-Z $%*+./:-]{1,90}`)
	plain := rapid.StringMatching(`[ -~]{1,90}`)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(alphanumeric, plain).Draw(t, "text")
		code, err := Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(fromSVG(code.SVG(), 3))
		if err != nil {
			t.Fatal(err)
		}
		result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
		if err != nil || result.GetText() != text {
			t.Fatalf("read %v, %v; want %q", result, err, text)
		}
	})
}

func TestR6UpperCaseAddressIsCoarser(t *testing.T) {
	upper, _ := Encode("HTTPS://PAY.LUMEN.EXAMPLE/S/ABCDEFGHJKLMNPQRSTUVWXYZ23")
	lower, _ := Encode("https://pay.lumen.example/s/abcdefghjklmnpqrstuvwxyz23")
	if upper.Version() >= lower.Version() {
		t.Errorf("upper case is version %d, lower case %d", upper.Version(), lower.Version())
	}
}

// R9: codes are as coarse as version 3 for hosts of up to 20 characters: the one
// on a display, and that of a desk which staff added.
func TestR9CodesAreCoarse(t *testing.T) {
	for _, scheme := range []string{"HTTP://", "HTTPS://"} {
		base := scheme + "PAY.SALON-LUMEN.TEST" // 20 characters
		for path, most := range map[string]int{"/S/ABCDEFGHJKLMNPQRSTUVWXYZ23": 3, "/Q/FRONT": 3, "/Q/RECEPTION-7K2M": 3} {
			code, err := Encode(base + path)
			if err != nil || code.Version() > most {
				t.Errorf("%s%s: version %d, %v", base, path, code.Version(), err)
			}
		}
	}
}

func TestSVGShape(t *testing.T) {
	code, _ := Encode(texts[0])
	svg := code.SVG()
	if n := strings.Count(svg, "<path"); n != 1 {
		t.Errorf("%d paths, want one", n)
	}
	if len(svg) > 6000 {
		t.Errorf("%d bytes is more than a code of this size needs", len(svg))
	}
	side := len(code.Modules()) + 8
	if want := fmt.Sprintf(`viewBox="0 0 %d %d"`, side, side); !strings.Contains(svg, want) {
		t.Errorf("no %s in %.80s: the quiet zone is missing", want, svg)
	}
	for _, want := range []string{`shape-rendering="crispEdges"`, `fill="#fff"`, `fill="#000"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestEdges(t *testing.T) {
	if _, err := Encode(""); !errors.Is(err, ErrEmpty) {
		t.Errorf("empty text: %v", err)
	}
	if _, err := Encode(strings.Repeat("a", 5000)); err == nil {
		t.Error("5000 bytes fitted a code")
	}
	code, _ := Encode("A")
	for _, size := range []int{0, -1, 63, 4097} {
		if _, err := code.PNG(size); err == nil {
			t.Errorf("a picture of %d pixels was drawn", size)
		}
	}
	code.Modules()[0][0] = false
	if !code.Modules()[0][0] {
		t.Error("a caller changed the code through its copy")
	}
	if (Code{}).Version() != 0 {
		t.Error("the zero code has a version")
	}
}

func TestCacheKeepsBytesAndForgets(t *testing.T) {
	cache := NewCache(2)
	first, err := cache.SVG("A")
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, _ := cache.SVG("A"); again != first {
			t.Fatal("one text gave two pictures")
		}
	}
	for i := range 50 {
		if _, err := cache.SVG(strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(cache.svg) != 2 || len(cache.order) != 2 {
		t.Errorf("kept %d codes, %d names; want 2", len(cache.svg), len(cache.order))
	}
	if _, err := cache.SVG(""); err == nil {
		t.Error("the cache drew nothing without saying so")
	}
}

// A code that is up is asked for again and again, and so is the last to go: drawn
// anew it would be another picture, sent to every screen.
func TestCacheForgetsWhatNobodyAsksFor(t *testing.T) {
	cache := NewCache(3)
	kept := func(text string) bool {
		_, ok := cache.svg[text]
		if _, err := cache.SVG(text); err != nil {
			t.Fatal(err)
		}
		return ok
	}
	kept("UP")
	for i := range 50 {
		kept(strconv.Itoa(i))
		if !kept("UP") {
			t.Fatalf("the code that is up was drawn anew after %d others", i+1)
		}
	}
	if !kept("49") || kept("47") {
		t.Errorf("kept %q", cache.order)
	}
}

func BenchmarkSVG(b *testing.B) {
	code, err := Encode(texts[0])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_ = code.SVG()
	}
}
