package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screen is one person's browser: cookies of its own, and one page.
type screen struct {
	t    *testing.T
	name string
	ctx  context.Context
	mu   sync.Mutex
	bad  []string // what the console complained of
}

// browser starts Chromium. A machine without it fails and says how to get it:
// screens that nobody looked at aren't tested.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no browser to do the main job in: apt-get install chromium")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, done := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		done()
		stop()
	})
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// look is a screen's measures, and whether its owner prefers the dark.
type look struct {
	width, height int64
	scale         float64
	touch, dark   bool
}

// sit opens a screen of its own in the browser.
func sit(t *testing.T, browser context.Context, name string, l look) *screen {
	t.Helper()
	return sitFor(t, browser, name, l, time.Minute)
}

// sitFor opens a screen that is given up after a while.
func sitFor(t *testing.T, browser context.Context, name string, l look, limit time.Duration) *screen {
	t.Helper()
	ctx, done := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(done)
	s := &screen{t: t, name: name, ctx: ctx}
	s.do(chromedp.Navigate("about:blank")) // the first action must not have a deadline
	limited, late := context.WithTimeout(ctx, limit)
	t.Cleanup(late)
	s.ctx = limited
	s.listen()
	s.resize(l)
	return s
}

func (s *screen) resize(l look) {
	s.t.Helper()
	shape := []chromedp.EmulateViewportOption{chromedp.EmulateScale(max(l.scale, 1))}
	if l.touch {
		shape = append(shape, chromedp.EmulateTouch, chromedp.EmulateMobile)
	}
	if l.height > l.width {
		shape = append(shape, chromedp.EmulatePortrait)
	}
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	s.do(chromedp.EmulateViewport(l.width, l.height, shape...))
	_, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}}})
	if err != nil {
		s.t.Fatalf("%s: %v", s.name, err)
	}
}

// listen keeps what the pages complain of, blocked content included.
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

// complains fails the test on what the console heard, unless it was expected.
func (s *screen) complains(expected ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.bad {
		if !slices.ContainsFunc(expected, func(part string) bool { return strings.Contains(m, part) }) {
			s.t.Errorf("%s: the page complains: %s", s.name, m)
		}
	}
}

func (s *screen) do(steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, steps...); err != nil {
		s.t.Fatalf("%s: %v", s.name, err)
	}
}

func (s *screen) open(url string) {
	s.t.Helper()
	s.do(chromedp.Navigate(url))
}

// until waits until an expression holds in the page, wherever it has gone by then.
func (s *screen) until(expression string) {
	s.t.Helper()
	limit := time.Now().Add(30 * time.Second) // a busy disk holds up a commit for ten
	for {
		err := chromedp.Do(s.ctx, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(20*time.Millisecond),
			chromedp.WithPollingTimeout(max(time.Until(limit), time.Millisecond))))
		if err == nil {
			return
		}
		if s.ctx.Err() != nil || time.Now().After(limit) {
			s.shoot("failed-" + s.name)
			s.t.Fatalf("%s: never true: %s: %v\n%s", s.name, expression, err, tell[string](s, `location.href + "\n" + document.body.innerText`))
		}
	}
}

// sees waits until an element is there and takes up room.
func (s *screen) sees(css string) {
	s.t.Helper()
	s.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.getClientRects().length > 0)`, css))
}

// press puts a finger on an element. If a refresh moves it away just then, the page must
// not take the finger as meant for what came there; a person presses again, and so do we.
func (s *screen) press(css string) {
	s.t.Helper()
	for try := range 5 {
		s.sees(css)
		tell[bool](s, fmt.Sprintf(`(() => {
			const tap = window.tap = {number: %d};
			addEventListener("click", e => { tap.aimed = e.target.closest(%q) !== null }, {capture: true, once: true});
			addEventListener("click", e => { tap.pressed = e.target.closest("button, a, summary, label") !== null }, {once: true});
			return true;
		})()`, try, css))
		if err := chromedp.Do(s.ctx, chromedp.Tap(chromedp.CSS(css))); err != nil {
			s.t.Logf("%s: %s: %v", s.name, css, err) // it was replaced as it was looked up
			continue
		}
		s.until(fmt.Sprintf(`!window.tap || tap.number !== %d || tap.aimed !== undefined`, try)) // or it led to another page
		switch tell[string](s, `window.tap && tap.aimed === false ? "missed" + (tap.pressed ? " and pressed another" : "") : window.tap && tap.aimed && !tap.pressed ? "swallowed" : "hit"`) {
		case "hit":
			return
		case "missed and pressed another":
			s.t.Fatalf("%s: the tap on %s pressed what had come there", s.name, css)
		}
	}
	s.t.Fatalf("%s: nobody can press %s", s.name, css)
}

func (s *screen) write(css, text string) {
	s.t.Helper()
	s.sees(css)
	s.do(chromedp.SendKeys(chromedp.CSS(css), text))
}

// tell evaluates an expression in the page, promises included.
func tell[T any](s *screen, expression string) T {
	s.t.Helper()
	got, err := chromedp.Run(s.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatalf("%s: %s: %v", s.name, expression, err)
	}
	return got
}

// still waits for fonts, pictures and movements that end.
func (s *screen) still() {
	s.t.Helper()
	s.until(`document.readyState === "complete" && document.fonts.status === "loaded" && !document.querySelector(".htmx-request") &&
		document.getAnimations().every(a => a.playState !== "running" || a.effect.getComputedTiming().endTime === Infinity)`)
}

// keep waits for the screen to be still, and keeps a picture for people to look at.
func (s *screen) keep(name string) (path string) {
	s.t.Helper()
	s.still()
	return s.shoot(name)
}

func (s *screen) shoot(name string) (path string) {
	s.t.Helper()
	raw, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Fatalf("%s: %v", s.name, err)
	}
	folder := filepath.Join("..", "..", "artifacts", "browser")
	path = filepath.Join(folder, name+".png")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		s.t.Fatal(err)
	}
	return path
}
