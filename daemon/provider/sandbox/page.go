package sandbox

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and its stylesheet
	"encoding/hex"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
)

//go:embed page.html
var pageHTML string

//go:embed pay.css
var payCSS []byte

// face is the pages' templates and stylesheets, made ready once.
type face struct {
	page, board *template.Template
	print       string // of the stylesheets, in their addresses: new ones are fetched at once
}

func newFace() *face {
	sum := sha256.Sum256(append(bytes.Clone(payCSS), boardCSS...))
	return &face{template.Must(template.New("page").Parse(pageHTML)), newBoard(), hex.EncodeToString(sum[:8])}
}

// row is a line on the page.
type row struct {
	Name     string
	Quantity int64
	Amount   string
}

// view is all the page shows. A page is either alive, with its buttons, or
// dead, with a heading, a text and a way back.
type view struct {
	Words       words
	CSS         string // relative, as all addresses here: a proxy may put a prefix before them
	ID, Brand   string
	Title       string
	Amount      string
	Size        string // of the amount: a long one is set smaller, never broken
	Tone        string // good, wait, over or bad: the colour of a dead page's mark
	Rows        []row
	Alive       bool
	Heading     string
	Text        string
	Back        string
	NamedBrand  string
	ShowsAmount bool
}

func (s *Server) viewOf(x *session, now time.Time) view {
	w := wordsFor(x.Language)
	v := s.bareView(w)
	v.ID, v.Title, v.Back = x.ID, x.Title, x.ReturnURL
	v.Amount = money.Format(x.Amount, money.Currency(x.Currency), w.Lang)
	v.Size, v.ShowsAmount = size(v.Amount), true
	if v.Title == "" {
		v.Title = w.Due
	}
	for _, l := range x.Lines {
		v.Rows = append(v.Rows, row{l.Name, l.Quantity, money.Format(l.Amount, money.Currency(x.Currency), w.Lang)})
	}
	status := x.status(now)
	if v.Alive = status == provider.Open; !v.Alive {
		v.Heading, v.Text = w.dead(status)
		v.Tone = tone(status)
	}
	return v
}

func (s *Server) bareView(w words) view {
	brand := s.brandName()
	v := view{Words: w, CSS: "../static/" + s.face.print + "/pay.css", Brand: brand, NamedBrand: brand, Tone: "over"}
	if brand == "" {
		v.Brand, v.NamedBrand = "Sandbox", w.NotThere
	}
	return v
}

// deeper corrects the stylesheet's address where a button's is answered
// itself, one step below the page's.
func (v *view) deeper(r *http.Request) {
	if r.PathValue("press") != "" {
		v.CSS = "../" + v.CSS
	}
}

func tone(s provider.Status) string {
	switch s {
	case provider.Paid:
		return "good"
	case provider.Processing:
		return "wait"
	case provider.Failed:
		return "bad"
	}
	return "over"
}

func size(amount string) string {
	switch n := utf8.RuneCountInString(amount); {
	case n > 12:
		return "longest"
	case n > 8:
		return "long"
	}
	return ""
}

// showPage changes nothing: robots open links too (R9).
func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	x, err := s.look(r.PathValue("id"))
	if err != nil {
		s.gone(w, r, err)
		return
	}
	v := s.viewOf(&x, time.Now())
	status := http.StatusOK
	if !v.Alive && (v.Tone == "bad" || v.Tone == "over") {
		status = http.StatusGone
	}
	s.render(w, status, v, x.ReturnURL, x.CancelURL)
}

func (s *Server) gone(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	var e *refusal
	if errors.As(err, &e) {
		status = e.status
	}
	v := s.bareView(wordsFor(r.Header.Get("Accept-Language")))
	v.Heading, v.Text = v.Words.Gone, v.Words.GoneText
	v.deeper(r)
	s.render(w, status, v)
}

func (s *Server) render(w http.ResponseWriter, status int, v view, leads ...string) {
	s.renderWith(s.face.page, w, status, v, leads...)
}

// renderWith writes a page. Forms may lead only to us and, since browsers hold
// redirects after a form to the same rule, to where the session returns.
func (s *Server) renderWith(t *template.Template, w http.ResponseWriter, status int, v any, leads ...string) {
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		http.Error(w, "SANDBOX: the page can't be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy(leads))
	h.Set("Cache-Control", "no-store")
	// Not no-referrer: the Origin of a form would be "null" then, and plain
	// http has nothing else to tell our own page by.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // who left needs no page
}

func policy(leads []string) string {
	forms := "'self'"
	for _, lead := range leads {
		u, err := url.Parse(lead)
		// A host with anything odd in it must not write into the header.
		if err == nil && hosted.IsPage(lead) && !strings.ContainsAny(u.Host, "; ,'\"") {
			forms += " " + u.Scheme + "://" + u.Host
		}
	}
	return "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " + forms
}

// press is a button: pay, later, decline or leave. Whatever it did, the
// browser goes on by GET, so that reloading presses nothing.
func (s *Server) press(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	var x session
	var err error
	switch r.PathValue("press") {
	case "pay":
		x, err = s.pay(id)
	case "later":
		x, err = s.payLater(id)
	case "decline":
		x, err = s.decline(id)
	case "leave":
		x, err = s.look(id)
	default:
		err = unknown("button")
	}
	if err != nil {
		s.gone(w, r, err)
		return
	}
	w.Header().Set("Location", after(&x, r.PathValue("press")))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}

// after is where a button leads: on with the money, back without, and to the
// page itself, dead by now, if it could not do what it says.
func after(x *session, button string) string {
	done := x.Status == provider.Paid || x.Status == provider.Processing
	switch {
	case button == "leave":
		return x.CancelURL
	case done && button != "decline":
		return x.ReturnURL
	}
	return "../" + x.ID
}

func (s *Server) stylesheet(w http.ResponseWriter, r *http.Request) {
	sheet, ok := map[string][]byte{"pay.css": payCSS, "board.css": boardCSS}[r.PathValue("sheet")]
	if !ok || r.PathValue("print") != s.face.print {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(sheet)
}

// foreign answers a form that another site sent.
func (s *Server) foreign(w http.ResponseWriter, r *http.Request) {
	v := s.bareView(wordsFor(r.Header.Get("Accept-Language")))
	v.Heading, v.Text = v.Words.Refused, v.Words.RefusedText
	if v.deeper(r); strings.Contains(r.URL.Path, "/sandbox/dashboard") {
		v.CSS = s.boardView(r).CSS + "pay.css"
	}
	s.render(w, http.StatusForbidden, v)
}
