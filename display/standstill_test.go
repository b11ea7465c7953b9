package display

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"
)

// shows pairs the screen and puts a code on it, with a diary of what is drawn
// from then on, in the page's own time.
func (s *screen) shows(h *house) {
	s.t.Helper()
	s.paired(h)
	h.salon.show("front", code(s.t, "v_1", "€25.00"))
	h.Wake()
	s.view("qr")
	eval[bool](s, `(function () {
		window.diary = [];
		new MutationObserver(function () { diary.push({ at: performance.now(), view: document.documentElement.getAttribute('data-view') }); })
			.observe(document.documentElement, { attributes: true, attributeFilter: ['data-view'] });
		return true;
	})()`)
}

// R30: frames that waited while the page stood still say nothing of now: a
// machine that wakes up covers its code at once, and begins again.
func TestR30FramesThatWaitedAreNoContact(t *testing.T) {
	h := open(t)
	g := behind(t, h)
	s := browse(t)
	s.shows(h)
	cut := time.AfterFunc(7*time.Second, func() { // behind several heartbeats that nobody has read
		g.refuse.Store(true)
		for _, c := range h.live() {
			_ = c.ws.CloseNow()
		}
	})
	defer cut.Stop()
	woke := eval[float64](s, `(function () { var until = Date.now() + 9000; while (Date.now() < until) {} return performance.now(); })()`)
	s.view("cover")
	if late := eval[float64](s, `diary[0].at`) - woke; late > 600 {
		t.Errorf("covered %.0f ms after waking up", late)
	}
	g.refuse.Store(false)
	s.view("qr")
}

// R30: so does a polled answer that waited: it was true when it was asked for.
func TestR30AnswersThatWaitedAreNoContact(t *testing.T) {
	h := open(t)
	g := behind(t, h)
	s := browse(t)
	s.paired(h)
	g.noWS.Store(true)
	for _, c := range h.live() {
		_ = c.ws.CloseNow()
	}
	s.view("cover")
	s.view("idle") // polled
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.serving.ServeHTTP(w, r)
		if r.URL.Query().Has("waits") { // what it says is soon no longer true
			h.salon.show("front", Scene{Kind: Idle})
			g.refuse.Store(true)
		}
	})
	g.other.Store(&answer)
	eval[bool](s, `(function () {
		window.diary = [];
		new MutationObserver(function () { diary.push(document.documentElement.getAttribute('data-view')); })
			.observe(document.documentElement, { attributes: true, attributeFilter: ['data-view'] });
		var ask = XMLHttpRequest.prototype, open = ask.open, send = ask.send;
		ask.open = function (method, address) { open.call(this, method, address + '&waits'); };
		ask.send = function () {
			ask.open = open;
			ask.send = send;
			send.call(this);
			for (var until = Date.now() + 9000; Date.now() < until;) {}
			setTimeout(function () { window.woke = true; }, 1500);
		};
		return true;
	})()`)
	s.until(`!!window.woke`)
	if drawn := eval[string](s, `diary.join(" ")`); strings.Contains(drawn, "qr") || !g.refuse.Load() {
		t.Errorf("drawn after waking up: %q; asked: %v", drawn, g.refuse.Load())
	}
}

// R30: after a long outage the first frame may take its time, as on a busy
// machine: the page waits for it rather than beginning again for ever.
func TestR30FirstFrameMayTakeItsTime(t *testing.T) {
	h := open(t)
	g := behind(t, h)
	s := browse(t)
	s.shows(h)
	g.refuse.Store(true)
	for _, c := range h.live() {
		_ = c.ws.CloseNow()
	}
	s.view("cover")
	s.until(`performance.now() - diary[0].at > 7000`)
	first, err := json.Marshal(map[string]any{"type": "scene", "seq": 1, "epoch": "late", "sent_at": time.Now(), "scene": code(t, "v_2", "€7.00")})
	if err != nil {
		t.Fatal(err)
	}
	late := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{Subprotocol}})
		if err != nil {
			return
		}
		defer time.AfterFunc(1500*time.Millisecond, func() { _ = ws.Write(r.Context(), websocket.MessageText, first) }).Stop()
		for err == nil {
			_, _, err = ws.Read(r.Context())
		}
	})
	g.other.Store(&late) // a poll is no socket, and gets an answer it can't use
	g.refuse.Store(false)
	s.view("qr") // one that begins again within those 1.5 s never gets here
}

// R30: a page that the browser freezes can't cover its code any more, so it
// does so before; and one out of the back-forward cache shows nothing of then.
func TestR30FrozenAndCachedPagesShowNoCode(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.shows(h)
	s.lifecycle(page.SetWebLifecycleStateStateFrozen)
	if !eval[bool](s, noCode) {
		t.Error("a frozen page has a code")
	}
	h.salon.show("front", code(t, "v_2", "€7.00"))
	h.Wake()
	s.lifecycle(page.SetWebLifecycleStateStateActive)
	s.view("qr")
	s.until(`document.getElementById("amount").textContent === "€7.00"`)
	eval[bool](s, `(diary.length = 0, window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })), true)`)
	if view := eval[string](s, `diary[0].view`); view != "cover" {
		t.Errorf("out of the cache it shows %q first", view)
	}
	s.view("qr")
	s.do(chromedp.Navigate("about:blank"), chromedp.NavigateBack())
	s.view("qr")
	s.clean()
}

func (s *screen) lifecycle(state page.SetWebLifecycleStateState) {
	s.t.Helper()
	if _, err := chromedp.Call(s.ctx, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state}); err != nil {
		s.t.Fatal(err)
	}
}

// R30: the page's clock is nobody's to trust. Set forward it may cost a blink,
// set back it costs nothing; neither keeps a code on the glass.
func TestR30PageClockIsSet(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.shows(h)
	const set = `(function () { var now = Date.now; Date.now = function () { return now.call(Date) + %BY%; }; return true; })()`
	for _, by := range []string{"3600000", "-86400000"} {
		eval[bool](s, strings.ReplaceAll(set, "%BY%", by))
		s.view("qr")
		h.salon.change(func() { h.salon.down = errDown })
		begun := time.Now()
		s.view("cover")
		s.until(noCode)
		s.within(8500*time.Millisecond, begun, "covering")
		h.salon.change(func() { h.salon.down = nil })
		s.view("qr")
	}
}

// R30: a browser that knows it is offline comes back as soon as it isn't.
func TestR30OfflineAndBack(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.shows(h)
	s.offline(true)
	for _, c := range h.live() {
		_ = c.ws.CloseNow()
	}
	s.view("cover")
	s.until(noCode)
	h.salon.show("front", code(t, "v_2", "€7.00"))
	s.offline(false)
	begun := time.Now()
	s.view("qr")
	s.within(2500*time.Millisecond, begun, "coming back")
}

func (s *screen) offline(so bool) {
	s.t.Helper()
	rule := &network.Conditions{Offline: so, DownloadThroughput: -1, UploadThroughput: -1}
	rules := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{rule}}
	_, err := chromedp.Call(s.ctx, network.EmulateNetworkConditionsByRule, rules)
	if err == nil {
		_, err = chromedp.Call(s.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: so, DownloadThroughput: -1, UploadThroughput: -1})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}
