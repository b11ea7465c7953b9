package display

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// leave closes a page's socket, as a pulled plug that is noticed.
func leave(ws *websocket.Conn) { _ = ws.CloseNow() }

func (b *bubble) told(want string) {
	b.t.Helper()
	if got := b.salon.turned(); got != want {
		b.t.Errorf("told %q, want %q", got, want)
	}
}

// R29: staff hear when a display has come and when it has gone.
func TestR29ComingAndGoingIsTold(t *testing.T) {
	inBubble(t, func(b *bubble) {
		ws := b.dial(1)
		b.follow(ws)
		time.Sleep(witnessEvery + time.Millisecond)
		b.told("d_1 true")
		time.Sleep(time.Hour)
		b.told("d_1 true")
		leave(ws)
		time.Sleep(goneAfter - time.Second)
		b.told("d_1 true")
		time.Sleep(3 * time.Second)
		b.told("d_1 true, d_1 false")
		time.Sleep(time.Hour)
		b.told("d_1 true, d_1 false")
		b.follow(b.dial(1))
		time.Sleep(witnessEvery + time.Millisecond)
		b.told("d_1 true, d_1 false, d_1 true")
	})
}

// paints connects a display that paints what it is sent at once.
func (b *bubble) paints() *websocket.Conn {
	b.t.Helper()
	ws := b.dial(1)
	all := b.follow(ws)
	for len(all()) == 0 {
		time.Sleep(time.Millisecond)
	}
	b.acknowledges(ws, all()[0].Seq)
	return ws
}

func (b *bubble) acknowledges(ws *websocket.Conn, seq uint64) {
	b.t.Helper()
	said := fmt.Appendf(nil, `{"type":"shown","seq":%d,"epoch":"e1"}`, seq)
	if err := ws.Write(context.Background(), websocket.MessageText, said); err != nil {
		b.t.Fatal(err)
	}
}

// R29: a blink is nobody's business, nor are many.
func TestR29BlinksAreNotTold(t *testing.T) {
	inBubble(t, func(b *bubble) {
		for range 20 {
			ws := b.paints()
			time.Sleep(time.Minute)
			leave(ws)
			time.Sleep(goneAfter - witnessEvery - 100*time.Millisecond)
		}
		b.told("d_1 true")
	})
}

// R29: a page that is loaded again is neither gone nor new; what it has painted
// anew is told, since staff rely on it.
func TestR29LoadingAgainIsNotGoing(t *testing.T) {
	inBubble(t, func(b *bubble) {
		for range 5 {
			ws := b.dial(1)
			all := b.follow(ws)
			time.Sleep(30 * time.Second)
			b.acknowledges(ws, all()[0].Seq)
			time.Sleep(30 * time.Second)
			leave(ws)
			time.Sleep(goneAfter - witnessEvery - time.Millisecond)
		}
		// Connected without having painted for half a minute is worse than before, and lasts.
		b.told("d_1 true" + strings.Repeat(", d_1 true", 9))
		if strings.Contains(b.salon.turned(), "false") {
			t.Error("it was said to be gone")
		}
	})
}

// R29: a display on a bad network doesn't keep everybody busy, and what is told
// last is the truth.
func TestR29FlappingIsNoFlood(t *testing.T) {
	inBubble(t, func(b *bubble) {
		for range 200 {
			ws := b.dial(1)
			time.Sleep(1500 * time.Millisecond)
			leave(ws)
			time.Sleep(4500 * time.Millisecond)
		}
		all := strings.Split(b.salon.turned(), ", ")
		if most := int(200 * 6 * time.Second / turnsEvery); len(all) > most || len(all) < most/4 {
			t.Errorf("told %d times in 20 minutes", len(all))
		}
		time.Sleep(time.Minute)
		if got := b.salon.turned(); !strings.HasSuffix(got, "d_1 false") {
			t.Errorf("told last: %q", got[len(got)-10:])
		}
	})
}

// R29: a display that polls is gone when it polls no more; a stranger is nobody.
func TestR29PollingDisplayAndStranger(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.follow(b.stranger(2))
		b.salon.pair(KeyHash(keyNumber(1)), Device{ID: "d_1", Desk: "front"})
		for range 20 {
			r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://pipe/display/state", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = header(keyNumber(1))
			got, err := b.http.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = got.Body.Close()
			time.Sleep(2 * time.Second)
		}
		b.told("d_1 true")
		time.Sleep(time.Minute)
		b.told("d_1 true, d_1 false")
	})
}
