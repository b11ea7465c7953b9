package display

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// gate stands between a browser and the hub, as a network does: it can refuse
// everything, or only sockets.
type gate struct {
	h       *house
	srv     *httptest.Server
	refuse  atomic.Bool                      // everything
	noWS    atomic.Bool                      // only sockets, as some proxies do
	other   atomic.Pointer[http.HandlerFunc] // answers instead of the hub
	serving http.Handler
}

// behind opens a gate in front of a house.
func behind(t *testing.T, h *house) *gate {
	t.Helper()
	g := &gate{h: h, serving: h.Handler()}
	g.srv = httptest.NewServer(http.HandlerFunc(g.pass))
	h.srv.Close()
	h.srv = g.srv
	return g
}

func (g *gate) pass(w http.ResponseWriter, r *http.Request) {
	if g.refuse.Load() || g.noWS.Load() && strings.HasSuffix(r.URL.Path, "/ws") {
		http.Error(w, "no", http.StatusBadGateway)
		return
	}
	if o := g.other.Load(); o != nil {
		(*o)(w, r)
		return
	}
	g.serving.ServeHTTP(w, r)
}

// noCode is true in a page that has no code, neither visible nor hidden.
const noCode = `!document.querySelector("#card svg") && document.getElementById("amount").textContent === ""`

// within holds a limit that the page has to keep.
func (s *screen) within(limit time.Duration, begun time.Time, what string) {
	s.t.Helper()
	if took := time.Since(begun); took > limit {
		s.t.Errorf("%s took %v, more than %v", what, took, limit)
	}
}

func TestR30ClosedSocketCoversTheCodeWithinASecond(t *testing.T) {
	h := open(t)
	g := behind(t, h)
	s := browse(t)
	s.do(chromedp.EmulateViewport(1280, 720))
	s.paired(h)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	s.view("qr")
	await(t, "it says that it painted", func() bool { return h.salon.saw("v_1") })

	g.refuse.Store(true)
	for _, c := range h.live() {
		_ = c.ws.CloseNow() // as a pulled cable that is noticed
	}
	begun := time.Now()
	s.view("cover")
	s.until(noCode)
	s.within(2500*time.Millisecond, begun, "covering")
	s.shoot("reconnecting")

	h.salon.show("front", code(t, "v_2", "€7.00"))
	g.refuse.Store(false)
	begun = time.Now()
	s.view("qr")
	s.until(`document.body.innerText.indexOf("€7.00") >= 0`)
	s.within(6*time.Second, begun, "coming back")
}

func TestR30SilenceCoversTheCode(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.paired(h)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	s.view("qr")
	h.salon.change(func() { h.salon.down = errDown }) // the socket stays open, and nothing comes
	begun := time.Now()
	s.view("cover")
	s.until(noCode)
	s.within(8500*time.Millisecond, begun, "covering")
	h.salon.change(func() { h.salon.down = nil })
	s.view("qr")
}

func TestR30WhatIsOverGoesAtOnce(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.paired(h)
	for _, next := range []Scene{{Kind: Idle}, {Kind: Paid, Amount: "€25.00"}, {Kind: InProgress, Amount: "€25.00"}, {Kind: Closed}} {
		h.salon.show("front", code(t, "v_1", "€25.00"))
		h.Wake()
		s.view("qr")
		h.salon.show("front", next)
		h.Wake()
		s.view(next.Kind)
		s.until(noCode)
	}
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	s.view("qr")
	h.salon.show("front", Scene{Kind: "from_the_future", QRSVG: "<svg/>"})
	h.Wake()
	s.view("cover") // nothing is better than a guess
	s.until(noCode)

	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	s.view("qr")
	broken := code(t, "v_1", "€25.00")
	broken.QRSVG = `<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="driven"</script></svg>`
	h.salon.show("front", broken)
	h.Wake()
	s.view("cover")
	s.until(noCode + ` && document.title !== "driven"`)
	h.salon.revoke(h.known()[0].hash)
	h.Wake()
	s.view("pair")
}

func TestR30ExpiredCodeGoesWithoutAWordFromTheServer(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.paired(h)
	scene := code(t, "v_1", "€25.00")
	at := time.Now().Add(3 * time.Second)
	scene.ExpiresAt = &at
	h.salon.show("front", scene)
	h.Wake()
	s.view("qr")
	s.view("expired")
	s.until(noCode)
	s.within(4*time.Second, at.Add(-3*time.Second), "hiding it")
	s.shoot("expired")
}

func TestR30ReplacedPageStaysCovered(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.paired(h)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	s.view("qr")
	first := h.live()[0]
	other, done := chromedp.NewContext(s.ctx)
	defer done()
	if err := chromedp.Do(other, chromedp.Navigate(h.srv.URL+"/display"), chromedp.WaitVisible("#card svg")); err != nil {
		t.Fatal(err)
	}
	s.until(`document.documentElement.getAttribute("data-cover") === "replaced" && ` + noCode)
	s.shoot("replaced")
	if now := h.live(); len(now) != 1 || now[0] == first {
		t.Errorf("the older page still holds the display")
	}
	done()
	s.do(chromedp.Click("body"))
	s.view("qr")
}

func TestPollingStandsInWhereSocketsAreBlocked(t *testing.T) {
	h := open(t)
	g := behind(t, h)
	s := browse(t)
	s.paired(h)
	g.noWS.Store(true)
	for _, c := range h.live() {
		_ = c.ws.CloseNow()
	}
	s.view("cover")
	h.salon.show("front", code(t, "v_1", "€25.00"))
	s.view("qr")
	await(t, "it says that it painted", func() bool { return h.salon.saw("v_1") })
	if flickers := promised[int](s, watching); flickers != 0 {
		t.Errorf("covered %d times", flickers)
	}
	g.noWS.Store(false)
	await(t, "the socket is back", func() bool { return len(h.live()) == 1 })
}

// watching counts how often the page covers itself in five seconds.
const watching = `new Promise(function (done) {
  var n = 0, eye = new MutationObserver(function () { if (document.documentElement.getAttribute('data-view') === 'cover') { n++; } });
  eye.observe(document.documentElement, { attributes: true, attributeFilter: ['data-view'] });
  setTimeout(function () { eye.disconnect(); done(n); }, 5000);
})`

func TestR31IdentifyGermanAndRightToLeft(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.media("light", "reduce")
	s.do(chromedp.EmulateViewport(1024, 600))
	h.salon.change(func() {
		h.salon.brand = Brand{Name: "Praxis Dr. Öztürk-Hollenstein für Dermatologie und Ästhetik am Gendarmenmarkt", Colour: "#ffd400",
			Ink: "#ffffff", Language: "de", Zone: "Europe/Berlin"}
	})
	s.paired(h)
	s.painted()
	s.measure("idle-de")
	s.shoot("idle-de")
	h.Identify("d_1")
	s.until(`document.getElementById("flash").classList.contains("on")`)
	s.shoot("identify")
	s.until(`!document.getElementById("flash").classList.contains("on")`)
	h.salon.show("front", code(t, "v_1", "1.234,50\u202f€"))
	h.Wake()
	s.view("qr")
	s.painted()
	s.measure("qr-de")
	s.shoot("qr-de")
	if got := eval[string](s, `getComputedStyle(document.documentElement).getPropertyValue("--brand-ink")`); got != "rgb(29,27,24)" {
		t.Errorf("white on yellow can't be read; the ink is %s", got)
	}
	eval[bool](s, `(document.documentElement.dir = "rtl", window.dispatchEvent(new Event("resize")), true)`)
	s.painted()
	s.measure("qr-rtl")
	s.shoot("qr-rtl")
	h.salon.show("front", Scene{Kind: Paid, Amount: "1.234,50\u202f€"})
	h.Wake()
	s.view("paid")
	s.painted()
	s.shoot("paid-yellow")
	s.clean()
}
