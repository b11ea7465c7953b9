package qr

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// drawn is a code in pixels on grey paper, as a photograph begins.
func drawn(t *testing.T, text string, size int) *image.Gray {
	t.Helper()
	code, err := Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := code.PNG(size)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return grey(img)
}

func grey(img image.Image) *image.Gray {
	to := image.NewGray(img.Bounds())
	draw.Draw(to, to.Rect, img, img.Bounds().Min, draw.Src)
	return to
}

// smaller scales a picture down, as from further away.
func smaller(img *image.Gray, to int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, to, to))
	draw.CatmullRom.Scale(out, out.Rect, img, img.Rect, draw.Src, nil)
	return out
}

// blurred is a picture out of focus: three passes of a box are nearly a Gaussian.
func blurred(img *image.Gray, radius int) *image.Gray {
	for range 3 {
		img = box(box(img, radius, true), radius, false)
	}
	return img
}

func box(img *image.Gray, radius int, across bool) *image.Gray {
	out := image.NewGray(img.Rect)
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			sum, n := 0, 0
			for d := -radius; d <= radius; d++ {
				at := image.Pt(x, y+d)
				if across {
					at = image.Pt(x+d, y)
				}
				if at.In(img.Rect) {
					sum, n = sum+int(img.GrayAt(at.X, at.Y).Y), n+1
				}
			}
			out.SetGray(x, y, color.Gray{uint8(sum / n)})
		}
	}
	return out
}

// turned is a picture held askew, on paper that is large enough for it.
func turned(img *image.Gray, degrees float64) *image.Gray {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	side := float64(img.Rect.Dx())
	edge := side * (math.Abs(sin) + math.Abs(cos))
	out := image.NewGray(image.Rect(0, 0, int(edge)+1, int(edge)+1))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	mid, to := side/2, edge/2
	draw.CatmullRom.Transform(out, f64.Aff3{cos, -sin, to - cos*mid + sin*mid, sin, cos, to - sin*mid - cos*mid}, img, img.Rect, draw.Over, nil)
	return out
}

// faint leaves so much of the contrast, around a middle grey.
func faint(img *image.Gray, share float64) *image.Gray {
	out := image.NewGray(img.Rect)
	for i, v := range img.Pix {
		out.Pix[i] = uint8(128 + (float64(v)-128)*share)
	}
	return out
}

// TestR31CodesAreReadInBadLight holds codes of every size that is shown and
// printed against two decoders that know nothing of one another.
func TestR31CodesAreReadInBadLight(t *testing.T) {
	const text = "HTTPS://PAY.LUMEN.EXAMPLE/S/ABCDEFGHIJKLMNOPQRSTUVWX27"
	for _, size := range []int{185, 370, 740} { // 5, 10 and 20 pixels a module
		img := drawn(t, text, size)
		for name, worn := range map[string]*image.Gray{
			"as drawn": img, "smaller": smaller(img, size*3/5), "blurred": blurred(img, size/150), "askew": turned(img, 15), "the other way": turned(img, -15),
			"faint": faint(img, .4), "all of it": faint(turned(blurred(img, size/200), 15), .4),
		} {
			t.Run(name+" "+string(rune('0'+size/185)), func(t *testing.T) { bothRead(t, worn, text) })
		}
	}
}

func bothRead(t *testing.T, img *image.Gray, want string) {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	if got, err := qrcode.NewQRCodeReader().Decode(bitmap, hints); err != nil || got.GetText() != want {
		t.Errorf("gozxing: %v %v", got, err)
	}
	file := filepath.Join(t.TempDir(), "code.png")
	f, err := os.Create(file)
	if err == nil {
		err = png.Encode(f, img)
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	if got, err := exec.Command("zbarimg", "--raw", "-q", file).Output(); err != nil || strings.TrimSpace(string(got)) != want {
		t.Errorf("zbarimg (Debian: apt install zbar-tools): %q %v", got, err)
	}
}
