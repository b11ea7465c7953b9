package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"

	"countersign/daemon/fault"
)

// contextKey keeps our values in a context apart from others'.
type contextKey int

const (
	requestKey contextKey = iota
	actorKey
)

// numbered gives every request an id, for the log and for people who report
// that something went wrong.
func numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var raw [8]byte
		_, _ = rand.Read(raw[:]) // never fails: it ends the program itself
		id := hex.EncodeToString(raw[:])
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey, id)))
	})
}

func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestKey).(string)
	return id
}

// pattern is a request's route, as it is logged: addresses carry tokens and
// queries carry names, so neither is ever written down.
func pattern(r *http.Request) string {
	if route := chi.RouteContext(r.Context()); route != nil && route.RoutePattern() != "" {
		return route.RoutePattern()
	}
	return "unmatched"
}

// logged writes a line for every request once it is answered.
func (s *server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		seen := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			s.meters.Answered(pattern(r), seen.Status(), time.Since(started))
			line := s.log.Debug()
			if reading := r.Method == http.MethodGet || r.Method == http.MethodHead; !reading || seen.Status() >= http.StatusBadRequest {
				line = s.log.Info() // what changes something, or was refused
			}
			line.Str("request", requestID(r)).Str("method", r.Method).Str("route", pattern(r)).
				Int("status", seen.Status()).Int("bytes", seen.BytesWritten()).Dur("took", time.Since(started)).
				Str("from", addressOf(r)).Msg("request")
		}()
		next.ServeHTTP(seen, r)
	})
}

// caught answers a panic as our own fault, and keeps the daemon running.
func (s *server) caught(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			broken := recover()
			if broken == nil {
				return
			}
			if broken == http.ErrAbortHandler {
				panic(broken)
			}
			s.log.Error().Str("request", requestID(r)).Str("route", pattern(r)).Str("panic", fmt.Sprint(broken)).
				Bytes("stack", debug.Stack()).Msg("a handler panicked")
			if seen, ok := w.(middleware.WrapResponseWriter); !ok || seen.Status() == 0 {
				s.refuse(w, r, fault.New(fault.Internal, "internal", "Something went wrong on our side."))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// hostShape is a host that may be written into a header.
var hostShape = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]{1,255}$`)

// headed sets what every answer carries; the display and the sandbox, which
// stand by themselves, set their own over it. Pages load nothing from
// elsewhere. The host is named for sockets, since older Safari doesn't count
// them as 'self'; forms lead on to payment providers, and Chromium holds the
// redirect that follows a form to form-action, too.
func headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sockets := ""
		if hostShape.MatchString(r.Host) {
			sockets = " ws://" + r.Host + " wss://" + r.Host
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "+
			"connect-src 'self'"+sockets+"; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		// Not no-referrer: over plain http, where browsers send no Sec-Fetch-Site, the
		// Origin of our own forms would be "null", and they would be refused.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		if encrypted(r) {
			// Over plain http browsers complain of it on every page.
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// ours refuses what a page of another site makes a browser send (R39).
// Webhooks come from elsewhere by nature and are signed; the sandbox stands
// for another company and looks after itself.
func (s *server) ours(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/hooks/") || strings.HasPrefix(r.URL.Path, "/sandbox/") {
			next.ServeHTTP(w, r)
			return
		}
		if err := s.cross.Check(r); err != nil && !s.publicOrigin(r) {
			s.refuse(w, r, fault.New(fault.Forbidden, "cross_site", "Another site can't do this here.").Because(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// publicOrigin tells whether a page at our public address asks. Behind a proxy
// that changes the host, an old browser's request looks as if it came from
// another site; a newer one says by itself that it does not.
func (s *server) publicOrigin(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") != "" {
		return false
	}
	u, ok := s.publicAddress()
	return ok && r.Header.Get("Origin") == u.Scheme+"://"+u.Host
}

// Requests a minute from one address. They are far above what people and
// well-made programs do: a salon's guests may share one address.
const (
	apiRate    = 30_000
	clientRate = 6000
	hookRate   = 1200
	signInRate = 240 // each may cost the hash of a PIN
)

// atMost limits how often one address may ask.
func (s *server) atMost(perMinute int) func(http.Handler) http.Handler {
	return httprate.LimitBy(perMinute, time.Minute,
		func(r *http.Request) (string, error) { return neighbourhood(r), nil },
		httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
			s.refuse(w, r, fault.New(fault.TooMany, "too_many_requests", "Too many requests. Please slow down.").After(30*time.Second))
		}))
}
