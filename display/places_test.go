package display

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// page opens the socket of display 1 as the page of that name does.
func (b *bubble) page(name string) (*websocket.Conn, func() []arrival) {
	b.t.Helper()
	b.salon.pair(KeyHash(keyNumber(1)), Device{ID: "d_1", Desk: "front"})
	ws, _, err := websocket.Dial(b.t.Context(), "ws://pipe/display/ws?page="+name, &websocket.DialOptions{
		HTTPClient: b.http, HTTPHeader: header(keyNumber(1)), Subprotocols: []string{Subprotocol},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	ws.SetReadLimit(1 << 20)
	b.t.Cleanup(func() { _ = ws.CloseNow() })
	all := b.follow(ws)
	b.says(ws, `{"type":"hello","page":%q}`, name)
	return ws, all
}

// replaced tells whether a page was told to give way.
func replaced(all []arrival) bool {
	for _, m := range all {
		if m.Type == "bye" && m.Reason == "replaced" {
			return true
		}
	}
	return false
}

// R28: a page that was cut off while a newer one took its place is told so when
// it is back, and the newer one doesn't notice: else both would give way.
func TestR28OlderPageComesBack(t *testing.T) {
	inBubble(t, func(b *bubble) {
		cut, _ := b.page("older1")
		time.Sleep(time.Second)
		leave(cut)
		time.Sleep(time.Second)
		_, newer := b.page("newer2")
		time.Sleep(time.Second)
		back, older := b.page("older1")
		time.Sleep(500 * time.Millisecond)
		b.says(back, `{"type":"replaced"}`)
		leave(back)
		time.Sleep(3 * time.Second)
		if !replaced(older()) || count(older(), "scene") > 0 {
			t.Errorf("the older page got %+v", older())
		}
		if replaced(newer()) || len(b.live()) != 1 {
			t.Errorf("the newer page got %+v", newer())
		}
		if !b.contested() {
			t.Error("staff weren't told")
		}
	})
}

// R29: what a page says that was replaced is no word of the one on the glass:
// neither what it has painted nor that it is there.
func TestR29WordsOfAReplacedPageCountForNobody(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.salon.show("front", code(t, "v_1", "€25.00"))
		first, all := b.page("older1")
		time.Sleep(100 * time.Millisecond)
		seq := all()[0].Seq
		shown := fmt.Appendf(nil, `{"type":"shown","seq":%d,"epoch":"e1"}`, seq)
		second, _ := b.page("newer2")
		time.Sleep(100 * time.Millisecond)
		_ = first.Write(context.Background(), websocket.MessageText, shown)
		time.Sleep(100 * time.Millisecond)
		if b.onGlass() != "" {
			t.Error("a socket that was replaced says what is on the glass")
		}
		b.says(second, "%s", shown)
		time.Sleep(100 * time.Millisecond)
		if b.onGlass() != "v_1" {
			t.Error("the newer one isn't believed")
		}
		b.polls(1, "newest3", 0)
		_ = second.Write(context.Background(), websocket.MessageText, shown)
		time.Sleep(100 * time.Millisecond)
		if b.onGlass() != "" {
			t.Error("a socket beside a newer page that polls says what is on the glass")
		}
	})
}

// R29: nor does the end of a replaced page's socket take back what the newer
// page has painted, which polls.
func TestR29EndOfAReplacedSocketTakesNothingBack(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.salon.show("front", code(t, "v_1", "€25.00"))
		ws, _ := b.page("older1")
		time.Sleep(100 * time.Millisecond)
		_, _, seq := b.polls(1, "newer2", 0)
		b.polls(1, "newer2", seq)
		leave(ws)
		time.Sleep(100 * time.Millisecond)
		if b.onGlass() != "v_1" {
			t.Error("the newer page's word is forgotten")
		}
		b.Identify("d_1")
		if kind, _, _ := b.polls(1, "newer2", seq); kind != "identify" {
			t.Errorf("identified, the newer one got %s", kind)
		}
	})
}

// R29: a poll that doesn't name its page isn't believed beside one that does.
func TestR29NamelessPollBesideAPage(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.salon.show("front", code(t, "v_1", "€25.00"))
		_, all := b.page("named1")
		time.Sleep(100 * time.Millisecond)
		b.polls(1, "", all()[0].Seq)
		if b.onGlass() != "" {
			t.Error("a nameless poll says what is on the glass")
		}
	})
}
