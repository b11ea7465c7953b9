package web

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/client"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/web/page"
)

// The forms of the clients. Each saves and leads to the client's window, or shows itself again
// with what was typed and what is wrong with it.

// newClient serves GET /desk/clients/new. What a search didn't find is taken over.
func (v *view) newClient() error {
	q := strings.TrimSpace(v.query("q"))
	c := client.Client{Name: q}
	if strings.Contains(q, "@") {
		c = client.Client{Email: q}
	} else if _, ok := client.Phone(q, v.loc.Region()); ok {
		c = client.Client{Phone: q}
	}
	return v.openClientForm(http.StatusOK, v.clientForm(c))
}

// editClient serves GET /desk/clients/{id}/edit.
func (v *view) editClient() error {
	c, err := v.s.desk.Client(v.a, v.who())
	if err != nil {
		return err
	}
	return v.openClientForm(http.StatusOK, v.clientForm(c))
}

func (v *view) clientForm(c client.Client) *page.ClientForm {
	f := &page.ClientForm{ID: string(c.ID), Title: called(c), Version: c.Version, Name: c.Name, Phone: client.Readable(c.Phone), Email: c.Email,
		Languages: languages(c.Language), Note: c.Note, Errors: map[string]string{}}
	if c.ID == "" {
		f.Key = rand.Text()
	}
	return f
}

func (v *view) openClientForm(status int, f *page.ClientForm) error {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return err
	}
	selected := f.ID
	if selected == "" {
		selected = "new"
	}
	p, err := v.clientsPage(selected)
	if err != nil {
		return err
	}
	if p.Form = f; f.ID == "" && v.query("q") != "" { // the search has led here: the list is of all again
		p.List.Q = ""
		p.List.Rows, err = v.clientRows("", "", selected)
	}
	v.show(status, *p)
	return err
}

// saveClient serves POST /desk/clients and POST /desk/clients/{id} (R4).
func (v *view) saveClient() error {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return err
	}
	typed := client.Client{ID: v.who(), Name: v.form("name"), Phone: v.form("phone"), Email: v.form("email"), Language: v.form("language"), Note: v.form("note")}
	var key desk.Key
	if typed.ID == "" {
		key = v.formKey(typed.Name, typed.Phone, typed.Email, typed.Language, typed.Note)
	} else {
		version, err := strconv.ParseInt(v.form("version"), 10, 64)
		if err != nil {
			return fault.Invalid(fault.Field{Location: "body.version", Message: "is missing"})
		}
		typed.Version = version
	}
	saved, err := v.s.desk.SaveClient(v.a, typed, key)
	if err != nil {
		return v.clientAgain(typed, err)
	}
	return v.seeOther(clientAddress(saved.ID, "saved", "1"))
}

// formKey makes a form that is sent twice one act: with the same contents it is the same act, with
// others it is refused.
func (v *view) formKey(contents ...string) desk.Key {
	if v.form("key") == "" {
		return desk.Key{}
	}
	return desk.Key{Value: v.form("key"), Hash: fingerprint(http.MethodPost, v.r.URL.Path, []byte(strings.Join(contents, "\x00")))}
}

func clientAddress(who id.Client, about, is string) string {
	return "/desk/clients/" + url.PathEscape(string(who)) + "?" + url.Values{about: {is}}.Encode()
}

// clientAgain shows a client's form as it was typed, with what is wrong. On a conflict the form
// takes over their version: who saves again has seen what they changed.
func (v *view) clientAgain(typed client.Client, err error) error {
	why, err := v.refusal(err)
	if err != nil {
		return err
	}
	f := v.clientForm(typed)
	f.Phone = typed.Phone // as typed
	if f.Key = v.form("key"); f.ID != "" {
		now, err := v.s.desk.Client(v.a, typed.ID)
		if err != nil {
			return err
		}
		f.Title = called(now)
		if f.Stale = why.code == "version_mismatch"; f.Stale {
			f.Version, f.Theirs = now.Version, theirs(now, typed.Version)
		}
	}
	if !f.Stale {
		f.Problem = v.worded(why)
	}
	v.markClient(f, why)
	return v.openClientForm(why.status, f)
}

// theirs are the fields that were changed after a version, as they are now.
func theirs(now client.Client, version int64) (changed []page.Theirs) {
	for _, field := range now.ChangedSince(version) {
		is := map[string]string{"name": now.Name, "phone": client.Readable(now.Phone), "email": now.Email, "language": "", "note": now.Note}[field]
		for _, o := range languages(now.Language)[1:] {
			if field == "language" && o.Selected {
				is = o.Text
			}
		}
		changed = append(changed, page.Theirs{Kind: field, Is: is})
	}
	return changed
}

// markClient says beside the fields what is wrong with them, in the words of the tablet.
func (v *view) markClient(f *page.ClientForm, why *problem) {
	markFields(v.lang, f.Errors, why.fields)
	if other, ok := why.members["client"].(id.Client); ok {
		if c, err := v.s.desk.Client(v.a, other); err == nil {
			f.Taken, f.Problem = &page.ClientRow{ID: string(c.ID), Name: called(c)}, &page.Problem{Kind: "phone_taken"}
			delete(f.Errors, "phone")
			return
		}
	}
	for field, key := range map[string]string{"phone": "problem.phone_invalid", "email": "problem.email_invalid"} {
		if f.Errors[field] != "" {
			f.Errors[field] = page.Text(v.lang, key)
		}
	}
	if f.Errors["name"] != "" && strings.TrimSpace(f.Name) == "" {
		f.Errors["name"] = page.Text(v.lang, "problem.name_missing")
	}
}

// grant serves POST /desk/clients/{id}/grants (R16).
func (v *view) grant() error {
	if err := v.a.Need(access.TakePayments); err != nil {
		return err
	}
	off := v.form("act") == "take_off"
	amount, err := v.typedAmount()
	if err == nil {
		if off {
			amount = -amount
		}
		g := desk.Grant{Method: v.form("method"), Amount: amount, Reason: v.form("reason")}
		var e ledger.Entry
		if e, err = v.s.desk.GrantBalance(v.a, v.who(), g, v.formKey(g.Method, count(g.Amount), g.Reason)); err == nil {
			return v.seeOther(clientAddress(v.who(), "booked", string(e.ID)))
		}
	}
	return v.notBooked(err, func(w *page.Client, why *problem) {
		f := w.Grant
		f.Open, f.Off, f.Amount, f.Reason, f.Key, f.Problem = true, off, v.form("amount"), v.form("reason"), v.form("key"), v.worded(why)
		if v.form("method") == ledger.Cashback {
			f.Method = ledger.Cashback
		}
		markFields(v.lang, f.Errors, why.fields)
		if f.Errors["reason"] != "" {
			f.Errors["reason"] = page.Text(v.lang, "problem.reason_missing")
		}
		v.markAmount(f.Errors)
	})
}

// deposit serves POST /desk/clients/{id}/deposits (R16).
func (v *view) deposit() error {
	if err := v.a.Need(access.TakePayments); err != nil {
		return err
	}
	amount, err := v.typedAmount()
	if err == nil {
		by := desk.Taking{Method: v.form("method"), Amount: amount}
		var e ledger.Entry
		if e, err = v.s.desk.TopUp(v.a, v.who(), by, v.formKey(by.Method, count(by.Amount))); err == nil {
			return v.seeOther(clientAddress(v.who(), "booked", string(e.ID)))
		}
	}
	return v.notBooked(err, func(w *page.Client, why *problem) {
		f := w.Deposit
		f.Open, f.Method, f.Amount, f.Key, f.Problem = true, v.form("method"), v.form("amount"), v.form("key"), v.worded(why)
		markFields(v.lang, f.Errors, why.fields)
		v.markAmount(f.Errors)
	})
}

// typedAmount is how much was typed: always above 0, since what takes off says so itself.
func (v *view) typedAmount() (int64, error) {
	amount, err := money.Parse(v.form("amount"), v.loc.Currency)
	if err != nil || amount <= 0 {
		return 0, fault.Invalid(fault.Field{Location: "body.amount", Message: "is not an amount"})
	}
	return amount, nil
}

func (v *view) markAmount(errors map[string]string) {
	if errors["amount"] != "" {
		errors["amount"] = v.notAmount(v.loc.Currency)
	}
}

// notBooked shows a client's window with the form that was refused, as it was typed.
func (v *view) notBooked(err error, fill func(*page.Client, *problem)) error {
	why, err := v.refusal(err)
	if err != nil {
		return err
	}
	return v.openClient(why.status, func(w *page.Client) { fill(w, why) })
}

// bookedFor says what has just been done about a client's balance; nil when nothing was.
func (v *view) bookedFor(who id.Client) (*page.Booked, error) {
	which := id.Payment(v.query("booked"))
	if which == "" {
		return nil, nil
	}
	e, err := v.s.desk.Payment(v.a, which)
	if f := fault.From(err); f != nil && f.Kind == fault.Missing || err == nil && e.Client != who {
		return nil, nil // an address that somebody has typed
	}
	c := balanceChange(e)
	return &page.Booked{Cause: c.Cause, Method: c.Method, Amount: money.Format(e.Amount, e.Currency, v.lang)}, err
}
