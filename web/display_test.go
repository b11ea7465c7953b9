package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"countersign/daemon/access"

	"github.com/coder/websocket"
)

// glass is a display that paints whatever it is sent.
type glass struct {
	s   *salon
	ws  *websocket.Conn
	jar http.CookieJar
}

type frame struct {
	Type  string `json:"type"`
	Seq   uint64 `json:"seq"`
	Epoch string `json:"epoch"`
	Code  string `json:"code"`
	Scene struct {
		Kind, Visit, URL, Amount string
	} `json:"scene"`
}

func (s *salon) hang() *glass {
	s.t.Helper()
	jar, _ := cookiejar.New(nil)
	c := client(jar)
	s.do(c, http.MethodGet, "/display", "").wants(s.t, "the display", http.StatusOK)
	return (&glass{s: s, jar: jar}).again()
}

// again is another page with the same key, as on a machine that the browser's
// profile was copied to.
func (g *glass) again() *glass {
	s := g.s
	s.t.Helper()
	ws, _, err := websocket.Dial(s.t.Context(), s.base+"/display/ws", &websocket.DialOptions{
		HTTPClient: &http.Client{Jar: g.jar}, Subprotocols: []string{"countersign.display.v1"}})
	s.must(err)
	s.t.Cleanup(func() { _ = ws.CloseNow() })
	ws.SetReadLimit(1 << 20)
	return &glass{s, ws, g.jar}
}

// see reads until a frame of a type or a scene of a kind comes.
func (g *glass) see(what string) frame {
	g.s.t.Helper()
	for {
		_, text, err := g.ws.Read(g.s.t.Context())
		g.s.must(err)
		var f frame
		g.s.must(json.Unmarshal(text, &f))
		if f.Type == what || f.Scene.Kind == what {
			return f
		}
	}
}

func (g *glass) painted(f frame) {
	g.s.t.Helper()
	text, err := json.Marshal(map[string]any{"type": "shown", "seq": f.Seq, "epoch": f.Epoch})
	g.s.must(err)
	g.s.must(g.ws.Write(g.s.t.Context(), websocket.MessageText, text))
}

// R28, R29: a display is paired by its code, and a code is shown once it is painted.
func TestDisplayOverTheAPI(t *testing.T) {
	s := open(t)
	v := s.book()
	g := s.hang()
	code := g.see("pair").Code
	paired := s.api(http.MethodPost, "/displays/pair", `{"code": "`+code+`", "desk": "front", "name": "Reception 1"}`)
	if paired.status != http.StatusCreated || paired.json(t)["desk"] != "front" {
		t.Fatalf("%d %s", paired.status, paired.text)
	}
	if again := s.api(http.MethodPost, "/displays/pair", `{"code": "`+code+`", "desk": "front", "name": "Two"}`); again.status != http.StatusNotFound {
		t.Errorf("a code works twice: %d %s", again.status, again.text)
	}
	g.painted(g.see("idle"))
	s.must(g.ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"hello","width":1920,"height":1080,"build":"of old"}`)))

	shown := make(chan answer, 1)
	go func() {
		shown <- s.api(http.MethodPost, "/visits/"+string(v.ID)+"/link/show", `{"desk": "front"}`)
	}()
	f := g.see("qr")
	if f.Scene.Visit != string(v.ID) {
		t.Errorf("the display shows %+v", f.Scene)
	}
	select {
	case got := <-shown:
		t.Errorf("shown before it was painted: %s", got.text)
	case <-time.After(100 * time.Millisecond):
	}
	g.painted(f)
	got := <-shown
	screens := got.json(t)["displays"].([]any)
	if got.status != http.StatusOK || len(screens) != 1 || screens[0].(map[string]any)["shown_at"] == nil || screens[0].(map[string]any)["online"] != true {
		t.Errorf("%d %s", got.status, got.text)
	}
	list := s.api(http.MethodGet, "/displays", "").json(t)["displays"].([]any)[0].(map[string]any)
	if list["online"] != true || list["scene"].(map[string]any)["kind"] != "qr" || list["scene"].(map[string]any)["visit"] != string(v.ID) {
		t.Errorf("the list: %v", list)
	}
	if list["width"] != 1920.0 || list["height"] != 1080.0 || list["outdated"] != true || list["version"] != "of old" || list["shown_at"] != screens[0].(map[string]any)["shown_at"] {
		t.Errorf("its screen and page: %v", list)
	}
	if got := s.api(http.MethodDelete, "/desks/front/scene", ""); got.status != http.StatusNoContent {
		t.Errorf("hide: %d %s", got.status, got.text)
	}
	g.see("idle")
	if got := s.api(http.MethodDelete, "/displays/"+paired.json(t)["id"].(string), ""); got.status != http.StatusNoContent {
		t.Errorf("revoke: %d %s", got.status, got.text)
	}
	g.see("pair")
}

// A program that follows the events waits for the next one, and no longer.
func TestEventsAreAwaited(t *testing.T) {
	s := open(t)
	now := s.api(http.MethodGet, "/events?after=999999", "").json(t)
	if len(now["events"].([]any)) != 0 {
		t.Errorf("events of the future: %v", now)
	}
	next := jsonNumber(uint64(now["next"].(float64)))
	waited := make(chan answer, 1)
	go func() { waited <- s.api(http.MethodGet, "/events?wait=25&after="+next, "") }()
	select {
	case got := <-waited:
		t.Fatalf("answered without an event: %s", got.text)
	case <-time.After(100 * time.Millisecond):
	}
	v := s.book()
	got := (<-waited).json(t)
	events := got["events"].([]any)
	if len(events) != 1 || events[0].(map[string]any)["type"] != "visit.changed" || events[0].(map[string]any)["data"].(map[string]any)["visit"] != string(v.ID) {
		t.Errorf("%v", got)
	}
	if got["next"] != events[0].(map[string]any)["seq"] {
		t.Errorf("next is %v", got["next"])
	}
}

// R28: displays behind a proxy on this computer are who the proxy says: those
// that wait to be paired don't take each other's places, and a key that was
// given over https is kept to it.
func TestR28DisplaysBehindAProxy(t *testing.T) {
	s := open(t)
	waits := func(from string) int {
		jar, _ := cookiejar.New(nil)
		s.do(client(jar), http.MethodGet, "/display", "")
		ws, r, err := websocket.Dial(s.t.Context(), s.base+"/display/ws", &websocket.DialOptions{HTTPHeader: http.Header{"X-Forwarded-For": {from}},
			HTTPClient: &http.Client{Jar: jar}, Subprotocols: []string{"countersign.display.v1"}})
		if err == nil {
			s.t.Cleanup(func() { _ = ws.CloseNow() })
		} else if r == nil {
			s.t.Fatal(err)
		}
		return r.StatusCode
	}
	for range 8 {
		if got := waits("203.0.113.1"); got != http.StatusSwitchingProtocols {
			t.Fatalf("a stranger: %d", got)
		}
	}
	if got := waits("203.0.113.1"); got != http.StatusTooManyRequests {
		t.Errorf("one too many from there: %d", got)
	}
	if got := waits("203.0.113.2"); got != http.StatusSwitchingProtocols {
		t.Errorf("from elsewhere: %d", got)
	}
	for proto, want := range map[string]bool{"https": true, "http": false} {
		got := s.do(client(nil), http.MethodGet, "/display", "", "X-Forwarded-Proto", proto)
		if cookie := got.header.Get("Set-Cookie"); strings.Contains(cookie, "; Secure") != want || cookie == "" {
			t.Errorf("by %s: %q", proto, cookie)
		}
	}
}

// R28: staff are told of a display that is open in two places, by the API and
// in Set up.
func TestR28OpenInTwoPlacesIsTold(t *testing.T) {
	s := open(t)
	g := s.hang()
	code := g.see("pair").Code
	s.api(http.MethodPost, "/displays/pair", `{"code": "`+code+`", "desk": "front", "name": "Reception 1"}`)
	g.painted(g.see("idle"))
	first := func() map[string]any {
		return s.api(http.MethodGet, "/displays", "").json(t)["displays"].([]any)[0].(map[string]any)
	}
	c := s.tablet(access.Administrator)
	if got := s.do(c, http.MethodGet, "/desk/setup/displays", ""); first()["contested_at"] != nil || strings.Contains(got.text, `data-kind="twice"`) {
		t.Errorf("told of one place: %v %s", first(), got.text)
	}
	newer := g.again()
	newer.see("idle")
	g.see("bye")
	s.must(g.ws.Write(t.Context(), websocket.MessageText, []byte(`{"type": "replaced"}`)))
	_, _, _ = g.ws.Read(t.Context()) // until the hub has heard it and closed
	if first()["contested_at"] == nil {
		t.Errorf("not told: %v", first())
	}
	s.do(c, http.MethodGet, "/desk/setup/displays", "").wants(t, "set up", http.StatusOK, `data-kind="twice"`)
}
