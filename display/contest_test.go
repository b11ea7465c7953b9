package display

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"
)

// opened is a page that does what ours does when it is replaced: it says that
// it is still open, and goes.
func (b *bubble) opened() {
	b.t.Helper()
	ws := b.dial(1)
	go func() {
		for {
			_, raw, err := ws.Read(context.Background())
			if err != nil {
				return
			}
			var m heard
			if json.Unmarshal(raw, &m) == nil && m.Reason == "replaced" {
				_ = ws.Write(context.Background(), websocket.MessageText, []byte(`{"type":"replaced"}`))
				_ = ws.CloseNow()
				return
			}
			_ = ws.Write(context.Background(), websocket.MessageText, []byte(`{"type":"pong"}`))
		}
	}()
	time.Sleep(time.Second)
}

// contested is whether staff are told now that the display is open in two places.
func (h *Hub) contested() bool { return !h.Presence()[0].Contested.IsZero() }

// R28: a browser's profile that was copied to another machine is found out: the
// newer page wins, staff are told so, for some minutes, and the tablets hear of it.
func TestR28OpenInTwoPlacesIsTold(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.opened()
		time.Sleep(time.Minute)
		if b.contested() {
			t.Error("contested by itself")
		}
		b.opened()
		time.Sleep(time.Second)
		if p := b.Presence(); len(p) != 1 || !p[0].Online || time.Since(p[0].Contested) > 3*time.Second {
			t.Errorf("presence %+v", p)
		}
		time.Sleep(contestedFor - 10*time.Second)
		b.told("d_1 true, d_1 true")
		if !b.contested() {
			t.Error("forgotten before it could be read")
		}
		time.Sleep(20 * time.Second)
		b.told("d_1 true, d_1 true, d_1 true")
		if b.contested() {
			t.Error("still contested after minutes of peace")
		}
	})
}

// R28: a page that lost its connection, or stands still, is replaced by itself:
// that is one place.
func TestR28ReconnectingIsOnePlace(t *testing.T) {
	inBubble(t, func(b *bubble) {
		for range 3 {
			b.follow(b.dial(1)) // reads, and says nothing when it is replaced, as a line that is cut
			time.Sleep(5 * time.Second)
		}
		if b.contested() {
			t.Error("a page that reconnects was called two")
		}
	})
}

// R28: the same with real browsers: the profile is copied with its cookie.
func TestR28CopiedProfileIsTold(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.paired(h)
	for range 5 {
		s.do(chromedp.Reload())
		s.view("idle")
	}
	if h.contested() {
		t.Error("a page that was loaded again was called two")
	}
	copied := s.copied(h)
	copied.do(chromedp.Navigate(h.srv.URL + "/display"))
	copied.view("idle")
	s.until(`document.documentElement.getAttribute("data-cover") === "replaced"`)
	await(t, "it is told", h.contested)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	copied.view("qr")
	s.until(noCode)
}

// copied is another browser with the cookies of this one.
func (s *screen) copied(h *house) *screen {
	s.t.Helper()
	ctx, done := chromedp.NewContext(s.ctx, chromedp.WithNewBrowserContext())
	s.t.Cleanup(done)
	other := &screen{t: s.t, ctx: ctx}
	other.do(chromedp.Navigate("about:blank"))
	key := ""
	for _, st := range h.known() {
		key = st.key
	}
	if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: Cookie, Value: key, URL: h.srv.URL + "/display"}); err != nil {
		s.t.Fatal(err)
	}
	return other
}
