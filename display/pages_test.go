package display

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// polls asks for the state of display n, as a page of that name does, and
// returns the type of the answer and its reason or name.
func (b *bubble) polls(n int, page string, shown uint64) (kind, more string, seq uint64) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, fmt.Sprintf("http://pipe/display/state?page=%s&shown=%d&epoch=e1", page, shown), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header = header(keyNumber(n))
	res, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.t.Fatalf("%d, %v: %s", res.StatusCode, err, raw)
	}
	var m heard
	if err := json.Unmarshal(raw, &m); err != nil {
		b.t.Fatalf("%v: %s", err, raw)
	}
	return m.Type, m.Reason + m.Name, m.Seq
}

// says sends what a page says.
func (b *bubble) says(ws *websocket.Conn, format string, args ...any) {
	b.t.Helper()
	if err := ws.Write(b.t.Context(), websocket.MessageText, fmt.Appendf(nil, format, args...)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bubble) contested() bool {
	all := b.Presence()
	return len(all) == 1 && !all[0].Contested.IsZero()
}

// painted is the visit that the one display says is on its glass.
func (b *bubble) onGlass() string {
	all := b.Presence()
	if len(all) != 1 {
		b.t.Fatalf("%+v", all)
	}
	return all[0].Visit
}

// R28: a copied profile that polls is found out as one that has a socket is:
// the newer one has the display, the other is told, and staff are told. What
// the copy says that it has painted was not on the display's own glass.
func TestR28CopyThatPolls(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.salon.show("front", code(t, "v_1", "€25.00"))
		ws := b.dial(1)
		all := b.follow(ws)
		b.says(ws, `{"type":"hello","page":"original1"}`)
		time.Sleep(time.Second)
		kind, _, seq := b.polls(1, "copy2", 0)
		if kind != "scene" {
			t.Fatalf("the newer one got %q", kind)
		}
		time.Sleep(500 * time.Millisecond)
		told := all()
		if last := told[len(told)-1]; last.Type != "bye" || last.Reason != "replaced" {
			t.Errorf("the older one was told %+v", last)
		}
		b.says(ws, `{"type":"replaced"}`)
		time.Sleep(time.Second)
		if !b.contested() || b.onGlass() != "" {
			t.Errorf("contested %v, on the glass %q", b.contested(), b.onGlass())
		}
		b.polls(1, "copy2", seq)
		if b.onGlass() != "v_1" {
			t.Errorf("the newer one painted, and on the glass is %q", b.onGlass())
		}
	})
}

// R28: of two that poll, the older one is told and stays told.
func TestR28TwoThatPoll(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.salon.pair(KeyHash(keyNumber(1)), Device{ID: "d_1", Desk: "front", Name: "Front"})
		b.polls(1, "older1", 0)
		b.polls(1, "newer2", 0)
		for range 3 {
			if kind, reason, _ := b.polls(1, "older1", 0); kind != "bye" || reason != "replaced" {
				t.Errorf("the older one got %s %s", kind, reason)
			}
			if kind, _, _ := b.polls(1, "newer2", 0); kind != "scene" {
				t.Errorf("the newer one got %s", kind)
			}
			time.Sleep(2 * time.Second)
		}
		if !b.contested() {
			t.Error("staff weren't told")
		}
		for n := range 2 * keptPages { // a page that is loaded again is one page after another
			b.polls(1, fmt.Sprintf("again%d", n), 0)
		}
		if kind, _, _ := b.polls(1, "again15", 0); kind != "scene" {
			t.Errorf("the newest got %s", kind)
		}
	})
}

// R28: a display that polls flashes its name too, once.
func TestR28IdentifyWherePolled(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.salon.pair(KeyHash(keyNumber(1)), Device{ID: "d_1", Desk: "front", Name: "Front"})
		b.polls(1, "page1", 0)
		b.Identify("d_1")
		if kind, name, _ := b.polls(1, "page1", 0); kind != "identify" || name != "Front" {
			t.Errorf("it got %s %q", kind, name)
		}
		if kind, _, _ := b.polls(1, "page1", 0); kind != "scene" {
			t.Errorf("then %s", kind)
		}
	})
}

// R29: what a display has painted is on the glass while it goes on speaking:
// its page covers the code after six seconds without the daemon.
func TestR29SilenceIsNotOnTheGlass(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.salon.show("front", code(t, "v_1", "€25.00"))
		ws := b.dial(1)
		var silent atomic.Bool
		all := b.heed(ws, func() bool { return !silent.Load() })
		time.Sleep(100 * time.Millisecond)
		b.says(ws, `{"type":"shown","seq":%d,"epoch":"e1"}`, all()[0].Seq)
		time.Sleep(30 * time.Second)
		if b.onGlass() != "v_1" {
			t.Fatalf("on the glass is %q", b.onGlass())
		}
		silent.Store(true)
		time.Sleep(lease + pingEvery)
		if b.onGlass() != "" {
			t.Errorf("after %v of silence %q is on the glass", lease, b.onGlass())
		}
		time.Sleep(witnessEvery)
		if turns := b.salon.turned(); strings.Count(turns, "d_1") < 2 {
			t.Errorf("the tablets heard %q", turns)
		}
	})
}

// R30: a line that has grown slower than four seconds there and back is given
// up: what is on the glass would be as old.
func TestR30SlowLineIsGivenUp(t *testing.T) {
	inBubble(t, func(b *bubble) {
		ws := b.dial(1)
		all := b.follow(ws)
		time.Sleep(5 * time.Second)
		pong := func(age time.Duration) {
			b.says(ws, `{"type":"pong","sent_at":%q}`, time.Now().Add(-age).UTC().Format(time.RFC3339Nano))
			time.Sleep(100 * time.Millisecond)
		}
		pong(3 * time.Second)
		if len(b.live()) != 1 {
			t.Fatal("given up too early")
		}
		pong(5 * time.Second)
		if len(b.live()) != 0 {
			t.Errorf("kept, after %d messages", len(all()))
		}
	})
}

// R28: a revoked display comes back with another key, so that a copy of its
// browser isn't paired with it again.
func TestR28RevokedKeyIsNotUsedAgain(t *testing.T) {
	h := open(t)
	s := browse(t)
	s.paired(h)
	s.view("idle")
	old := h.known()[0].hash
	h.salon.revoke(old)
	h.Wake()
	await(t, "it is back with another key", func() bool {
		all := h.known()
		return len(all) == 1 && all[0].hash != old
	})
	s.view("pair")
	s.clean()
}
