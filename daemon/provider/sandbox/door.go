package sandbox

import (
	"crypto/hmac"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Whoever holds the company's key may use its dashboard. A browser shows that
// by a pass in a cookie, which it gets for the key or for a ticket.
const (
	passName   = "sandbox_pass"
	passTime   = 12 * time.Hour
	ticketTime = 2 * time.Minute
)

// Dashboard is the dashboard's address, below the server's own, with a ticket
// that lets one browser in. It is for redirects of those who may go there, and
// of no use after two minutes.
func (s *Server) Dashboard() string {
	return "/sandbox/dashboard/enter?ticket=" + url.QueryEscape(s.grant("ticket", time.Now().Add(ticketTime)))
}

// grant is a time and a signature that says that it was us who named it.
func (s *Server) grant(kind string, until time.Time) string {
	return Sign(s.opt.Key+"/"+kind, until, nil)
}

// granted says whether a grant is ours and still good.
func (s *Server) granted(kind, grant string) bool {
	stamp, _, _ := strings.Cut(strings.TrimPrefix(grant, "t="), ",")
	unix, err := strconv.ParseInt(stamp, 10, 64)
	until := time.Unix(unix, 0)
	return err == nil && time.Now().Before(until) && hmac.Equal([]byte(grant), []byte(s.grant(kind, until)))
}

// behindDoor lets in who has a pass, and shows the door to all others.
func (s *Server) behindDoor(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(passName)
		if err != nil || !s.granted("pass", c.Value) {
			s.showDoor(w, r, http.StatusUnauthorized, false)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		next(w, r)
	}
}

// enterByTicket changes nothing but who this browser is.
func (s *Server) enterByTicket(w http.ResponseWriter, r *http.Request) {
	if !s.granted("ticket", r.URL.Query().Get("ticket")) {
		s.showDoor(w, r, http.StatusUnauthorized, false)
		return
	}
	s.letIn(w, r)
}

func (s *Server) enterByKey(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	// The file with the key has the webhooks' secret behind it: its whole line
	// is taken too.
	key, _, _ := strings.Cut(strings.TrimSpace(r.PostFormValue("key")), " ")
	if !hmac.Equal([]byte(key), []byte(s.opt.Key)) {
		s.showDoor(w, r, http.StatusForbidden, true)
		return
	}
	s.letIn(w, r)
}

func (s *Server) letIn(w http.ResponseWriter, r *http.Request) {
	// Without a path the cookie is for the dashboard only, whatever a proxy puts before it.
	http.SetCookie(w, &http.Cookie{
		Name: passName, Value: s.grant("pass", time.Now().Add(passTime)), MaxAge: int(passTime / time.Second),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: strings.HasPrefix(s.publicURL(), "https://"),
	})
	s.backToBoard(w, r)
}

// showDoor asks for the key.
func (s *Server) showDoor(w http.ResponseWriter, r *http.Request, status int, wrong bool) {
	v := s.boardView(r)
	v.Door, v.Wrong = true, wrong
	s.renderBoard(w, status, v)
}
