package display

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// polling opens a paired display behind something that blocks sockets.
func polling(t *testing.T) (*house, *gate, *screen) {
	t.Helper()
	h := open(t)
	g := behind(t, h)
	s := browse(t)
	s.paired(h)
	g.block()
	s.view("cover")
	s.view("idle") // polled
	return h, g, s
}

// block refuses sockets from now on, those that are open too.
func (g *gate) block() {
	g.noWS.Store(true)
	for _, c := range g.h.live() {
		_ = c.ws.CloseNow()
	}
}

// remember keeps what the page's root, its amount and its card are from now on.
const remember = `(function () {
	window.diary = [];
	var root = document.documentElement, amount = document.getElementById('amount');
	var eye = new MutationObserver(function () { diary.push([root.getAttribute('data-view'), root.getAttribute('data-cover'), amount.textContent].join(' ')); });
	eye.observe(root, { attributes: true, attributeFilter: ['data-view', 'data-cover'] });
	eye.observe(amount, { childList: true, characterData: true, subtree: true });
	return true;
})()`

// hold keeps the page's next polls from being sent; window.answer gives the
// oldest an answer, and tells how long ago it was asked, in ms.
const hold = `(function () {
	var send = XMLHttpRequest.prototype.send, held = [];
	window.asked = function () { return held.length; };
	window.answer = function (text) {
		var one = held.shift();
		Object.defineProperty(one.x, 'status', { value: 200 });
		Object.defineProperty(one.x, 'responseText', { value: text });
		one.x.onloadend();
		return performance.now() - one.at;
	};
	XMLHttpRequest.prototype.send = function () { held.push({ x: this, at: performance.now() }); };
	window.unhold = function () { XMLHttpRequest.prototype.send = send; };
	return true;
})()`

// R30: a polled answer that comes after a socket has is of before: it changes
// nothing on the glass, and not which socket's close covers it.
func TestR30PollBesideTheSocketChangesNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	h, g, s := polling(t)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	s.view("qr")
	eval[bool](s, remember)
	old, err := json.Marshal(map[string]any{"type": "scene", "seq": 9000, "epoch": "before", "sent_at": time.Now(), "scene": code(t, "v_0", "€9.99")})
	if err != nil {
		t.Fatal(err)
	}
	for tries := 1; ; tries++ {
		eval[bool](s, hold)
		s.until(`asked() > 0`)
		g.noWS.Store(false)
		s.until(`(window.dispatchEvent(new Event('online')), true)`) // it need not wait for its next try
		await(t, "the socket is back", func() bool { return len(h.live()) == 1 && h.Presence()[0].Visit == "v_1" })
		if age := eval[float64](s, `answer(`+strconv.Quote(string(old))+`)`); age < 5500 { // older ones say nothing anyhow
			break
		}
		if tries == 5 {
			t.Fatal("no socket came within 5.5 s of a poll")
		}
		eval[bool](s, `(unhold(), true)`)
		g.block()
		s.view("qr")
	}
	s.until(`(requestAnimationFrame(function () { requestAnimationFrame(function () { window.painted = true; }); }), !!window.painted)`)
	if seen := eval[string](s, `diary.join(", ")`); strings.Contains(seen, "9.99") {
		t.Errorf("a poll that was overtaken is on the glass: %s", seen)
	}
	s.view("qr")
	g.refuse.Store(true)
	for _, c := range h.live() {
		_ = c.ws.CloseNow()
	}
	begun := time.Now()
	s.view("cover")
	s.until(noCode)
	s.within(2500*time.Millisecond, begun, "covering")
}

// R30: what something else answers in the daemon's place is no word of it,
// whatever it is: it neither changes the glass nor keeps sockets from being tried.
func TestR30PollAnsweredBySomebodyElse(t *testing.T) {
	t.Parallel() // it mostly waits
	h, g, s := polling(t)
	eval[bool](s, remember)
	answers := []string{"<html>hello</html>", "null", "{}", "7", `"scene"`, "[]", `{"type":"welcome"}`}
	var n atomic.Int32
	portal := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/state") && int(n.Load()) < len(answers) {
			_, _ = w.Write([]byte(answers[n.Add(1)-1]))
			return
		}
		g.serving.ServeHTTP(w, r)
	})
	g.other.Store(&portal)
	for int(n.Load()) < len(answers) {
		time.Sleep(100 * time.Millisecond)
	}
	s.view("idle")
	seen := eval[string](s, `diary.join(", ")`)
	if strings.Contains(seen, "error") || strings.Contains(seen, "unknown") || !strings.Contains(seen, "cover lost") {
		t.Errorf("drawn: %s", seen)
	}
	g.noWS.Store(false)
	await(t, "the socket is back", func() bool { return len(h.live()) == 1 })
}

// R30: a page that is hidden paints nothing, and so has nothing to say, now or
// when it has been hidden for a week.
func TestR30HiddenPageThatPollsKeepsNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	h, _, s := polling(t)
	eval[bool](s, `(function () {
		window.asked = 0;
		var ask = window.requestAnimationFrame;
		window.requestAnimationFrame = function (f) {
			if (document.hidden && /shown = /.test(String(f) + String(f.caller || ''))) { window.asked++; }
			return document.hidden ? 0 : ask.call(window, f); // as a browser does with a hidden page
		};
		Object.defineProperty(document, 'hidden', { configurable: true, get: function () { return !window.seen; } });
		return true;
	})()`)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	s.view("qr")
	time.Sleep(7 * time.Second)
	if n := eval[int](s, `window.asked`); n != 0 {
		t.Errorf("%d acknowledgements wait for a paint that doesn't come", n)
	}
	if h.salon.saw("v_1") {
		t.Error("a hidden page says that it painted")
	}
	eval[bool](s, `window.seen = true`)
	await(t, "it says that it painted", func() bool { return h.salon.saw("v_1") })
}

// R28: a copied profile behind something that blocks sockets, in real browsers:
// whichever is opened later has the display.
func TestR28CopiedProfileThatPolls(t *testing.T) {
	t.Parallel() // it mostly waits
	h := open(t)
	s := browse(t)
	s.paired(h)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	s.view("qr")
	copied := s.copied(h)
	if _, err := chromedp.Call(copied.ctx, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: `delete window.WebSocket`}); err != nil {
		t.Fatal(err)
	}
	copied.do(chromedp.Navigate(h.srv.URL + "/display"))
	copied.view("qr")
	s.until(`document.documentElement.getAttribute("data-cover") === "replaced" && ` + noCode)
	await(t, "it is told", h.contested)
	await(t, "the copy is believed", func() bool { return h.Presence()[0].Visit == "v_1" })
	s.do(chromedp.Reload())
	s.view("qr")
	copied.until(`document.documentElement.getAttribute("data-cover") === "replaced" && ` + noCode)
	time.Sleep(3 * time.Second)
	s.view("qr")
}

// R28: a page out of the back-forward cache is opened anew: it isn't taken for
// the older of two places.
func TestR28PageOutOfTheCacheIsNewer(t *testing.T) {
	t.Parallel() // it mostly waits
	h := open(t)
	s := browse(t)
	s.paired(h)
	name := func() string {
		st := h.known()[0]
		st.mu.Lock()
		defer st.mu.Unlock()
		return st.page
	}
	first := name()
	eval[bool](s, `(window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })), true)`)
	await(t, "it names itself anew", func() bool { return name() != first })
	s.view("idle")
	if first == "" || h.contested() {
		t.Errorf("first %q, contested %v", first, h.contested())
	}
}
