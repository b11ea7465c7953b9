package display

import (
	"net/http"
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
