package display

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// refused dials and returns the status of the refusal.
func (h *house) refused(t *testing.T, head http.Header) int {
	t.Helper()
	ws, response, err := websocket.Dial(t.Context(), h.ws(), &websocket.DialOptions{HTTPHeader: head, Subprotocols: []string{Subprotocol}})
	if err == nil {
		_ = ws.CloseNow()
		return http.StatusSwitchingProtocols
	}
	if response == nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

func TestR39SocketNeedsAKeyAndTheSameOrigin(t *testing.T) {
	h := open(t)
	elsewhere := header(keyNumber(1))
	elsewhere.Set("Origin", "https://evil.example")
	for name, c := range map[string]struct {
		head http.Header
		want int
	}{
		"no cookie":    {header(""), http.StatusUnauthorized},
		"short key":    {header("abc"), http.StatusUnauthorized},
		"long key":     {header(strings.Repeat("A", 4000)), http.StatusUnauthorized},
		"other origin": {elsewhere, http.StatusForbidden},
	} {
		if got := h.refused(t, c.head); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if n := len(h.known()); n != 0 {
		t.Errorf("%d stations after refusals", n)
	}
}

// R39: behind a proxy that rewrites the host, our own page is known by the
// public address, and by nothing less.
func TestR39SocketOfThePublicPage(t *testing.T) {
	h := open(t)
	for origin, want := range map[string]int{
		"http://salon.example": http.StatusSwitchingProtocols, "https://salon.example": http.StatusForbidden,
		"http://salon.example:81": http.StatusForbidden, "http://salon.example.evil": http.StatusForbidden, "http://salonxexample": http.StatusForbidden, "null": http.StatusForbidden,
	} {
		from := header(keyNumber(1))
		from.Set("Origin", origin)
		if got := h.refused(t, from); got != want {
			t.Errorf("from %s: %d, want %d", origin, got, want)
		}
	}
	for base, origin := range map[string]string{"http://[fd00::1]:8791": "http://[fd00::1]:8791", "https://pay.example": "https://pay.example", "": "", "::": ""} {
		got := Origins(base)
		if len(got) == 0 != (origin == "") {
			t.Errorf("%q: %q", base, got)
		}
		if len(got) == 1 {
			if ok, err := path.Match(got[0], origin); !ok || err != nil {
				t.Errorf("%q doesn't match %q: %v", got[0], origin, err)
			}
		}
	}
}

// R39: strangers are few in all, from however many addresses they come.
func TestR39StrangersAreFewInAll(t *testing.T) {
	h := open(t)
	var leave []func()
	come := func(n int) int {
		out, status := h.admit(keyNumber(n), fmt.Sprintf("192.0.2.%d:1", n/4))
		if out != nil {
			leave = append(leave, out)
		}
		return status
	}
	for n := range guestsInAll {
		if got := come(n); got != 0 {
			t.Fatalf("stranger %d: %d", n, got)
		}
	}
	if got := come(guestsInAll); got != http.StatusTooManyRequests {
		t.Errorf("one more: %d", got)
	}
	leave[0]()
	if got := come(guestsInAll); got != 0 {
		t.Errorf("after one has left: %d", got)
	}
	for _, out := range leave[1:] {
		out()
	}
	if h.strangers != 0 || len(h.guests) != 0 {
		t.Errorf("%d strangers, %v", h.strangers, h.guests)
	}
}

// A cookie that came by https is for https alone.
func TestR39KeyOfAnEncryptedPage(t *testing.T) {
	h := open(t)
	for scheme, want := range map[string]bool{"http": false, "https": true, "": false} {
		r := httptest.NewRequest(http.MethodGet, "/display", nil)
		r.URL.Scheme = scheme
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, r)
		if c := w.Result().Cookies(); len(c) != 1 || c[0].Secure != want {
			t.Errorf("by %q: %v", scheme, c)
		}
	}
}

func TestSocketWithoutTheSubprotocolIsClosed(t *testing.T) {
	h := open(t)
	ws, _, err := websocket.Dial(t.Context(), h.ws(), &websocket.DialOptions{HTTPHeader: header(keyNumber(1))})
	if err != nil {
		t.Fatal(err)
	}
	d := &tablet{t: t, ws: ws}
	if err := d.ended(); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("ended with %v", err)
	}
}

func TestR39GarbageEndsTheConnection(t *testing.T) {
	for name, send := range map[string]func(ctx context.Context, ws *websocket.Conn) error{
		"not JSON": func(ctx context.Context, ws *websocket.Conn) error {
			return ws.Write(ctx, websocket.MessageText, []byte("hi"))
		},
		"no type": func(ctx context.Context, ws *websocket.Conn) error {
			return ws.Write(ctx, websocket.MessageText, []byte("{}"))
		},
		"binary": func(ctx context.Context, ws *websocket.Conn) error {
			return ws.Write(ctx, websocket.MessageBinary, []byte(`{"type":"pong"}`))
		},
		"a huge frame": func(ctx context.Context, ws *websocket.Conn) error {
			return ws.Write(ctx, websocket.MessageText, bytes.Repeat([]byte("x"), 1<<20))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			d := h.paired(t, 1, "front")
			d.scene(Idle)
			_ = send(t.Context(), d.ws) // the hub may close before the whole of it is taken
			var closed websocket.CloseError
			if err := d.ended(); errors.As(err, &closed) && closed.Code != websocket.StatusPolicyViolation && closed.Code != websocket.StatusMessageTooBig {
				t.Errorf("ended with %v", err)
			}
			await(t, "it is gone", func() bool { return !h.Presence()[0].Online })
		})
	}
}

func TestR39FloodIsCutOffAndOthersDoNotNotice(t *testing.T) {
	h := open(t)
	calm := h.paired(t, 2, "front")
	calm.scene(Idle)
	flood := h.paired(t, 1, "front")
	flood.scene(Idle)
	begun := time.Now()
	sent := 0
	for ; sent < 10_000; sent++ { // a second's worth at 10,000 frames a second
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		err := flood.ws.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`))
		cancel()
		if err != nil {
			break
		}
	}
	await(t, "the flood is cut off", func() bool { return !online(h, "d_1") })
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("cutting off took %v and %d frames", took, sent)
	}
	h.salon.show("front", code(t, "v_1", "€25.00"))
	h.Wake()
	m := calm.scene(QR)
	calm.shown(m)
	await(t, "the calm display works", func() bool { return len(h.salon.booked()) == 1 })
}

func TestR39PingFloodIsCutOff(t *testing.T) {
	h := open(t)
	d := h.paired(t, 1, "front")
	d.scene(Idle)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go func() { // pongs are only seen by a reader, and so is the end
		defer cancel()
		_ = d.ended()
	}()
	for range 10_000 {
		if d.ws.Ping(ctx) != nil {
			break
		}
	}
	await(t, "it is gone", func() bool { return !online(h, "d_1") })
}

func online(h *house, device string) bool {
	for _, p := range h.Presence() {
		if p.Device.ID == device {
			return p.Online
		}
	}
	return false
}

func TestStrangersAreFewAndForgotten(t *testing.T) {
	h := open(t)
	var in []*tablet
	for n := range guestsPerAddress {
		in = append(in, h.connect(t, keyNumber(n)))
	}
	if got := h.refused(t, header(keyNumber(99))); got != http.StatusTooManyRequests {
		t.Errorf("one stranger too many: %d", got)
	}
	h.paired(t, 100, "front").scene(Idle) // a paired display always gets in
	for _, d := range in {
		_ = d.ws.CloseNow()
	}
	await(t, "strangers are forgotten", func() bool { return len(h.known()) == 1 })
	await(t, "and may come back", func() bool { return h.refused(t, header(keyNumber(99))) == http.StatusSwitchingProtocols })
}

// get asks for a path with a key and headers "name: value".
func (h *house) get(t *testing.T, path, key string, heads ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header(key)
	for _, head := range heads {
		name, value, _ := strings.Cut(head, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestR28PageGivesAKeyOnceAndStoresNothing(t *testing.T) {
	h := open(t)
	first, _ := h.get(t, "/display", "")
	c := first.Cookies()[0]
	if c.Name != Cookie || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/display" || len(c.Value) != 43 {
		t.Errorf("cookie %+v", c)
	}
	again, _ := h.get(t, "/display", c.Value)
	if got := again.Cookies()[0]; got.Value != c.Value || got.MaxAge != cookieAge {
		t.Errorf("the second visit gave %+v", got)
	}
	if len(h.known()) != 0 || len(h.pairings.byCode) != 0 {
		t.Error("opening the page was remembered")
	}
}

func TestR28LinkFromElsewhereDoesNotUnpair(t *testing.T) {
	h := open(t)
	response, _ := h.get(t, "/display", "", "Sec-Fetch-Site: cross-site")
	if len(response.Cookies()) != 0 || response.Header.Get("Refresh") == "" {
		t.Errorf("cookies %v, refresh %q", response.Cookies(), response.Header.Get("Refresh"))
	}
}

func TestR39PageIsLockedDown(t *testing.T) {
	h := open(t)
	response, body := h.get(t, "/display", "")
	policy := response.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("no %s in %q", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(body, "style=") || strings.Contains(body, "onclick") {
		t.Error("something inline")
	}
	for _, name := range []string{"inter-latin.woff2", "display.css", "display.js", "paint.js", "layout.js", "slides.js", "icon.svg"} {
		address := AssetURL(name)
		got, _ := h.get(t, address, "")
		if got.StatusCode != http.StatusOK || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") || got.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", address, got.StatusCode, got.Header)
		}
		if !strings.Contains(body, address) {
			t.Errorf("the page doesn't use %s", address)
		}
	}
	for _, path := range []string{"/display/static/000000000000/display.js", "/display/static/x/none.css"} {
		if got, _ := h.get(t, path, ""); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	if AssetURL("none") != "" {
		t.Error("an address for nothing")
	}
}

func TestPollStandsInForTheSocket(t *testing.T) {
	h := open(t)
	if got, _ := h.get(t, "/display/state", ""); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a key: %d", got.StatusCode)
	}
	poll := func(query string) (m heard) {
		_, body := h.get(t, "/display/state"+query, keyNumber(1))
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		return m
	}
	if m := poll(""); m.Type != "pair" || poll("").Code != m.Code {
		t.Errorf("unpaired: %+v", m)
	}
	h.salon.pair(KeyHash(keyNumber(1)), Device{ID: "d_1", Desk: "front"})
	h.salon.show("front", code(t, "v_1", "€25.00"))
	m := poll("?width=800&height=480")
	if m.Scene.Visit != "v_1" || poll("").Seq != m.Seq {
		t.Errorf("got %+v", m)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	shown := make(chan []Presence)
	go func() { shown <- h.AwaitShown(ctx, "front", "v_1") }()
	poll(fmt.Sprintf("?shown=%d&epoch=%s", m.Seq, m.Epoch))
	if p := <-shown; ctx.Err() != nil || !p[0].Online || p[0].Visit != "v_1" || p[0].Width != 800 {
		t.Errorf("presence %+v", p)
	}
}

func TestExpiryTravelsAsADuration(t *testing.T) {
	h := open(t)
	scene := code(t, "v_1", "€25.00")
	at := time.Now().Add(time.Minute)
	scene.ExpiresAt = &at
	h.salon.show("front", scene)
	m := h.paired(t, 1, "front").scene(QR)
	if m.Left == nil || *m.Left < 55_000 || *m.Left > 60_000 {
		t.Errorf("ttl %v", m.Left)
	}
}

func TestPresenceAndCodesAreBounded(t *testing.T) {
	h := NewHub(newSalon(), Options{Rand: rand.NewChaCha8([32]byte{1})})
	for n := range maxStations + 100 {
		s := h.keep(&station{hash: fmt.Sprint(n)})
		s.put(frame{device: Device{ID: fmt.Sprint(n)}, picture: &picture{}}, h.seq.Add)
	}
	if n := len(h.Presence()); n > maxStations {
		t.Errorf("%d displays remembered", n)
	}
	now := time.Now()
	for n := range maxCodes + 100 {
		_, err := h.pairings.issue(fmt.Sprint(n), fmt.Sprint(n), now)
		if crowded := n >= maxCodes; crowded != errors.Is(err, errCrowded) || err != nil && !crowded {
			t.Fatalf("the %d. code: %v", n+1, err)
		}
	}
	if len(h.pairings.byCode) > maxCodes || len(h.pairings.byKey) > maxCodes {
		t.Errorf("%d codes of %d keys", len(h.pairings.byCode), len(h.pairings.byKey))
	}
}

func TestR28ClaimTakesEveryCodeOfTheDisplay(t *testing.T) {
	p := newPairings(rand.NewChaCha8([32]byte{2}))
	now := time.Now()
	first, _ := p.issue("a", "here", now)
	second, _ := p.issue("a", "here", now.Add(codeLife-codeMargin/2))
	if first.Code == second.Code {
		t.Fatal("not renewed")
	}
	if key, ok := p.claim(first.Code, now.Add(codeLife-time.Second)); !ok || key != "a" {
		t.Errorf("the old code in its last second: %q, %v", key, ok)
	}
	if _, ok := p.claim(second.Code, now.Add(codeLife)); ok {
		t.Error("the other code still pairs")
	}
	for _, wrong := range []string{"", "??????", strings.Repeat("A", 1<<20)} {
		if _, ok := p.claim(wrong, now); ok {
			t.Errorf("%.10q was claimed", wrong)
		}
	}
}

func TestCataloguesSayTheSame(t *testing.T) {
	all := catalogues()
	if all["en"] == nil || all["de"] == nil {
		t.Fatal("English and German are promised")
	}
	for lang, words := range all {
		for key := range all["en"] {
			if strings.TrimSpace(words[key]) == "" {
				t.Errorf("%s has no %q", lang, key)
			}
		}
		if len(words) != len(all["en"]) {
			t.Errorf("%s has %d texts, English %d", lang, len(words), len(all["en"]))
		}
	}
}
