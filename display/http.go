package display

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/go-chi/chi/v5"
)

const (
	// Subprotocol is what a page and the hub agree to speak.
	Subprotocol = "countersign.display.v1"
	// Cookie holds a display's key.
	Cookie = "countersign_display"

	keyBytes  = 32
	cookieAge = 400 * 24 * 3600 // seconds; no browser keeps one longer, and every visit renews it

	// Unpaired sockets are strangers: a few from one address, not many in all.
	guestsPerAddress = 8
	guestsInAll      = 128
)

// Handler serves /display and everything below it. Behind a proxy it is told by
// the request itself what the browser did: RemoteAddr is where it asked from,
// and URL.Scheme is https if it spoke that.
func (h *Hub) Handler() http.Handler {
	r := chi.NewRouter()
	r.Get("/display", h.servePage)
	r.Get("/display/ws", h.serveSocket)
	r.Get("/display/state", h.serveState)
	r.Get("/display/slide/{id}", h.serveSlide)
	r.Get("/display/static/{hash}/{file}", h.assets.serve)
	return r
}

// servePage handles "GET /display". It gives the browser a key if it has none,
// or one that was revoked; a key means nothing until staff pair it, so nothing
// is stored here.
func (h *Hub) servePage(w http.ResponseWriter, r *http.Request) {
	key, ok := keyOf(r)
	if !ok && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		// Someone followed a link from another site: the browser withheld the
		// strict cookie, and a new key would unpair this display. A navigation
		// of our own sends it.
		w.Header().Set("Refresh", "0; url=/display")
		w.WriteHeader(http.StatusOK)
		return
	}
	if ok {
		gone, err := h.src.Revoked(key)
		if err != nil {
			h.log.Error().Err(err).Msg("displays can't be read")
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
			return
		}
		ok = !gone
	}
	if !ok {
		raw := make([]byte, keyBytes)
		if _, err := io.ReadFull(h.rand, raw); err != nil {
			h.log.Error().Err(err).Msg("no randomness for a display's key")
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
			return
		}
		key = base64.RawURLEncoding.EncodeToString(raw)
	}
	http.SetCookie(w, &http.Cookie{
		Name: Cookie, Value: key, Path: "/display", MaxAge: cookieAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil || r.URL.Scheme == "https",
	})
	pageHeaders(w.Header(), r.Host)
	_, _ = w.Write(h.assets.page) // the browser may have gone; there is nobody to tell
}

// hostForm is a host that may be written into a header.
var hostForm = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]{1,255}$`)

// pageHeaders allow the page its own files and its own host, nothing else. The
// host is named for sockets since older Safari doesn't count them as 'self'.
func pageHeaders(header http.Header, host string) {
	sockets := ""
	if hostForm.MatchString(host) {
		sockets = " ws://" + host + " wss://" + host
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "+
		"img-src 'self'; connect-src 'self'"+sockets+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
}

// keyOf is the display's key. Only what servePage makes is one: a fixed length
// and alphabet, so nobody can make the hub remember megabytes.
func keyOf(r *http.Request) (string, bool) {
	c, err := r.Cookie(Cookie)
	if err != nil {
		return "", false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(c.Value)
	return c.Value, err == nil && len(raw) == keyBytes
}

// serveSocket handles "GET /display/ws".
func (h *Hub) serveSocket(w http.ResponseWriter, r *http.Request) {
	key, ok := keyOf(r)
	if !ok {
		http.Error(w, "This display has no key. Open /display.", http.StatusUnauthorized)
		return
	}
	if !h.enter() {
		w.Header().Set("Retry-After", "2")
		http.Error(w, "The daemon is restarting.", http.StatusServiceUnavailable)
		return
	}
	leave, status := h.admit(key, r.RemoteAddr)
	if status != 0 {
		h.sockets.Done()
		w.Header().Set("Retry-After", "5")
		http.Error(w, "This display can't be connected now.", status)
		return
	}
	c := h.accept(w, r)
	if c == nil {
		leave()
		h.sockets.Done()
		return
	}
	// The handler returns, so that what net/http holds for a request isn't held
	// for as long as a display is there.
	go func() {
		defer h.sockets.Done()
		defer leave()
		h.attach(c, key, hostOf(r.RemoteAddr))
		c.serve()
	}()
}

// Origins are the pages that may open sockets besides those of the host that is
// asked: our own at the public address, of which a proxy that rewrites the host
// tells nothing.
func Origins(public string) []string {
	u, err := url.Parse(public)
	if err != nil || u.Host == "" {
		return nil
	}
	return []string{strings.ReplaceAll(u.Scheme+"://"+u.Host, "[", `\[`)} // a pattern: an IPv6 address is no class
}

// accept upgrades the request; nil: it was refused. The Origin is checked by
// websocket: only our own pages may connect.
func (h *Hub) accept(w http.ResponseWriter, r *http.Request) *conn {
	c := &conn{hub: h, dirty: make(chan struct{}, 1)}
	if page := r.URL.Query().Get("page"); pageForm.MatchString(page) {
		c.page = page
	}
	ws, err := websocket.Accept(hijacking{w, &c.below}, r, &websocket.AcceptOptions{
		Subprotocols: []string{Subprotocol}, OriginPatterns: Origins(h.public()),
		CompressionMode: websocket.CompressionDisabled, OnPingReceived: c.pinged,
	})
	if err != nil {
		return nil // Accept has answered
	}
	c.ws = ws
	if ws.Subprotocol() != Subprotocol {
		_ = c.below.SetReadDeadline(time.Now().Add(violationLinger))
		_ = ws.Close(websocket.StatusPolicyViolation, "speak "+Subprotocol)
		return nil
	}
	// Not the request's context, which ends with the handler: the reasons to end
	// are the peer's going and Run's end.
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// admit lets paired displays in always and strangers in small numbers.
func (h *Hub) admit(key, remote string) (leave func(), status int) {
	_, known, err := h.src.Device(key)
	if err != nil {
		h.log.Error().Err(err).Msg("displays can't be read")
		return nil, http.StatusServiceUnavailable
	}
	if known {
		return func() {}, 0
	}
	address := hostOf(remote)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.guests[address] >= guestsPerAddress || h.strangers >= guestsInAll {
		return nil, http.StatusTooManyRequests
	}
	h.guests[address]++
	h.strangers++
	return func() { h.dismiss(address) }, 0
}

// hostOf is an address without its port.
func hostOf(remote string) string {
	if host, _, err := net.SplitHostPort(remote); err == nil {
		return host
	}
	return remote
}

// dismiss counts a stranger out.
func (h *Hub) dismiss(address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.strangers--
	if h.guests[address]--; h.guests[address] <= 0 {
		delete(h.guests, address)
	}
}

// serveState handles "GET /display/state": the same JSON as a frame, for pages
// behind something that blocks sockets. `shown` and `epoch` acknowledge.
func (h *Hub) serveState(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	key, ok := keyOf(r)
	if !ok {
		http.Error(w, "This display has no key. Open /display.", http.StatusUnauthorized)
		return
	}
	s := h.find(KeyHash(key))
	if s == nil {
		s = &station{key: key, hash: KeyHash(key), from: hostOf(r.RemoteAddr)}
	}
	f, err := h.look(s, h.anew())
	if errors.Is(err, errCrowded) {
		w.Header().Set("Retry-After", "15")
		http.Error(w, "Too many displays wait to be paired.", http.StatusTooManyRequests)
		return
	}
	if err != nil {
		h.log.Error().Err(err).Msg("scene can't be read")
		http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		return
	}
	answer := h.message(f, time.Now())
	if f.paired() {
		if instead := h.polled(h.keep(s), r); instead != nil {
			answer = instead
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

// serveSlide handles "GET /display/slide/{id}": to paired displays, for ever
// the same, since a changed picture has another id.
func (h *Hub) serveSlide(w http.ResponseWriter, r *http.Request) {
	key, ok := keyOf(r)
	if ok {
		var err error
		if _, ok, err = h.src.Device(key); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
			return
		}
	}
	if !ok {
		http.Error(w, "This display is not paired.", http.StatusUnauthorized)
		return
	}
	picture, ok, err := h.src.Slide(chi.URLParam(r, "id"))
	switch {
	case err != nil:
		http.Error(w, "Please try again.", http.StatusServiceUnavailable)
	case !ok:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", "image/jpeg")
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(picture)
	}
}

// polled takes what a poll says of its page, and returns what is to be said to
// it instead of the state, if anything.
func (h *Hub) polled(s *station, r *http.Request) (instead []byte) {
	now := time.Now()
	q := r.URL.Query()
	by := voice{page: q.Get("page")}
	loser, held := s.hold(by.page, now)
	if !held {
		return envelope{Type: "bye", SentAt: now.UTC(), Reason: "replaced"}.encode(nil)
	}
	if loser != nil {
		loser.say(byeReplaced)
	}
	s.mu.Lock()
	believed, flash := s.believed(by), now.Before(s.flash)
	if believed {
		s.polledAt, s.lastSeen, s.flash = now, now, time.Time{}
	}
	s.mu.Unlock()
	if !believed {
		return nil
	}
	h.note(s, now, false)
	width, _ := strconv.Atoi(q.Get("width"))
	height, _ := strconv.Atoi(q.Get("height"))
	s.sized(width, height)
	s.built(q.Get("build"))
	if seq, err := strconv.ParseUint(q.Get("shown"), 10, 64); err == nil {
		h.shown(s, by, q.Get("epoch"), seq, now)
	}
	if flash {
		return envelope{Type: "identify", SentAt: now.UTC(), Name: s.name()}.encode(nil)
	}
	return nil
}
