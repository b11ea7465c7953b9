package web

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"countersign/daemon/client"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// baseOf is what a visit is as its form is opened. The form brings it back, since nobody else
// remembers how a visit was: only with it can a stale edit be told from what others changed (R4).
func baseOf(x visit.Visit) string {
	if x.ID == "" {
		return ""
	}
	text, err := json.Marshal(x.Edition())
	if err != nil {
		return "" // plain fields can be written; without it every difference would be asked
	}
	return string(text)
}

// base is what the form was based on. What can't be read is nothing: every difference is asked then.
func (v *view) base() visit.Edition {
	var e visit.Edition
	if json.Unmarshal([]byte(v.form("base")), &e) != nil {
		return visit.Edition{}
	}
	return e
}

// agreed are the parts that were asked about, and not chosen.
type agreed struct {
	base visit.Edition
	open map[string]bool
}

// settle puts what was chosen into the form, where two had changed the same: as the others made it,
// or none of it. What is to stay as it was typed does. The form's base has what they made.
func (v *view) settle(c money.Currency) agreed {
	s := agreed{base: v.base(), open: map[string]bool{}}
	for _, part := range v.r.PostForm["asked"] {
		switch pick := v.form("pick." + part); pick {
		case "mine":
		case "theirs":
			v.takeTheirs(part, s.base, c)
		case "drop":
			v.dropLine(part)
		default:
			s.open[part] = true
		}
	}
	return s
}

func (v *view) takeTheirs(part string, base visit.Edition, c money.Currency) {
	set := func(field, value string) { v.r.PostForm.Set(field, value) }
	switch part {
	case "client":
		set("client_id", string(base.Client.ID))
		set("client_name", base.Client.Name)
		set("client_phone", base.Client.Phone)
		set("client_email", base.Client.Email)
		set("client_language", base.Client.Language)
	case "starts_at":
		set("date", base.StartsAt.In(v.zone).Format(time.DateOnly))
		set("time", clock(base.StartsAt, v.zone))
	case "staff":
		set("staff", string(base.Staff))
	case "status":
		set("status", string(base.Status))
	default:
		v.takeLine(part, base, c)
	}
}

func (v *view) takeLine(which string, base visit.Edition, c money.Currency) {
	at := slices.IndexFunc(base.Lines, func(l visit.Line) bool { return string(l.ID) == which })
	row := slices.Index(v.r.PostForm["line_id"], which)
	if at < 0 || row < 0 {
		return
	}
	f := lineFields(base.Lines[at], c)
	for field, value := range map[string]string{"name": f.Name, "quantity": f.Quantity, "price": f.Price, "discount": f.Discount, "tax": f.Tax} {
		if column := v.r.PostForm["line_"+field]; row < len(column) {
			column[row] = value
		}
	}
}

func (v *view) dropLine(which string) {
	row := slices.Index(v.r.PostForm["line_id"], which)
	if row < 0 {
		return
	}
	for _, field := range []string{"id", "kind", "ref", "name", "quantity", "price", "discount", "tax"} {
		if column := v.r.PostForm["line_"+field]; row < len(column) {
			v.r.PostForm["line_"+field] = slices.Delete(slices.Clone(column), row, row+1)
		}
	}
}

// reask puts the questions that were not answered into the form again.
func (v *view) reask(t *typed, s agreed) error {
	asked := visit.Merged{Edition: s.base}
	for part, of := range map[string]*visit.Fate{"client": &asked.OfClient, "starts_at": &asked.OfStart, "staff": &asked.OfStaff, "status": &asked.OfStatus} {
		if s.open[part] {
			*of = visit.Asked
		}
	}
	if err := v.say(t.form.Theirs, asked, s.base); err != nil {
		return err
	}
	for i := range t.form.Lines {
		f := &t.form.Lines[i]
		if !s.open[f.ID] {
			continue
		}
		fate, line := visit.GoneAsked, visit.Line{}
		if at := slices.IndexFunc(s.base.Lines, func(l visit.Line) bool { return string(l.ID) == f.ID }); at >= 0 {
			fate, line = visit.Asked, s.base.Lines[at]
		}
		if slices.Contains(v.r.PostForm["removed"], f.ID) {
			fate = visit.RemovedAsked
		}
		if err := v.sayLine(f, fate, line, t.currency); err != nil {
			return err
		}
	}
	return nil
}

// conflict merges what was typed with what somebody else has saved meanwhile (R4). Nothing is saved:
// the form shows what they changed, and asks where both changed the same.
func (v *view) conflict(t *typed, p *problem) error {
	now, err := v.s.desk.Visit(v.a, v.which())
	if err != nil {
		return err
	}
	base := v.base()
	mine := visit.Edition{Client: t.client, StartsAt: t.startsAt, Staff: t.staff, Status: t.status, Lines: t.lines}
	if mine.StartsAt.Equal(base.StartsAt.Truncate(time.Minute)) {
		mine.StartsAt = base.StartsAt // a form has no seconds
	}
	merged := visit.Merge(base, mine, now.Edition())
	merely := now
	merely.Client, merely.StartsAt, merely.Staff, merely.Status, merely.Lines = merged.Client, merged.StartsAt, merged.Staff, merged.Status, merged.Lines
	if t.form, err = v.formOf(merely); err != nil {
		return err
	}
	t.form.Base, t.form.Version, t.form.Confirm, t.form.Errors = baseOf(now), now.Version, v.r.PostForm["confirm"], map[string]string{}
	t.form.Sum = v.summed(t.form.Lines, now) // only what is stored knows what memberships cover
	t.form.Conflict = &page.Conflict{Gone: merged.Gone}
	t.form.Conflict.Changed, _ = p.members["changed"].([]string)
	t.form.Theirs = map[string]*page.Elsewhere{}
	if err := v.say(t.form.Theirs, merged, now.Edition()); err != nil {
		return err
	}
	for i := range t.form.Lines {
		theirs := visit.Line{}
		if at := slices.IndexFunc(now.Lines, func(l visit.Line) bool { return string(l.ID) == t.form.Lines[i].ID }); at >= 0 {
			theirs = now.Lines[at]
		}
		if err := v.sayLine(&t.form.Lines[i], merged.Fates[i], theirs, now.Currency); err != nil {
			return err
		}
	}
	t.form.Conflict.Ask = t.form.Asks()
	return nil
}

// say tells of the parts besides the lines what became of them, and what theirs is.
func (v *view) say(into map[string]*page.Elsewhere, m visit.Merged, theirs visit.Edition) error {
	for part, fate := range map[string]visit.Fate{"client": m.OfClient, "starts_at": m.OfStart, "staff": m.OfStaff, "status": m.OfStatus} {
		if fate == visit.Kept {
			continue
		}
		value, err := v.readable(part, theirs)
		if err != nil {
			return err
		}
		into[part] = &page.Elsewhere{Name: part, Value: value, State: state(fate)}
	}
	return nil
}

func state(f visit.Fate) string {
	if f == visit.Taken {
		return "changed"
	}
	return string(f)
}

// readable is a part of a visit in words.
func (v *view) readable(part string, e visit.Edition) (string, error) {
	switch part {
	case "client":
		known := slices.DeleteFunc([]string{e.Client.Name, client.Readable(e.Client.Phone), e.Client.Email, e.Client.Language}, func(text string) bool { return text == "" })
		if len(known) == 0 {
			return page.Text(v.lang, "visit.walk_in"), nil
		}
		return strings.Join(known, " · "), nil
	case "starts_at":
		return shortDate(v.lang, e.StartsAt, v.zone) + ", " + clock(e.StartsAt, v.zone), nil
	case "status":
		return page.Text(v.lang, "status."+string(e.Status)), nil
	}
	people, err := v.s.desk.StaffList()
	if name := staffNames(people)[e.Staff]; name != "" {
		return name, err
	}
	return page.Text(v.lang, "form.nobody"), err
}

// sayLine tells of a line what became of it, and how it is with them.
func (v *view) sayLine(f *page.LineFields, fate visit.Fate, theirs visit.Line, c money.Currency) error {
	if fate == visit.Kept {
		return nil
	}
	f.Theirs = &page.Elsewhere{Name: f.ID, State: state(fate)}
	if fate == visit.Added || fate == visit.GoneAsked {
		return nil
	}
	taxes, err := v.taxNames()
	f.Theirs.Value = theirs.Name + " · " + count(theirs.Quantity) + " × " + v.in(c, theirs.UnitPrice)
	if theirs.Discount > 0 {
		f.Theirs.Value += " · " + v.in(c, -theirs.Discount)
	}
	f.Theirs.Value += " · " + named(taxes, theirs.TaxSystem)
	return err
}
