package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"countersign/daemon/provider/sandbox"
)

// shows is how many codes, and as many payments, are put on the screen in a
// measurement; they take turns with the bare server in rounds.
const (
	rounds = 3
	shows  = 15
)

// BenchmarkScreen measures what people wait for, in a real browser: Show QR
// from the tablet's request to the display's "shown", and a confirmation from
// the provider's webhook to the "shown" of Paid. Beside them stands a bare
// websocket server that sends the same frames to the same page, and a page that
// shows nothing but a line of text.
func BenchmarkScreen(b *testing.B) {
	l := newLobby(b)
	var show, bareShow, paid, barePaid, text samples
	for b.Loop() {
		for range rounds {
			l.watch(l.site.base)
			for range shows {
				visit := l.nextVisit()
				l.must(show.time(func() error { return l.show(visit) }))
				hook := l.beginToPay(visit)
				l.must(paid.time(func() error { return l.confirm(visit, hook) }))
			}
			l.watch(l.bare.URL)
			for n := range shows {
				l.must(bareShow.time(func() error { return l.send(l.codes[n%2]) }))
				l.must(barePaid.time(func() error { return l.send(l.thanks) }))
			}
			l.watch(l.bare.URL + "/text")
			for range 2 * shows {
				l.must(text.time(l.sendText))
			}
		}
	}
	b.ReportMetric(show.milli()/bareShow.milli(), "show-ratio")
	b.ReportMetric(paid.milli()/barePaid.milli(), "paid-ratio")
	painted := bareShow.milli() / text.milli()
	b.ReportMetric(painted, "painted-ratio")
	b.Logf("\n%s", table{
		{"Show QR: the tablet's request to the display's shown", show.String()},
		{"bare socket: the same code to the same page", bareShow.String()},
		{"ratio, at most 2×", fmt.Sprintf("%.2f×", show.milli()/bareShow.milli())},
		{"Paid: the provider's webhook to the display's shown", paid.String()},
		{"bare socket: the same thanks to the same page", barePaid.String()},
		{"ratio, at most 2×", fmt.Sprintf("%.2f×", paid.milli()/barePaid.milli())},
		{"a line of text to a page that only shows it", text.String()},
		{"ratio of the code from a bare socket, at most 1.3×", fmt.Sprintf("%.2f×", painted)},
	})
	within(b, "a code painted against a line of text", painted, 1.3)
	within(b, "Show QR against a bare socket", show.milli()/bareShow.milli(), 2)
	within(b, "Paid against a bare socket", paid.milli()/barePaid.milli(), 2)
}

// lobby is a browser that shows a display's page, of the program or of the
// bare server.
type lobby struct {
	b      *testing.B
	site   *site
	page   context.Context
	visits int
	secret string
	// bare serves the display's own page with a socket that does nothing but send frames.
	bare   *httptest.Server
	frames chan []byte
	shown  chan uint64
	seq    uint64
	mu     sync.Mutex
	leave  func()    // ends the bare server's last socket
	codes  [2][]byte // scenes as the program sends them
	thanks []byte
}

func newLobby(b *testing.B) *lobby {
	l := &lobby{b: b, site: newSite(b), frames: make(chan []byte), shown: make(chan uint64, 64)}
	key, err := os.ReadFile(filepath.Join(l.site.data, "sandbox.key"))
	if err != nil {
		b.Fatal(err)
	}
	_, secret, _ := strings.Cut(strings.TrimSpace(string(key)), " ")
	l.secret = secret
	l.collect()
	l.bare = httptest.NewServer(http.HandlerFunc(l.serve))
	b.Cleanup(l.bare.Close)
	l.openBrowser()
	return l
}

func (l *lobby) must(err error) {
	l.b.Helper()
	if err != nil {
		l.b.Fatal(err)
	}
}

// collect lets a display of ours take down the scenes that the bare server
// will send: two codes and a thank-you.
func (l *lobby) collect() {
	var life atomic.Int64
	g := newGlass(l.site, &life, func(string, int64) {})
	ctx, stop := context.WithCancel(l.b.Context())
	gone := make(chan struct{})
	go func() { g.run(ctx); close(gone) }()
	defer func() { stop(); <-gone }()
	l.pair(func() string { return g.toPair() })
	for n := range l.codes {
		visit := l.nextVisit()
		l.must(l.show(visit))
		l.codes[n] = g.scene(l.b, "qr", visit)
		hook := l.beginToPay(visit)
		l.must(l.confirm(visit, hook))
		l.thanks = g.scene(l.b, "paid", visit)
	}
}

// scene is the one that was sent last, which must be this.
func (g *glass) scene(b *testing.B, kind, visit string) []byte {
	b.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	var f struct{ Scene json.RawMessage }
	if err := json.Unmarshal(g.raw, &f); err != nil || g.frame.Scene.Kind != kind || g.frame.Scene.Visit != visit {
		b.Fatalf("the display has %s of %s and not %s of %s: %v", g.frame.Scene.Kind, g.frame.Scene.Visit, kind, visit, err)
	}
	return f.Scene
}

func (l *lobby) pair(code func() string) {
	l.b.Helper()
	l.site.await("a display shows a pairing code", 20*time.Second, func(context.Context) bool { return code() != "" })
	status := l.site.ask(l.b.Context(), http.MethodPost, "/api/v1/displays/pair",
		map[string]any{"code": code(), "desk": "front", "name": "Reception"}, nil)
	if status >= 300 || status == 0 {
		l.b.Fatalf("pairing answered %d", status)
	}
}

func (l *lobby) nextVisit() (visit string) {
	l.b.Helper()
	l.visits++
	v, ok := l.site.newVisit(l.b.Context(), fmt.Sprint(l.visits))
	if !ok {
		l.b.Fatal("no visit was made")
	}
	return v.ID
}

// show is the tablet's request; its answer comes when a display has painted.
func (l *lobby) show(visit string) error {
	var at struct {
		Displays []struct {
			ShownAt *time.Time `json:"shown_at"`
		}
	}
	status := l.site.ask(l.b.Context(), http.MethodPost, "/api/v1/visits/"+visit+"/link/show",
		map[string]any{"desk": "front", "replace": true}, &at)
	for _, d := range at.Displays {
		if d.ShownAt != nil {
			return nil
		}
	}
	return fmt.Errorf("show answered %d, and no display had painted", status)
}

// beginToPay opens the link, and returns the webhook that will say it is paid.
func (l *lobby) beginToPay(visit string) []byte {
	l.b.Helper()
	ctx := l.b.Context()
	token, _ := l.site.link(ctx, visit)
	page, ok := l.site.open(ctx, token)
	if !ok {
		l.b.Fatal("the link didn't open")
	}
	l.site.await("somebody is paying", 5*time.Second, func(ctx context.Context) bool { return l.painted(ctx, "in_progress", visit) })
	session := page[strings.LastIndex(page, "/")+1:]
	now := time.Now().UTC()
	said, err := json.Marshal(map[string]any{"id": "ev_" + session, "account": sandbox.DefaultAccount, "type": "session.paid", "at": now,
		"session": map[string]any{"id": session, "account": sandbox.DefaultAccount, "url": page, "payment": "pay_" + session, "status": "paid",
			"amount": 4500, "currency": "EUR", "paid_at": now, "expires_at": now.Add(time.Hour)}})
	l.must(err)
	return said
}

// confirm is the provider's webhook, and the wait until a display says Paid.
func (l *lobby) confirm(visit string, hook []byte) error {
	r, err := http.NewRequestWithContext(l.b.Context(), http.MethodPost, l.site.base+"/hooks/sandbox", bytes.NewReader(hook))
	if err != nil {
		return err
	}
	r.Header.Set(sandbox.SignatureHeader, sandbox.Sign(l.secret, time.Now(), hook))
	res, err := l.site.http.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if said, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		return fmt.Errorf("the webhook was answered %d: %s", res.StatusCode, said)
	}
	l.site.await("Paid is on the display", 5*time.Second, func(ctx context.Context) bool { return l.painted(ctx, "paid", visit) })
	return nil
}

// painted tells whether a display has acknowledged a scene of a visit.
func (l *lobby) painted(ctx context.Context, kind, visit string) bool {
	var known struct {
		Displays []struct {
			Scene *struct{ Kind, Visit string }
		}
	}
	l.site.ask(ctx, http.MethodGet, "/api/v1/displays", nil, &known)
	for _, d := range known.Displays {
		if d.Scene != nil && d.Scene.Kind == kind && d.Scene.Visit == visit {
			return true
		}
	}
	return false
}

// openBrowser starts Chromium, and pairs its display.
func (l *lobby) openBrowser() {
	path, err := exec.LookPath("chromium")
	if err != nil {
		l.b.Fatal("no browser to measure in: apt-get install chromium")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, done := chromedp.NewContext(allocator)
	l.b.Cleanup(func() { done(); stop() })
	l.page = ctx
	l.must(chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	l.must(chromedp.Do(ctx, chromedp.EmulateViewport(1920, 1080)))
	l.must(chromedp.Do(ctx, chromedp.Navigate(l.site.base+"/display")))
	l.pair(func() string {
		said, _ := chromedp.Run(ctx, chromedp.Evaluate[string](
			`document.documentElement.getAttribute("data-view") === "pair" ? document.getElementById("amount").textContent : ""`))
		return strings.ReplaceAll(said, "\u2009", "")
	})
}

// watch leads the browser to a server's display, and puts one code on it that
// isn't measured: by then the page has its fonts.
func (l *lobby) watch(base string) {
	l.b.Helper()
	l.mu.Lock()
	if l.leave != nil {
		l.leave() // a page that is kept for going back would take the frames of the next one
	}
	l.mu.Unlock()
	l.must(chromedp.Do(l.page, chromedp.Navigate(base+"/display")))
	switch base {
	case l.bare.URL:
		l.must(l.send(l.codes[1]))
		return
	case l.bare.URL + "/text":
		l.must(l.sendText())
		return
	}
	l.site.await("the display is connected", 10*time.Second, func(context.Context) bool { return l.show(l.nextVisit()) == nil })
}
