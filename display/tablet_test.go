package display

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// heard is any message a display gets.
type heard struct {
	Type, Epoch, Code, Name, Reason, Build string
	Seq                                    uint64
	SVG                                    string `json:"qr_svg"`
	Left                                   *int64 `json:"ttl_ms"`
	Scene                                  Scene
}

// tablet is a display that speaks the protocol without a browser.
type tablet struct {
	t   testing.TB
	key string
	ws  *websocket.Conn
}

// keyNumber is a valid key, a different one for each number.
func keyNumber(n int) string {
	raw := make([]byte, keyBytes)
	copy(raw, fmt.Sprintf("display %d", n))
	return base64.RawURLEncoding.EncodeToString(raw)
}

func header(key string) http.Header {
	if key == "" {
		return http.Header{}
	}
	return http.Header{"Cookie": {Cookie + "=" + key}}
}

// connect opens the socket of the display with a key.
func (h *house) connect(t testing.TB, key string) *tablet {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, h.ws(), &websocket.DialOptions{HTTPHeader: header(key), Subprotocols: []string{Subprotocol}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	ws.SetReadLimit(1 << 20)
	return &tablet{t: t, key: key, ws: ws}
}

// paired connects a display that is paired already.
func (h *house) paired(t testing.TB, n int, desk string) *tablet {
	t.Helper()
	h.salon.pair(KeyHash(keyNumber(n)), Device{ID: fmt.Sprintf("d_%d", n), Desk: desk, Name: fmt.Sprintf("Reception %d", n)})
	return h.connect(t, keyNumber(n))
}

// next is the next message that isn't a ping.
func (d *tablet) next() heard {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		_, raw, err := d.ws.Read(ctx)
		if err != nil {
			d.t.Fatalf("nothing more came: %v", err)
		}
		var m heard
		if err := json.Unmarshal(raw, &m); err != nil {
			d.t.Fatalf("%s: %v", raw, err)
		}
		if m.Type != "ping" {
			return m
		}
	}
}

// await is the next message of a type.
func (d *tablet) await(kind string) heard {
	d.t.Helper()
	for {
		if m := d.next(); m.Type == kind {
			return m
		}
	}
}

// scene waits for a scene of a kind.
func (d *tablet) scene(kind string) heard {
	d.t.Helper()
	for {
		if m := d.await("scene"); m.Scene.Kind == kind {
			return m
		}
	}
}

func (d *tablet) say(message string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := d.ws.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *tablet) shown(m heard) {
	d.t.Helper()
	d.say(fmt.Sprintf(`{"type":"shown","seq":%d,"epoch":%q}`, m.Seq, m.Epoch))
}

// ended waits for the end of the connection and says how it ended.
func (d *tablet) ended() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		if _, _, err := d.ws.Read(ctx); err != nil {
			return err
		}
	}
}

// await waits until something the hub does in its own time has happened.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	limit := time.After(10 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("never: %s", what)
		}
	}
}
