package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/web/page"
)

// private keeps the tablet's pages out of caches: the next person at a shared
// computer must not find them by going back.
func private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// signedIn lets staff in, and leads everybody else to the door.
func (s *server) signedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok, err := s.staffOf(r)
		switch {
		case err != nil:
			s.sorry(w, r, err)
		case ok:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey, a)))
		case fragment(r):
			w.Header().Set("HX-Redirect", "/desk/signin")
			s.refuse(w, r, fault.New(fault.Unauthenticated, "unauthenticated", "Please sign in."))
		default:
			http.Redirect(w, r, "/desk/signin?next="+url.QueryEscape(wayBack(r)), http.StatusSeeOther)
		}
	})
}

// wayBack is where somebody wanted to go who had to sign in first. What a form
// sent is not sent again.
func wayBack(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/desk"
	}
	return r.URL.RequestURI()
}

// safeNext keeps the way back within the tablet: an address elsewhere, or one
// that a browser would read as such, becomes the start page.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || strings.ContainsAny(next, "\\\r\n") || strings.Contains(u.Path, "..") ||
		next != "/desk" && !strings.HasPrefix(next, "/desk/") && !strings.HasPrefix(next, "/desk?") ||
		strings.HasPrefix(next, "/desk/signin") {
		return "/desk"
	}
	return next
}

// fragment tells whether a page asks for a part of itself.
func fragment(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// signInPage serves GET /desk/signin: names, then the PIN pad of one.
func (s *server) signInPage(w http.ResponseWriter, r *http.Request) {
	s.door(w, r, http.StatusOK, r.URL.Query().Get("staff"), r.URL.Query().Get("next"), nil)
}

func (s *server) door(w http.ResponseWriter, r *http.Request, status int, chosen, next string, wrong *page.Problem) {
	loc, err := s.desk.Location()
	if err != nil {
		s.sorry(w, r, err)
		return
	}
	people, err := s.desk.StaffList()
	if err != nil {
		s.sorry(w, r, err)
		return
	}
	p := page.SignIn{Location: loc.Name, Sandbox: s.madeUp(), Next: safeNext(next), Problem: wrong}
	for _, one := range people {
		if !one.Active || one.PINHash == "" {
			continue
		}
		person := page.Person{ID: string(one.ID), Name: one.Name, Role: string(one.Role)}
		p.Staff = append(p.Staff, person)
		if person.ID == chosen {
			p.Chosen = &person
		}
	}
	s.render(w, r, status, loc.Language, p)
}

// signIn serves POST /desk/signin (R38). Guessing is slowed by the desk (R39).
func (s *server) signIn(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.sorry(w, r, malformed(err))
		return
	}
	who, next := r.PostForm.Get("staff"), safeNext(r.PostForm.Get("next"))
	pass, err := s.desk.SignIn(id.Staff(who), r.PostForm.Get("pin"), neighbourhood(r))
	if err != nil {
		s.turnAway(w, r, who, next, err)
		return
	}
	// A new token, so that one which somebody planted before is worth nothing.
	if err := s.entries.of(r).RenewToken(r.Context()); err != nil {
		s.sorry(w, r, err)
		return
	}
	s.entries.of(r).Put(r.Context(), staffField, string(pass.Staff))
	s.entries.of(r).Put(r.Context(), pinsField, pass.PINs)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// turnAway shows the PIN pad again.
func (s *server) turnAway(w http.ResponseWriter, r *http.Request, who, next string, err error) {
	p := s.judge(r, err)
	wrong := &page.Problem{Kind: "wrong_pin"}
	switch {
	case p.status == http.StatusTooManyRequests:
		wrong = &page.Problem{Kind: "slow_down", Wait: duration(p.retry)}
		w.Header().Set("Retry-After", seconds(p.retry))
	case p.status != http.StatusUnauthorized:
		s.sorry(w, r, err)
		return
	}
	s.door(w, r, p.status, who, next, wrong)
}

// signOut serves POST /desk/signout.
func (s *server) signOut(w http.ResponseWriter, r *http.Request) {
	if err := s.entries.of(r).Destroy(r.Context()); err != nil {
		s.sorry(w, r, err)
		return
	}
	http.Redirect(w, r, "/desk/signin", http.StatusSeeOther)
}

// malformed is a form that can't be read.
func malformed(err error) error {
	if problemOf(err).status == http.StatusRequestEntityTooLarge {
		return err
	}
	return fault.New(fault.Malformed, "malformed", "The form could not be read.").Because(err)
}

// sorry answers an error on a page: as a page for people, as a problem for
// everybody else.
func (s *server) sorry(w http.ResponseWriter, r *http.Request, err error) {
	program := strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/hooks/") ||
		!strings.Contains(r.Header.Get("Accept"), "text/html")
	if program || fragment(r) {
		s.refuse(w, r, err)
		return
	}
	p := s.judge(r, err)
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	back := ""
	if strings.HasPrefix(r.URL.Path, "/desk/") {
		back = "/desk"
	}
	s.render(w, r, p.status, spoken(r, s.houseLanguage()), page.PhoneProblem{Status: p.status, Code: requestID(r), Back: back})
}

// worded is a refusal as the pages say it: in the catalogue's words where it
// has some for this code, else in the sentence that came with it.
func worded(lang string, p *problem) *page.Problem {
	kind := p.code
	switch {
	case p.status == http.StatusTooManyRequests:
		kind = "slow_down"
	case kind == "validation":
		kind = "invalid"
	case kind == "pairing_code_not_found":
		kind = "bad_code"
	}
	if page.Text(lang, "problem."+kind, "Wait", "") == "problem."+kind {
		return &page.Problem{Text: page.Refused(lang, p.detail)}
	}
	return &page.Problem{Kind: kind, Wait: duration(p.retry)}
}

// staffNames are the staff's names by id.
func staffNames(people []desk.Staff) map[id.Staff]string {
	names := map[id.Staff]string{}
	for _, p := range people {
		names[p.ID] = p.Name
	}
	return names
}
