package display

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// R30: where what comes grows older and older, there is never a silence: a page
// finds out by how much longer a frame took than the quickest one. The clocks
// of daemon and page may differ by a day, and the daemon's be set back.
func TestR30FramesThatGrowOldAreNoContact(t *testing.T) {
	t.Parallel() // it mostly waits
	h := open(t)
	g := behind(t, h)
	s := browse(t)
	s.paired(h)
	h.salon.show("front", code(t, "v_1", "€25.00"))
	var came, told atomic.Int32
	var slower atomic.Bool
	line := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/ws") {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{Subprotocol}})
		if err != nil {
			return
		}
		came.Add(1)
		defer ws.CloseNow()
		ctx := untilGone(r.Context(), ws)
		late := -26 * time.Hour
		scene, _ := marshal(code(t, "v_2", "€7.00")) // it is made of strings
		say := func(what string) {
			at := time.Now().Add(-late).UTC().Format(time.RFC3339Nano)
			err = ws.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"sent_at":%q,"seq":1,"epoch":"late",%s}`, at, what))
		}
		for say(`"type":"scene","scene":` + string(scene)); err == nil; say(`"type":"ping"`) {
			told.Add(1)
			select {
			case <-time.After(500 * time.Millisecond):
			case <-ctx.Done():
			}
			if slower.Load() {
				late += 400 * time.Millisecond
			}
		}
	})
	g.other.Store(&line)
	for _, c := range h.live() {
		_ = c.ws.CloseNow()
	}
	s.view("qr")
	s.until(`document.getElementById("amount").textContent === "€7.00"`)
	n := came.Load()
	time.Sleep(7 * time.Second)
	if came.Load() != n {
		t.Fatal("it began again, though all is well but the clock")
	}
	eval[bool](s, remember)
	slower.Store(true)
	begun := told.Load()
	s.until(`diary.indexOf("cover lost ") >= 0`)
	if age := time.Duration(told.Load()-begun) * 400 * time.Millisecond; age > 6*time.Second {
		t.Errorf("covered when frames were %v old", age)
	}
}

// untilGone reads a page's words away, and ends when it has gone: what is written
// to it may seem to arrive long after.
func untilGone(ctx context.Context, ws *websocket.Conn) context.Context {
	ctx, gone := context.WithCancel(ctx)
	go func() {
		defer gone()
		for err := error(nil); err == nil; {
			_, _, err = ws.Read(ctx)
		}
	}()
	return ctx
}
