package web

import (
	"net/http"
	"net/url"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/web/page"
)

// view is one request of the tablet, with what every page of it needs.
type view struct {
	s    *server
	w    http.ResponseWriter
	r    *http.Request
	a    access.Actor
	loc  desk.Location
	lang string
	zone *time.Location
	now  time.Time
	// after is the last change before anything else was read: the page's
	// socket goes on from there, so that nothing falls in between.
	after uint64
	// problem is why something could not be done with a notice.
	problem *page.Problem
}

// on makes a handler of a view's method. An error that the method doesn't show
// by itself becomes a page of its own.
func (s *server) on(do func(*view) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := s.view(w, r)
		if err == nil {
			err = do(v)
		}
		if err != nil {
			s.sorry(w, r, err)
		}
	}
}

func (s *server) view(w http.ResponseWriter, r *http.Request) (*view, error) {
	if err := r.ParseForm(); err != nil {
		return nil, malformed(err)
	}
	after, err := s.desk.LastChange()
	if err != nil {
		return nil, err
	}
	loc, err := s.desk.Location()
	if err != nil {
		return nil, err
	}
	return &view{s: s, w: w, r: r, a: actorOf(r.Context()), loc: loc, lang: page.Language(loc.Language),
		zone: loc.Clock(), now: time.Now(), after: after}, nil
}

// show writes a page or a fragment.
func (v *view) show(status int, p page.Page) { v.s.render(v.w, v.r, status, v.lang, p) }

// query and form read what was sent; a text that isn't there is empty.
func (v *view) query(name string) string { return v.r.URL.Query().Get(name) }
func (v *view) form(name string) string  { return v.r.PostForm.Get(name) }

// money writes an amount in the location's currency, in writes one in another:
// a visit keeps that of its day, or of the program that made it.
func (v *view) money(amount int64) string { return v.in(v.loc.Currency, amount) }

func (v *view) in(c money.Currency, amount int64) string { return money.Format(amount, c, v.lang) }

// trigger tells the page which of its parts have news.
func (v *view) trigger(parts string) { v.w.Header().Set("HX-Trigger", parts) }

// seeOther leads to another page of the tablet.
func (v *view) seeOther(to string) error {
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// leave has the browser go to another page, also where it would put an answer into
// the one that is there.
func (v *view) leave(to string) error {
	if !fragment(v.r) {
		return v.seeOther(to)
	}
	v.w.Header().Set("HX-Redirect", to)
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

// deskAddress is the address of a visit within its day.
func deskAddress(date string, which id.Visit) string {
	q := url.Values{"date": {date}}
	if which != "" {
		q.Set("visit", string(which))
	}
	return "/desk?" + q.Encode()
}

// setUpSections are the parts of Set up that a person may see, in order.
func setUpSections(a access.Actor) []string {
	var sections []string
	for _, x := range []struct {
		name  string
		right access.Right
	}{
		{"location", access.SettingsManage}, {"payments", access.SettingsManage}, {"desks", access.DisplaysManage}, {"displays", access.DisplaysManage}, {"slides", access.DisplaysManage},
		{"staff", access.StaffManage}, {"software", access.SettingsManage},
	} {
		if a.Rights.Has(x.right) {
			sections = append(sections, x.name)
		}
	}
	return sections
}

// shell is what is around every page. open is the visit that is looked at, nil for none.
func (v *view) shell(open *page.Visit) (page.Shell, error) {
	notices, err := v.notices(open)
	return page.Shell{Notices: notices, Location: v.loc.Name, Staff: v.a.Name, CanSell: v.a.Rights.Has(access.CatalogEdit), CanCount: v.a.Rights.Has(access.Reports), CanSetUp: len(setUpSections(v.a)) > 0, Sandbox: v.s.madeUp(),
		After: v.after, Now: clock(v.now, v.zone), Zone: v.loc.Zone}, err
}

// home serves GET /desk: the day, and the visit that is open.
func (v *view) home() error {
	if err := v.a.Need(access.VisitsView); err != nil {
		return err
	}
	switch which := v.query("visit"); which {
	case "":
		return v.whole(http.StatusOK, nil, nil)
	case "new":
		form, err := v.blankForm()
		if err != nil {
			return err
		}
		return v.whole(http.StatusOK, nil, form)
	default:
		open, err := v.window(id.Visit(which), nil)
		if err != nil {
			return err
		}
		return v.whole(http.StatusOK, open, nil)
	}
}

// whole draws the tablet's main page around what is open in it.
func (v *view) whole(status int, open *page.Visit, form *page.VisitForm) error {
	date, selected := v.query("date"), ""
	switch {
	case open != nil:
		selected = open.ID
		if date == "" || v.r.Method != http.MethodGet {
			date = open.Date
		}
	case form != nil && form.ID != "":
		selected, date = form.ID, form.Date
	}
	list, err := v.list(date, v.query("q"), selected)
	if err != nil {
		return err
	}
	shell, err := v.shell(open)
	if err != nil {
		return err
	}
	v.show(status, page.Desk{Shell: shell, List: list, Visit: open, Form: form})
	return nil
}

// at is a time of today, with the day when it was another one.
func (v *view) at(t time.Time) string {
	if t.In(v.zone).Format(time.DateOnly) == v.loc.Today(v.now) {
		return clock(t, v.zone)
	}
	return shortDate(v.lang, t, v.zone) + ", " + clock(t, v.zone)
}
