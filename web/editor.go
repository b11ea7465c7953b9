package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// newVisit serves GET /desk/visits/new.
func (v *view) newVisit() error {
	form, err := v.blankForm()
	if err != nil {
		return err
	}
	return v.openForm(http.StatusOK, form)
}

// edit serves GET /desk/visits/{id}/edit.
func (v *view) edit() error {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return err
	}
	x, err := v.s.desk.Visit(v.a, v.which())
	if err != nil {
		return err
	}
	form, err := v.formOf(x)
	if err != nil {
		return err
	}
	return v.openForm(http.StatusOK, form)
}

func (v *view) openForm(status int, form *page.VisitForm) error {
	if fragment(v.r) {
		v.show(status, *form)
		return nil
	}
	return v.whole(status, nil, form)
}

// blankForm is the form of a visit that is not there yet: now, unless another
// day is open.
func (v *view) blankForm() (*page.VisitForm, error) {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return nil, err
	}
	x := visit.Visit{StartsAt: v.now, Staff: v.a.Staff, Status: visit.Arrived, Currency: v.loc.Currency}
	if day, err := time.Parse(time.DateOnly, v.query("date")); err == nil && v.query("date") != v.loc.Today(v.now) {
		x.StartsAt = time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, v.zone)
		x.Status = visit.Booked
	}
	if who := v.query("client"); who != "" {
		c, err := v.s.desk.Client(v.a, id.Client(who))
		if err != nil {
			return nil, err
		}
		x.Client = c.Contact()
	}
	return v.formOf(x)
}

// formOf is a visit as its form.
func (v *view) formOf(x visit.Visit) (*page.VisitForm, error) {
	f := &page.VisitForm{
		ID: string(x.ID), Version: x.Version, Date: x.Day(v.zone), Time: clock(x.StartsAt, v.zone), Status: string(x.Status),
	}
	var err error
	if f.Client, err = v.fieldsOf(x.Client); err != nil {
		return nil, err
	}
	f.Client.Offers.Plain = !fragment(v.r)
	if err := v.furnish(f, string(x.Staff), x.Currency); err != nil {
		return nil, err
	}
	if f.Found, err = v.found("", ""); err != nil {
		return nil, err
	}
	f.Found.Plain = !fragment(v.r)
	refs := make([]string, 0, len(x.Lines))
	for _, l := range x.Lines {
		refs = append(refs, l.Ref)
	}
	items, err := v.knownOf(refs)
	if err != nil {
		return nil, err
	}
	for _, l := range x.Lines {
		f.Lines = append(f.Lines, v.dress(lineFields(l, x.Currency), items))
	}
	f.Sum, f.Base = v.summed(f.Lines, x), baseOf(x)
	return f, nil
}

func lineFields(l visit.Line, c money.Currency) page.LineFields {
	return page.LineFields{ID: string(l.ID), Kind: string(l.Kind), Ref: l.Ref, Name: l.Name, Quantity: count(l.Quantity),
		Price: money.Decimal(l.UnitPrice, c), Discount: decimal(l.Discount, c), Tax: l.TaxSystem}
}

// furnish puts into a form what there is to choose from.
func (v *view) furnish(f *page.VisitForm, staff string, c money.Currency) error {
	people, err := v.s.desk.StaffList()
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.Active || string(p.ID) == staff {
			f.Staff = append(f.Staff, page.Option{Value: string(p.ID), Text: p.Name, Selected: string(p.ID) == staff})
		}
	}
	for _, status := range []visit.Status{visit.Booked, visit.Confirmed, visit.Arrived, visit.Done, visit.NoShow, visit.StatusCancelled} {
		f.Statuses = append(f.Statuses, string(status))
	}
	f.Currency = c.Symbol()
	f.TaxSystems, err = v.taxOptions("")
	return err
}

// usual is an item's range of prices as it is read, "" for none (R2).
func (v *view) usual(i catalogue.Item) string {
	if i.Max == 0 {
		return ""
	}
	return v.money(i.Min) + "–" + v.money(i.Max)
}

// decimal is an amount for a field that may stay empty.
func decimal(amount int64, c money.Currency) string {
	if amount == 0 {
		return ""
	}
	return money.Decimal(amount, c)
}

func languages(chosen string) []page.Option {
	options := []page.Option{{Value: "", Text: "–", Selected: chosen == ""}}
	names := map[string]string{"en": "English", "de": "Deutsch"}
	known := chosen == ""
	for _, tag := range page.Languages() {
		options = append(options, page.Option{Value: tag, Text: names[tag], Selected: tag == chosen})
		known = known || tag == chosen
	}
	if !known {
		options = append(options, page.Option{Value: chosen, Text: chosen, Selected: true})
	}
	return options
}

// create serves POST /desk/visits.
func (v *view) create() error {
	t, err := v.typed(visit.Visit{Currency: v.loc.Currency})
	if err != nil {
		return err
	}
	if done, err := v.choosing(t); done {
		return err
	}
	if done, err := v.choosingWho(t); done {
		return err
	}
	d := visit.Draft{Client: t.client, StartsAt: t.startsAt, Staff: t.staff, Status: t.status, Lines: t.lines}
	if t.wrong() {
		return v.again(t, v.s.desk.WouldCreate(v.a, d))
	}
	x, _, err := v.s.desk.CreateVisit(v.a, d, desk.Key{})
	if d.AcceptShort = v.accepted(t, err); d.AcceptShort {
		x, _, err = v.s.desk.CreateVisit(v.a, d, desk.Key{})
	}
	if err != nil {
		return v.failed(t, err)
	}
	return v.saved(x)
}

// save serves POST /desk/visits/{id} (R4).
func (v *view) save() error {
	was, err := v.s.desk.Visit(v.a, v.which())
	if err != nil {
		return err
	}
	t, err := v.typed(was)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(v.form("version"), 10, 64)
	if err != nil {
		return fault.Invalid(fault.Field{Location: "body.version", Message: "is missing"})
	}
	t.form.ID, t.form.Version = string(v.which()), version
	if done, err := v.choosing(t); done {
		return err
	}
	if done, err := v.choosingWho(t); done {
		return err
	}
	edit := v.changes(was, t)
	if t.wrong() {
		_, would := v.s.desk.WouldCancelByEdit(v.a, v.which(), version, edit)
		return v.again(t, would)
	}
	x, err := v.s.d.EditVisit(v.r.Context(), v.a, v.which(), version, edit)
	if edit.AcceptShort = v.accepted(t, err); edit.AcceptShort {
		x, err = v.s.d.EditVisit(v.r.Context(), v.a, v.which(), version, edit)
	}
	if err != nil {
		return v.failed(t, err)
	}
	return v.saved(x)
}

// changes leaves out what the form says just as it was: a form has no seconds,
// and sends lines that nobody touched, for which no checkout needs to be cancelled.
func (v *view) changes(was visit.Visit, t *typed) visit.Patch {
	p := visit.Patch{SomeoneElse: v.r.PostForm.Has("client_id") && t.client.ID == "", Client: &t.client, StartsAt: &t.startsAt, Staff: &t.staff, Status: &t.status, Lines: &t.lines}
	if t.startsAt.Equal(was.StartsAt.Truncate(time.Minute)) {
		p.StartsAt = nil
	}
	if !slices.Contains(was.Differs(p), "lines") {
		p.Lines = nil
	}
	return p
}

// saved shows the visit that was saved, at its own address.
func (v *view) saved(x visit.Visit) error {
	to := deskAddress(x.Day(v.zone), x.ID)
	if !fragment(v.r) {
		return v.seeOther(to)
	}
	v.w.Header().Set("HX-Push-Url", to)
	v.trigger("desk:list")
	open, err := v.window(x.ID, nil)
	if err != nil {
		return err
	}
	v.show(http.StatusOK, *open)
	return nil
}

// accepted tells whether products are short of just the numbers that this person has been asked
// about, and whether the location lets them be sold (R2).
func (v *view) accepted(t *typed, err error) bool {
	f := fault.From(err)
	if f == nil || f.Code != "out_of_stock" || f.Details["acceptable"] != true {
		return false
	}
	for _, l := range shortLines(f.Details) {
		if !slices.Contains(v.r.PostForm["accept_short"], l.Ref+"="+count(l.Wanted)) {
			return false
		}
	}
	return true
}

func shortLines(details map[string]any) []desk.ShortLine {
	lines, _ := details["lines"].([]desk.ShortLine)
	return lines
}

// again shows the form as it was typed, with all that is wrong: would is what the desk would have
// refused besides, so that nobody is sent back twice.
func (v *view) again(t *typed, would error) error {
	if would != nil {
		p := v.s.judge(v.r, would)
		switch {
		case p.code == "version_mismatch" && len(t.form.Errors) == 0, p.code == "visit_blocked", p.status == http.StatusForbidden:
			return v.failed(t, would)
		case p.code == "out_of_stock":
			t.short(p)
		case len(p.fields) > 0:
			t.mark(v.lang, p.fields)
		}
	}
	if len(t.form.Errors) > 0 && t.form.Problem == nil {
		t.form.Problem = &page.Problem{Kind: "invalid"}
	}
	return v.openForm(http.StatusUnprocessableEntity, t.form)
}

// failed shows the form as it was typed, with why it was refused. On a conflict the form takes
// over their version, and what they changed: who saves again has seen it.
func (v *view) failed(t *typed, err error) error {
	p := v.s.judge(v.r, err)
	switch {
	case p.code == "version_mismatch":
		if err := v.conflict(t, p); err != nil {
			return err
		}
	case p.code == "visit_blocked":
		if until, err := time.Parse(time.RFC3339, text(p.members["blocked_until"])); err == nil {
			t.form.Blocked = clock(until, v.zone)
		}
	case p.code == "out_of_stock":
		t.short(p)
	case len(p.fields) > 0:
		t.mark(v.lang, p.fields)
	case p.status == http.StatusForbidden || p.status == http.StatusNotFound || p.status >= http.StatusInternalServerError:
		return err
	default:
		t.form.Problem = v.worded(p)
	}
	return v.openForm(p.status, t.form)
}

func text(x any) string {
	s, _ := x.(string)
	return s
}
