package web

import (
	"net/http"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/client"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// offersAtOnce is how many known clients a visit's form offers at once.
const offersAtOnce = 6

// offers serves GET /desk/clients/offers: who may be meant by what is being typed.
func (v *view) offers() error {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return err
	}
	found, err := v.meant(v.query("client_name"), v.query("client_phone"))
	if err != nil {
		return err
	}
	v.show(http.StatusOK, found)
	return nil
}

// meant are the known clients with a name or, where that is being typed, a number. Too little of
// either would offer everybody.
func (v *view) meant(name, phone string) (page.Offers, error) {
	q, o := strings.TrimSpace(name), page.Offers{By: "name"}
	if digits := client.Digits(phone); len(digits) >= 3 {
		q, o.By = phone, "phone"
	} else if len([]rune(q)) < 2 {
		return o, nil
	}
	found, _, err := v.s.desk.Clients(v.a, desk.ClientQuery{Q: q, Limit: offersAtOnce + 1})
	if e164, ok := client.Phone(phone, v.loc.Region()); err == nil && len(found) == 0 && ok { // a whole number, dialled in another way
		found, _, err = v.s.desk.Clients(v.a, desk.ClientQuery{Q: e164, Limit: offersAtOnce + 1})
	}
	if err != nil {
		return o, err
	}
	if o.More = len(found) > offersAtOnce; o.More {
		found = found[:offersAtOnce]
	}
	for _, c := range found {
		row := page.Offer{ID: string(c.ID), Name: called(c), Email: c.Email}
		if digits := client.Digits(c.Phone); len(digits) >= 4 {
			row.Ending = digits[len(digits)-4:]
		}
		o.Rows = append(o.Rows, row)
	}
	return o, nil
}

// whose serves GET /desk/clients/who: the part of a visit's form that says whose it is, tied to the
// client who was chosen, or to nobody.
func (v *view) whose() error {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return err
	}
	part := page.Who{Focus: true, Errors: map[string]string{}}
	var err error
	if which := v.query("client"); which != "" {
		part.Client, err = v.tied(id.Client(which))
	} else {
		part.Client, err = v.untied(v.query("client_name"), v.query("client_language"))
	}
	if err != nil {
		return err
	}
	v.show(http.StatusOK, part)
	return nil
}

// tied is the form's part for a client as we know them.
func (v *view) tied(which id.Client) (page.ClientFields, error) {
	c, err := v.s.desk.Client(v.a, which)
	if err != nil {
		return page.ClientFields{}, err
	}
	return page.ClientFields{ID: string(c.ID), Known: called(c), Name: c.Name, Phone: c.Phone, Email: c.Email, Language: languages(c.Language)}, nil
}

// untied is the form's part for somebody else: the name may be right, the number is the other's.
func (v *view) untied(name, language string) (page.ClientFields, error) {
	f := page.ClientFields{Name: name, Language: languages(language)}
	var err error
	f.Offers, err = v.meant(name, "")
	return f, err
}

// fieldsOf are a visit's client as its form has them: what the visit says, and to whom it is tied.
func (v *view) fieldsOf(c visit.Client) (page.ClientFields, error) {
	f := page.ClientFields{ID: string(c.ID), Name: c.Name, Phone: c.Phone, Email: c.Email, Language: languages(c.Language)}
	if c.ID == "" {
		return f, nil
	}
	known, err := v.s.desk.Client(v.a, c.ID)
	if missing := fault.From(err); missing != nil && missing.Kind == fault.Missing {
		f.ID, err = "", nil // said by a form, and nobody's
	}
	f.Known = called(known)
	return f, err
}

// choosingWho serves the buttons of the client's part for who has no script: it looks for known
// clients, ties the visit to one, or unties it.
func (v *view) choosingWho(t *typed) (bool, error) {
	var err error
	was := t.form.Client
	switch {
	case v.r.PostForm.Has("tie"):
		t.form.Client, err = v.tied(id.Client(v.form("tie")))
	case v.r.PostForm.Has("untie"):
		t.form.Client, err = v.untied(was.Name, v.form("client_language"))
	case v.r.PostForm.Has("seek"):
		t.form.Client.Offers, err = v.meant(was.Name, was.Phone)
	default:
		return false, nil
	}
	if err != nil {
		return true, err
	}
	t.form.Client.Offers.Plain = !fragment(v.r)
	t.asIs(v.r.PostForm["confirm"])
	return true, v.openForm(http.StatusOK, t.form)
}
