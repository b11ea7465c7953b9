package page

import (
	"bytes"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"countersign/display/qr"
	"countersign/display/sheet"
)

// R33: a code as SVG, alone and on every sheet's preview, opens in a browser
// and is read there by two decoders.
func TestR33VectorsOpenInABrowser(t *testing.T) {
	const address = "HTTPS://PAY.LUMEN.EXAMPLE/Q/FRONT-7K2M"
	drawn := map[string][]byte{}
	code, err := qr.Encode(address)
	if err != nil {
		t.Fatal(err)
	}
	drawn["code"] = []byte(code.SVG())
	for _, paper := range sheet.Papers() {
		for _, template := range sheet.Templates() {
			x := sheet.Sheet{Template: template, Paper: paper, Address: address, Host: "pay.lumen.example", Name: "Studio Lumen & Söhne <Salon>",
				Brand: ownBrand, Ink: "#ffffff", Language: "de"}
			if drawn[template+"-"+paper], err = x.Preview(); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx := pen(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write(drawn[strings.TrimPrefix(r.URL.Path, "/")])
	}))
	t.Cleanup(server.Close)
	for name := range drawn {
		if err := chromedp.Do(ctx, see(900, 1200, false), chromedp.Navigate(server.URL+"/"+name)); err != nil {
			t.Fatal(name, err)
		}
		shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(name, err)
		}
		readTwice(t, name, shot, address)
	}
}

// readTwice wants two decoders to read a code off a picture.
func readTwice(t *testing.T, name string, shot []byte, want string) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(name, err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(name, err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil || got.GetText() != want {
		t.Errorf("%s: gozxing reads %v, %v", name, got, err)
	}
	file := filepath.Join(t.TempDir(), "shot.png")
	if err := os.WriteFile(file, shot, 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := exec.Command("zbarimg", "--raw", "-q", file).Output()
	if err != nil || !strings.HasPrefix(string(read), want) {
		t.Errorf("%s: zbarimg (Debian: apt install zbar-tools) reads %q, %v", name, read, err)
	}
}
