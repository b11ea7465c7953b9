package page

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"

	"countersign/display/sheet"
	"countersign/web/static"
)

// policy is the strictest the pages must live with; the server may allow no less.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// pen is the browser that all tests share: starting one takes longer than they do.
func pen(t *testing.T) context.Context {
	t.Helper()
	off := []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars"}
	var flags []chromedp.ExecAllocatorOption
	for _, name := range off {
		flags = append(flags, chromedp.Flag(name, true))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("Chromium is needed (Debian: apt install chromium): %v", err)
	}
	limited, cancel := context.WithTimeout(ctx, 15*time.Minute) // every page on every screen takes four, on a machine of its own
	t.Cleanup(cancel)
	return limited
}

// drawLogo is a salon's logo on a transparent ground.
func drawLogo(t *testing.T, w io.Writer) {
	img := image.NewNRGBA(image.Rect(0, 0, 480, 160))
	for x := range 480 {
		for y := range 160 {
			if d := (x-80)*(x-80) + (y-80)*(y-80); d < 70*70 || x > 180 && y > 60 && y < 100 {
				img.SetNRGBA(x, y, color.NRGBA{20, 81, 74, 255})
			}
		}
	}
	if err := png.Encode(w, img); err != nil {
		t.Error(err)
	}
}

// gallery serves the fixtures as the daemon would: with the policy, the style sheet of
// the brand, and a socket that says nothing until it is told to.
func gallery(t *testing.T, more func(*http.ServeMux)) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	byName := map[string]Page{}
	for _, f := range fixtures() {
		byName[f.name] = f.page
	}
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("GET /brand.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, BrandCSS(ownBrand))
	})
	mux.HandleFunc("GET /fixture/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		var out bytes.Buffer
		if err := Render(&out, r.FormValue("lang"), byName[r.PathValue("name")]); err != nil {
			t.Error(err)
		}
		_, _ = w.Write(out.Bytes())
	})
	mux.HandleFunc("GET /print/qr/front.preview.svg", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		drawn, err := sheet.Sheet{Template: sheet.Color, Paper: sheet.A5, Address: "HTTPS://PAY.EXAMPLE.COM/Q/FRONT", Host: "pay.example.com", Name: "Studio Lumen", Brand: ownBrand, Ink: "#ffffff", Language: "en"}.Preview()
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(drawn)
	})
	mux.HandleFunc("GET /desk/setup/slides/{picture}", func(w http.ResponseWriter, r *http.Request) {
		img := image.NewGray(image.Rect(0, 0, 320, 180))
		if r.PathValue("picture") == "i_2.jpg" {
			img = image.NewGray(image.Rect(0, 0, 180, 320))
		}
		for i := range img.Pix {
			img.Pix[i] = uint8(90 + i%img.Stride/2)
		}
		if err := jpeg.Encode(w, img, nil); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /desk/setup/logo.png", func(w http.ResponseWriter, _ *http.Request) { drawLogo(t, w) })
	mux.HandleFunc("GET /desk/reports/before", func(w http.ResponseWriter, r *http.Request) {
		if err := Render(w, "en", byName["compared-up"]); err != nil {
			t.Error(err)
		}
	})
	if more != nil {
		more(mux)
	} else {
		mux.HandleFunc("GET /desk/ws", func(w http.ResponseWriter, r *http.Request) { hold(w, r) })
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// hold accepts a tablet's socket and keeps it open until the tablet leaves.
func hold(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"countersign.desk.v1"}})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	_, _, _ = conn.Read(r.Context())
}

func see(width, height int64, dark bool) chromedp.Action[chromedp.Void] {
	theme := "light"
	if dark {
		theme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	return chromedp.Steps(chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, media)
		return err
	}))
}

type view struct {
	width, height int64
	dark          bool
}

func views(wide bool) []view {
	if wide {
		return []view{{1366, 1024, false}, {1366, 1024, true}, {1024, 768, false}, {768, 1024, false}, {390, 844, false}}
	}
	return []view{{390, 844, false}, {390, 844, true}, {320, 568, false}}
}

// faults is what a person would stumble over on a page: parts that stick out sideways,
// something to touch that is too small, what the policy refused, and text too faint.
const faults = `(() => {
  const folded = e => { const d = (e.closest('summary') ? e.closest('details').parentElement : e).closest('details:not([open])'); return !!d; };
  const wrong = [], width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) wrong.push('sticks out: ' + document.documentElement.scrollWidth + ' in ' + width);
  if (innerWidth > 720 && document.querySelector('.tablet') && Math.max(document.documentElement.scrollHeight, document.body.scrollHeight) > innerHeight) wrong.push('the shell scrolls: ' + document.documentElement.scrollHeight + ' in ' + innerHeight);
  for (const box of document.querySelectorAll('.stage, .side, .scroll')) if (box.clientWidth && box.scrollWidth > box.clientWidth + 1) wrong.push('sticks out of .' + box.className);
  for (const part of document.querySelectorAll('.btn, .key, .person, .row, .seg button, .round, .field input, .field select, .section, .choice, .entry')) {
    const r = part.getBoundingClientRect(); if (!r.width || folded(part)) continue;
    const least = part.matches('.primary') ? 56 : 44;
    if (r.height < least || r.width < 44) wrong.push('too small: ' + part.textContent.trim().slice(0, 30) + ' ' + Math.round(r.width) + 'x' + Math.round(r.height));
    if (part.scrollWidth > part.clientWidth + 1 && part.matches('.btn, .big, .choice')) wrong.push('cut off: ' + part.textContent.trim().slice(0, 30));
  }
  for (const part of document.querySelectorAll('.big, .amount')) { const p = part.parentElement; if (part.scrollWidth > p.clientWidth + 1) wrong.push('amount cut off'); }
  const parse = s => (s.match(/[\d.]+/g) || []).map(Number);
  const lum = c => { const f = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]); };
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length && (c[3] === undefined || c[3] > 0)) return c; } return [255, 255, 255]; };
  for (const e of document.querySelectorAll('body *')) {
    if (!e.getClientRects().length || folded(e) || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.closest(':disabled')) continue;
    const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e)), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) wrong.push('faint: ' + e.textContent.trim().slice(0, 30) + ' ' + ratio.toFixed(2));
  }
  return [...new Set(wrong)].join('\n');
})()`

func TestEveryPageOnEveryScreen(t *testing.T) {
	ctx, server := pen(t), gallery(t, nil)
	into := filepath.Join("..", "..", "artifacts", "pages")
	if err := os.MkdirAll(into, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range fixtures() {
		if f.part {
			continue
		}
		for _, v := range views(f.wide) {
			shot := fmt.Sprintf("%s-%dx%d", f.name, v.width, v.height)
			if v.dark {
				shot += "-dark"
			}
			if err := chromedp.Do(ctx, see(v.width, v.height, v.dark), chromedp.Navigate(server.URL+"/fixture/"+f.name), chromedp.Evaluate[chromedp.Void]("document.fonts.ready.then(() => undefined)", chromedp.EvalAwaitPromise)); err != nil {
				t.Fatal(shot, err)
			}
			wrong, err := chromedp.Run(ctx, chromedp.Evaluate[string](faults))
			if err != nil || wrong != "" {
				t.Errorf("%s: %v\n%s", shot, err, wrong)
			}
			picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(shot, err)
			}
			if err := os.WriteFile(filepath.Join(into, shot+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
