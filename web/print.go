package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/display/qr"
	"countersign/display/sheet"
	"countersign/web/page"
)

// printRoutes are the sheets with a desk's code (R33). Staff print them, and
// programs may.
func (s *server) printRoutes(r chi.Router) {
	r.Use(s.atMost(apiRate), s.withSession, s.identified, private)
	r.Get("/print/qr/{desk}.pdf", s.printed("application/pdf", sheet.Sheet.PDF))
	r.Get("/print/qr/{desk}.preview.svg", s.printed("image/svg+xml", sheet.Sheet.Preview))
	r.Get("/print/qr/{desk}.svg", s.printed("image/svg+xml", bareCode))
}

// bareCode is the code alone, for one's own design.
func bareCode(x sheet.Sheet) ([]byte, error) {
	code, err := qr.Encode(x.Address)
	return []byte(code.SVG()), err
}

// printed answers with a sheet, drawn in one of the ways there are.
func (s *server) printed(kind string, draw func(sheet.Sheet) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x, err := s.sheetOf(actorOf(r.Context()), id.Desk(chi.URLParam(r, "desk")), r.URL.Query())
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		drawn, err := draw(x)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Cache-Control", "no-store") // the name, the colour and the address may change
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
		_, _ = w.Write(drawn)
	}
}

// sheetOf reads what to print. What isn't said is colour, A4 and the
// location's language.
func (s *server) sheetOf(a access.Actor, at id.Desk, q url.Values) (sheet.Sheet, error) {
	if err := a.Need(access.VisitsView); err != nil {
		return sheet.Sheet{}, err
	}
	loc, err := s.desk.Location()
	if err != nil {
		return sheet.Sheet{}, err
	}
	x := sheet.Sheet{Template: sheet.Color, Paper: sheet.A4, Name: loc.Name, Brand: loc.Colour, Ink: page.InkOn(loc.Colour), Language: loc.Language}
	var wrong []fault.Field
	choose := func(name string, known []string, into *string) {
		said := q.Get(name)
		if said == "" {
			return
		}
		for _, k := range known {
			if k == said {
				*into = said
				return
			}
		}
		wrong = append(wrong, fault.Field{Location: "query." + name, Message: "is not one of those that there are"})
	}
	choose("template", sheet.Templates(), &x.Template)
	choose("paper", sheet.Papers(), &x.Paper)
	choose("language", sheet.Languages(), &x.Language)
	if len(wrong) > 0 {
		return sheet.Sheet{}, fault.Invalid(wrong...)
	}
	if x.Address, err = s.desk.DeskURL(at); err != nil {
		return sheet.Sheet{}, err
	}
	if x.Logo, err = s.desk.Logo(); err != nil {
		return x, err
	}
	x.Host = hostOf(x.Address)
	x.Desk, err = s.deskName(at)
	return x, err
}

// hostOf is the part of an address that a person compares.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Host)
}

// onlyHere tells whether no phone can open a host: it names this computer to
// itself.
func onlyHere(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	address, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return name == "localhost" || err == nil && (address.IsLoopback() || address.IsUnspecified())
}

// deskName is what staff call a desk; nothing is printed of the only one.
func (s *server) deskName(at id.Desk) (string, error) {
	places, err := s.desk.Places()
	if err != nil || len(places) < 2 {
		return "", err
	}
	for _, p := range places {
		if p.ID == at {
			return p.Name, nil
		}
	}
	return "", nil
}

// printForm is the choice of a sheet, with the sheet as it would be.
func (v *view) printForm(at string) (*page.PrintForm, error) {
	q := v.r.URL.Query()
	x, err := v.s.sheetOf(v.a, id.Desk(at), q)
	if err != nil {
		return nil, err
	}
	choice := url.Values{"template": {x.Template}, "paper": {x.Paper}, "language": {x.Language}}.Encode()
	base := "/print/qr/" + url.PathEscape(at)
	f := &page.PrintForm{Local: onlyHere(x.Host), Desk: at, Templates: among(sheet.Templates(), x.Template), Papers: among(sheet.Papers(), x.Paper), Language: languages(x.Language)[1:],
		Paper: x.Paper, PDF: base + ".pdf?" + choice, Preview: base + ".preview.svg?" + choice, SVG: base + ".svg"}
	if f.Fine, err = v.fine(); err != nil {
		return nil, err
	}
	prints, err := sheet.Prints(x.Name)
	if err != nil {
		return nil, err
	}
	f.Nameless = !prints && x.Logo == nil
	for _, p := range v.placesOf() {
		if string(p.ID) == at {
			f.Name = p.Name
		}
	}
	return f, nil
}

// placesOf are the desks; none when they can't be read, which the page's own
// reading reports.
func (v *view) placesOf() []desk.Place {
	places, _ := v.s.desk.Places()
	return places
}

// among are the values to choose from.
func among(values []string, chosen string) (picks []page.Pick) {
	for _, value := range values {
		picks = append(picks, page.Pick{Kind: value, Selected: value == chosen})
	}
	return picks
}
