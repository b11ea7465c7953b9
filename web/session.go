package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
)

const (
	sessionCookie = "countersign_session"
	// sessionTime is a working day: who signed in this morning does not have
	// to again, and a tablet left behind is locked tomorrow. It isn't
	// prolonged by use, so that reading a page never writes.
	sessionTime = 14 * time.Hour
	staffField  = "staff"
	pinsField   = "pins"
)

// sessions are the staff's, kept in the desk's store. There are two managers
// of the same sessions since Secure belongs to the manager: over https the
// cookie must have it, over plain http in a salon's own network it can't.
type sessions struct {
	plain, secure *scs.SessionManager
}

// drawer is the desk's session storage as scs sees it.
type drawer struct{ desk *desk.Desk }

// Find returns a session's data.
func (d drawer) Find(token string) ([]byte, bool, error) { return d.desk.FindSession(token) }

// Commit keeps a session's data until expiry.
func (d drawer) Commit(token string, data []byte, expiry time.Time) error {
	return d.desk.SaveSession(token, data, expiry)
}

// Delete forgets a session.
func (d drawer) Delete(token string) error { return d.desk.DeleteSession(token) }

func newSessions(d *desk.Desk) *sessions {
	manager := func(secure bool) *scs.SessionManager {
		// Not scs.New: it starts a goroutine for a store in memory, which
		// nothing stops.
		m := &scs.SessionManager{Store: drawer{d}, Codec: scs.GobCodec{}}
		m.Cookie.Path, m.Cookie.Persist = "/", true
		m.Lifetime = sessionTime
		m.Cookie.Name = sessionCookie
		// Lax and not strict: a code scanned from a display that waits to be
		// paired leads here from the camera, and staff are signed in already.
		m.Cookie.SameSite = http.SameSiteLaxMode
		m.Cookie.HttpOnly = true
		m.Cookie.Secure = secure
		return m
	}
	return &sessions{plain: manager(false), secure: manager(true)}
}

func (s *sessions) of(r *http.Request) *scs.SessionManager {
	if encrypted(r) {
		return s.secure
	}
	return s.plain
}

// withSession loads a browser's session and saves it if it was changed.
func (s *server) withSession(next http.Handler) http.Handler {
	failed := func(w http.ResponseWriter, r *http.Request, err error) { s.refuse(w, r, err) }
	s.entries.plain.ErrorFunc, s.entries.secure.ErrorFunc = failed, failed
	plain, secure := s.entries.plain.LoadAndSave(next), s.entries.secure.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if encrypted(r) {
			secure.ServeHTTP(w, r)
			return
		}
		plain.ServeHTTP(w, r)
	})
}

// staffOf returns who is signed in, asked anew at every request: a session
// doesn't outlive the right to have one.
func (s *server) staffOf(r *http.Request) (access.Actor, bool, error) {
	who := s.entries.of(r).GetString(r.Context(), staffField)
	if who == "" {
		return access.Actor{}, false, nil
	}
	a, ok, err := s.desk.StaffActor(desk.Pass{Staff: id.Staff(who), PINs: s.entries.of(r).GetInt64(r.Context(), pinsField)})
	a.Device = addressOf(r)
	return a, ok, err
}

// identified lets in programs by their token and staff by their session.
func (s *server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := s.identify(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey, a)))
	})
}

func (s *server) identify(r *http.Request) (access.Actor, error) {
	nobody := fault.New(fault.Unauthenticated, "unauthenticated", "Sign in, or send a token as Authorization: Bearer.")
	if said := r.Header.Get("Authorization"); said != "" {
		scheme, secret, _ := strings.Cut(said, " ")
		if !strings.EqualFold(scheme, "bearer") {
			return access.Actor{}, nobody
		}
		return s.program(r, strings.TrimSpace(secret))
	}
	a, ok, err := s.staffOf(r)
	if err == nil && !ok {
		err = nobody
	}
	return a, err
}

// program looks a token up. Only wrong ones are counted: a right one, of 256
// random bits, is never a guess, and a stranger behind the same router must
// not be able to lock the booking system out.
func (s *server) program(r *http.Request, secret string) (access.Actor, error) {
	a, err := s.desk.TokenActor(secret)
	if f := fault.From(err); f != nil && f.Kind == fault.Unauthenticated {
		if wait := s.guesses.Try("token:"+neighbourhood(r), time.Now()); wait > 0 {
			return access.Actor{}, fault.New(fault.TooMany, "too_many_requests", "Too many wrong tokens. Please wait.").After(wait)
		}
	}
	a.Device = addressOf(r)
	return a, err
}

// actorOf is who asks, on routes behind identified.
func actorOf(ctx context.Context) access.Actor {
	a, _ := ctx.Value(actorKey).(access.Actor)
	return a
}
