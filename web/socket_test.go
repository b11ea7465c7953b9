package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"countersign/daemon/access"
)

// dial opens a tablet's socket in a browser.
func (s *salon) dial(c *http.Client, query string, how func(*websocket.DialOptions)) (*websocket.Conn, *http.Response, error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	o := &websocket.DialOptions{HTTPClient: &http.Client{Jar: c.Jar}, Subprotocols: []string{"countersign.desk.v1"}, HTTPHeader: http.Header{}}
	if how != nil {
		how(o)
	}
	ws, r, err := websocket.Dial(ctx, s.base+"/desk/ws"+query, o)
	if err == nil {
		s.t.Cleanup(func() { _ = ws.CloseNow() })
	}
	return ws, r, err
}

type event struct {
	Seq  uint64          `json:"seq"`
	Type string          `json:"type"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"`
}

// hear reads events until one of a type comes.
func (s *salon) hear(ws *websocket.Conn, kind string) event {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, text, err := ws.Read(ctx)
		if err != nil {
			s.t.Fatalf("waiting for %s: %v", kind, err)
		}
		var e event
		s.must(json.Unmarshal(text, &e))
		if e.Type == kind {
			return e
		}
	}
}

// Every change reaches a tablet once and in order, also those that it missed.
func TestSocketResumes(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	last, err := s.d.Desk().LastChange()
	s.must(err)
	ws, _, err := s.dial(c, "?after=0", nil)
	s.must(err)
	for want := uint64(1); want <= last; want++ {
		_, text, err := ws.Read(t.Context())
		s.must(err)
		var e event
		s.must(json.Unmarshal(text, &e))
		if e.Seq != want {
			t.Fatalf("got %d, want %d", e.Seq, want)
		}
	}
	s.book()
	first := s.hear(ws, "visit.changed")
	_ = ws.CloseNow()
	s.book()
	ws, _, err = s.dial(c, "?after="+jsonNumber(first.Seq), nil)
	s.must(err)
	if e := s.hear(ws, "visit.changed"); e.Seq != first.Seq+1 {
		t.Errorf("resumed with %d after %d", e.Seq, first.Seq)
	}
	// One that doesn't say where it was begins with what is new.
	ws, _, err = s.dial(c, "", nil)
	s.must(err)
	v := s.book()
	if e := s.hear(ws, "visit.changed"); !strings.Contains(string(e.Data), string(v.ID)) {
		t.Errorf("an old change came first: %s", e.Data)
	}
}

func jsonNumber(n uint64) string { b, _ := json.Marshal(n); return string(b) }

// R39: no cookie, another site, another protocol: no socket.
func TestSocketIsRefused(t *testing.T) {
	s := open(t)
	boss := s.tablet(access.Administrator)
	if _, r, err := s.dial(client(nil), "", nil); err == nil || r == nil || r.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a cookie: %v", err)
	}
	for _, origin := range []string{"https://elsewhere.example", "null", "http://127.0.0.1:1", "http://localhost"} {
		_, r, err := s.dial(boss, "", func(o *websocket.DialOptions) { o.HTTPHeader.Set("Origin", origin) })
		if err == nil || r == nil || r.StatusCode != http.StatusForbidden {
			t.Errorf("from %s: %v", origin, err)
		}
	}
	if _, r, err := s.dial(boss, "?after=x", nil); err == nil || r == nil || r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("after nothing: %v", err)
	}
	ws, _, err := s.dial(boss, "", func(o *websocket.DialOptions) { o.Subprotocols = nil })
	if err == nil {
		_, _, err = ws.Read(t.Context())
	}
	if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("without the protocol: %v", err)
	}
}

// Behind a proxy that rewrites the host, our page is known by the public address.
func TestSocketOfThePublicPage(t *testing.T) {
	s := open(t)
	l, err := s.d.Desk().Location()
	s.must(err)
	l.PublicURL = "https://pay.lumen.example"
	s.must(s.d.Desk().SaveLocation(access.System(), l))
	boss := s.tablet(access.Receptionist)
	for origin, good := range map[string]bool{"https://pay.lumen.example": true, "http://pay.lumen.example": false, "https://elsewhere.example": false} {
		_, _, err := s.dial(boss, "", func(o *websocket.DialOptions) { o.HTTPHeader.Set("Origin", origin) })
		if good != (err == nil) {
			t.Errorf("from %s: %v", origin, err)
		}
	}
}

// One who talks nonsense, too long, or too much is cut off, and nobody else
// notices.
func TestSocketCutsOff(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	good, _, err := s.dial(c, "", nil)
	s.must(err)
	s.must(good.Write(t.Context(), websocket.MessageText, []byte(`{"type":"pong"}`)))
	flood := func(ws *websocket.Conn, kind websocket.MessageType, text []byte) error {
		for range 20_000 {
			if err := ws.Write(t.Context(), kind, text); err != nil {
				return err
			}
		}
		return nil
	}
	for name, bad := range map[string]struct {
		kind websocket.MessageType
		text []byte
	}{
		"garbage": {websocket.MessageText, []byte("\x00 not json")},
		"bytes":   {websocket.MessageBinary, []byte(`{}`)},
		"huge":    {websocket.MessageText, []byte(`"` + strings.Repeat("x", 1<<20) + `"`)},
		"a flood": {websocket.MessageText, []byte(`{"type":"pong"}`)},
	} {
		ws, _, err := s.dial(c, "", nil)
		s.must(err)
		closed := make(chan error, 1)
		go func() {
			_, _, err := ws.Read(t.Context())
			closed <- err
		}()
		sent := flood(ws, bad.kind, bad.text)
		select {
		case err := <-closed:
			if err == nil {
				t.Errorf("%s: was answered", name)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s: was let go on (%v)", name, sent)
		}
	}
	// Frames below the messages, written by hand: ten thousand pings.
	raw := s.rawSocket(c)
	defer raw.Close()
	s.must(raw.SetDeadline(time.Now().Add(10 * time.Second)))
	ping := []byte{0x89, 0x80, 1, 2, 3, 4}
	var broken error
	for i := 0; i < 100_000 && broken == nil; i++ {
		_, broken = raw.Write(ping)
	}
	if broken == nil {
		t.Error("a hundred thousand pings were answered")
	}
	v := s.book()
	if e := s.hear(good, "visit.changed"); !strings.Contains(string(e.Data), string(v.ID)) {
		t.Errorf("the other tablet heard %s", e.Data)
	}
}

// R39: who is cut off and doesn't answer isn't waited for.
func TestCutOffWaitsForNobody(t *testing.T) {
	s := open(t)
	raw := s.rawSocket(s.tablet(access.Receptionist))
	defer raw.Close()
	begun := time.Now()
	s.must(raw.SetDeadline(begun.Add(10 * time.Second)))
	_, err := raw.Write([]byte{0x82, 0x81, 1, 2, 3, 4, 5}) // bytes, not text
	s.must(err)
	if said, err := io.ReadAll(raw); err != nil || time.Since(begun) > 3*time.Second || len(said) == 0 {
		t.Errorf("%q after %v: %v", said, time.Since(begun), err)
	}
}

// A socket is let in by the session: signed out, it isn't.
func TestSocketAfterSigningOut(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	base, err := url.Parse(s.base)
	s.must(err)
	kept := c.Jar.Cookies(base)
	if got := s.post(c, "/desk/signout"); got.status != http.StatusSeeOther {
		t.Fatalf("%d", got.status)
	}
	c.Jar.SetCookies(base, kept)
	if _, r, err := s.dial(c, "", nil); err == nil || r == nil || r.StatusCode != http.StatusUnauthorized {
		t.Errorf("with the old cookie: %v", err)
	}
	if got := s.do(c, http.MethodGet, "/desk", "", "Accept", "text/html"); got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/desk/signin") {
		t.Errorf("with the old cookie: %d", got.status)
	}
}
