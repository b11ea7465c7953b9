package display

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screen is a real browser with one page open at /display.
type screen struct {
	t   *testing.T
	ctx context.Context
	mu  sync.Mutex
	bad []string // what the console complained of
}

// browse starts Chromium. A machine without it fails the test and says how to
// get it: a display nobody looked at isn't tested.
func browse(t *testing.T) *screen {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no browser to look at the display with: apt-get install chromium")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, done := chromedp.NewContext(allocator)
	ctx, late := context.WithTimeout(ctx, 4*time.Minute)
	s := &screen{t: t, ctx: ctx}
	t.Cleanup(func() {
		late()
		done()
		stop()
	})
	s.do(chromedp.Navigate("about:blank"))
	s.listen()
	return s
}

// listen keeps what the page complains of, blocked content included.
func (s *screen) listen() {
	messages := chromedp.Console(s.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Source == "security" {
				s.mu.Lock()
				s.bad = append(s.bad, m.String())
				s.mu.Unlock()
			}
		}
	}()
}

func (s *screen) do(steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, steps...); err != nil {
		s.t.Fatal(err)
	}
}

// until waits until an expression holds in the page, through reloads.
func (s *screen) until(expression string) {
	s.t.Helper()
	limit := time.Now().Add(30 * time.Second) // a busy disk holds up a commit for ten
	for {
		err := chromedp.Do(s.ctx, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(20*time.Millisecond),
			chromedp.WithPollingTimeout(time.Until(limit))))
		if err == nil {
			return
		}
		if s.ctx.Err() != nil || time.Now().After(limit) {
			s.t.Fatalf("never true: %s: %v\n%s", expression, err, s.text())
		}
	}
}

// view waits for a view, once its fonts are there.
func (s *screen) view(name string) {
	s.t.Helper()
	s.until(`document.documentElement.getAttribute("data-view") === "` + name + `" && document.fonts.status === "loaded"`)
}

func (s *screen) text() string { return eval[string](s, `document.body.innerText`) }

func eval[T any](s *screen, expression string) T {
	s.t.Helper()
	got, err := chromedp.Run(s.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		s.t.Fatalf("%s: %v", expression, err)
	}
	return got
}

// media makes the browser prefer a scheme and full or reduced motion.
func (s *screen) media(scheme, motion string) {
	s.t.Helper()
	_, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
}

// shoot keeps a picture for people to look at.
func (s *screen) shoot(name string) {
	s.t.Helper()
	raw, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Fatal(err)
	}
	folder := filepath.Join("..", "artifacts", "display")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), raw, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// clean fails on anything the console complained of.
func (s *screen) clean() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.bad {
		s.t.Errorf("the page complains: %s", m)
	}
}

// paired opens /display and pairs it with the front desk.
func (s *screen) paired(h *house) {
	s.t.Helper()
	s.do(chromedp.Navigate(h.srv.URL + "/display"))
	s.view("pair")
	shown := strings.ReplaceAll(eval[string](s, `document.getElementById("amount").textContent`), "\u2009", "")
	hash, ok := h.Claim(shown, time.Now())
	if !ok {
		s.t.Fatalf("the code on the screen, %q, can't be claimed", shown)
	}
	h.salon.pair(hash, Device{ID: "d_1", Desk: "front", Name: "Reception 1"})
	h.Wake()
	s.view("idle")
}

// promised is eval for an expression that is a promise.
func promised[T any](s *screen, expression string) T {
	s.t.Helper()
	got, err := chromedp.Run(s.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatalf("%s: %v", expression, err)
	}
	return got
}
