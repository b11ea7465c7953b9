package web

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/text/language"

	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/web/page"
)

const (
	// patience is how long a phone at a printed code waits for one answer.
	patience = 25 * time.Second
	// A salon's clients may all come from one address, that of a tunnel.
	waitingEach = 64
	waitingAll  = 256
)

// clientHeaders keep a client's page out of caches, and let its form lead on
// to the provider: Chromium holds the redirect after a form to form-action.
func (s *server) clientHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := "form-action 'self' https:"
		if u, ok := s.publicAddress(); ok && u.Scheme == "http" && hostShape.MatchString(u.Host) {
			to += " http://" + u.Host
		}
		h := w.Header()
		h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "form-action 'self'", to, 1))
		h.Set("Cache-Control", "no-store")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		next.ServeHTTP(w, r)
	})
}

// render writes a page with a status. It is made whole before the first byte,
// so what can't be drawn is answered as our own fault.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, lang string, p page.Page) {
	var made bytes.Buffer
	if err := page.Render(&made, lang, p); err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(made.Bytes()) // who has gone needs no answer
}

// spoken is the language of a page for somebody we know nothing of but their
// browser; otherwise is for a browser that says nothing we speak.
func spoken(r *http.Request, otherwise string) string {
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(wanted) == 0 {
		return page.Language(otherwise)
	}
	ours := page.Languages()
	tags := make([]language.Tag, len(ours))
	for i, name := range ours {
		tags[i] = language.Make(name)
	}
	if _, at, sure := language.NewMatcher(tags).Match(wanted...); sure > language.No {
		return ours[at]
	}
	return page.Language(otherwise)
}

// tongue is the language of a client's page: the one staff wrote down, else
// the phone's, else the location's.
func tongue(r *http.Request, p desk.Page) string {
	if p.Visit.Client.Language != "" {
		return page.Language(p.Visit.Client.Language)
	}
	return spoken(r, p.Location.Language)
}

// opened finds the page of the token in the address. Wrong ones are all alike,
// and counted by address (R39); right ones never are: 128 random bits aren't
// guessed, and all guests of a salon may share one address.
func (s *server) opened(r *http.Request) (desk.Page, error) {
	t, ok := id.ParseToken(chi.URLParam(r, "token"))
	if ok {
		p, err := s.desk.ByToken(t)
		if f := fault.From(err); f == nil || f.Kind != fault.Missing {
			return p, err
		}
	}
	return desk.Page{}, s.missed(r, fault.NotFound("link"))
}

// missed counts an address that leads nowhere, and slows who tries many: links,
// and the codes on paper, which show a stranger what a desk shows (R39).
func (s *server) missed(r *http.Request, err error) error {
	if f := fault.From(err); err == nil || f == nil || f.Kind != fault.Missing {
		return err
	}
	if wait := s.guesses.Try("link:"+neighbourhood(r), time.Now()); wait > 0 {
		return fault.New(fault.TooMany, "too_many_requests", "Too many wrong links. Please wait.").After(wait)
	}
	return err
}

// payPage serves GET /p/{token}, and /s/{token} as scanned from a display:
// that one goes on by itself once a person sees it (R9).
func (s *server) payPage(scanned bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := s.opened(r)
		if err != nil {
			s.strange(w, r, err)
			return
		}
		lang := tongue(r, p)
		s.render(w, r, http.StatusOK, lang, phonePage(p, scanned, lang, time.Now()))
	}
}

// strange answers a phone whose link leads nowhere, or which asks too often.
func (s *server) strange(w http.ResponseWriter, r *http.Request, err error) {
	p := s.judge(r, err)
	lang := spoken(r, s.houseLanguage())
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	switch p.status {
	case http.StatusNotFound:
		s.render(w, r, p.status, lang, page.PhoneUnknown{Desk: p.code == "desk_not_found"})
	case http.StatusTooManyRequests:
		s.render(w, r, p.status, lang, page.PhoneTooMany{Wait: duration(p.retry)})
	default:
		s.render(w, r, p.status, lang, page.PhoneProblem{Status: p.status, Code: requestID(r)})
	}
}

// houseLanguage is the location's language.
func (s *server) houseLanguage() string {
	loc, err := s.desk.Location()
	if err != nil {
		return ""
	}
	return loc.Language
}

// payStatus serves GET /p/{token}/status, which a waiting phone asks for.
func (s *server) payStatus(w http.ResponseWriter, r *http.Request) {
	p, err := s.opened(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answerJSON(w, http.StatusOK, map[string]string{"state": p.State})
}

// openLink serves POST /p/{token}/open: a person goes on to pay (R10).
func (s *server) openLink(w http.ResponseWriter, r *http.Request) {
	p, err := s.opened(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	to, err := s.d.OpenLink(r.Context(), p.Visit.Token)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answerJSON(w, http.StatusOK, map[string]string{"redirect": to})
}

// payByForm serves POST /p/{token}/pay, the same without script.
func (s *server) payByForm(w http.ResponseWriter, r *http.Request) {
	p, err := s.opened(r)
	if err != nil {
		s.strange(w, r, err)
		return
	}
	to, err := s.d.OpenLink(r.Context(), p.Visit.Token)
	if err == nil {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	why := s.judge(r, err)
	if why.status == http.StatusConflict || why.status == http.StatusUnprocessableEntity {
		// It was paid, or changed, since the page was drawn: the page says so.
		http.Redirect(w, r, "/p/"+string(p.Visit.Token), http.StatusSeeOther)
		return
	}
	lang := tongue(r, p)
	drawn := phonePay(p, false, lang, time.Now())
	drawn.Problem = worded(lang, why)
	for name, values := range why.GetHeaders() {
		w.Header()[name] = values
	}
	s.render(w, r, why.status, lang, drawn)
}

// deskPage serves GET /q/{desk}, where the static code leads (R32).
func (s *server) deskPage(w http.ResponseWriter, r *http.Request) {
	at := id.Desk(strings.ToLower(chi.URLParam(r, "desk")))
	t, err := s.desk.Shown(at)
	err = s.missed(r, err)
	if err != nil {
		s.strange(w, r, err)
		return
	}
	if t != "" {
		http.Redirect(w, r, "/s/"+string(t), http.StatusSeeOther)
		return
	}
	loc, err := s.desk.Location()
	if err != nil {
		s.strange(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, spoken(r, loc.Language), page.PhoneWaiting{Phone: page.Phone{Location: loc.Name, Sandbox: s.madeUp()}, Desk: string(at)})
}

// deskStatus serves GET /q/{desk}/status, which a waiting phone asks for: it
// is answered when the desk shows a visit, or after a while.
func (s *server) deskStatus(w http.ResponseWriter, r *http.Request) {
	t, err := s.shownSoon(r, id.Desk(strings.ToLower(chi.URLParam(r, "desk"))))
	err = s.missed(r, err)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	to := ""
	if t != "" {
		to = "/s/" + string(t)
	}
	answerJSON(w, http.StatusOK, map[string]string{"url": to})
}

// shownSoon waits for a desk to show a visit, if the phone wants to wait and
// there is room for one more that does: phones that only ask are answered too.
func (s *server) shownSoon(r *http.Request, at id.Desk) (id.Token, error) {
	limit := time.Duration(0)
	if r.URL.Query().Has("wait") {
		if leave, ok := s.waiting.enter(neighbourhood(r)); ok {
			defer leave()
			limit = patience
		}
	}
	over := time.NewTimer(limit)
	defer over.Stop()
	for {
		changed := s.desk.Changed()
		t, err := s.desk.Shown(at)
		if err != nil || t != "" {
			return t, err
		}
		select {
		case <-changed:
		case <-over.C:
			return "", nil
		case <-r.Context().Done():
			return "", nil
		}
	}
}

// madeUp tells whether new payments are tests, in which no money moves. What
// can't be read is told as one: money must never be promised wrongly.
func (s *server) madeUp() bool {
	test, err := s.desk.Testing()
	return test || err != nil
}
