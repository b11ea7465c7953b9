package web

import (
	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/money"
	"countersign/web/page"
)

// The forms of Set up. Each saves and leads back, or shows its section again
// with what was typed and what is wrong with it.

// saveLocation serves POST /desk/setup/location.
func (v *view) saveLocation() error {
	l := v.loc // what the form doesn't show stays
	l.Name, l.Zone, l.Language, l.Colour = v.form("name"), v.form("zone"), v.form("language"), v.form("colour")
	l.PublicURL, l.ShowNames, l.ShowServices = v.form("public_url"), v.form("show_names") == "1", v.form("show_services") == "1"
	if v.r.PostForm.Has("country") {
		l.Country = v.form("country")
	}
	l.ReceiptsByHand = v.form("receipts") != "1"
	l.Sound = v.form("sound") == "1"
	if l.SellWithoutStock = desk.RefuseWithoutStock; v.form("sells_short") == "1" {
		l.SellWithoutStock = desk.AskWithoutStock
	}
	currency, err := money.ParseCurrency(v.form("currency"))
	l.Currency = currency
	if err != nil {
		l.Currency = money.Currency(v.form("currency")) // refused by the desk, which names the field
	}
	if err := v.s.desk.SaveLocation(v.a, l); err != nil {
		return v.undone("location", err, func(p *page.Setup) {
			p.Location = v.settings(l)
		})
	}
	return v.done("location")
}

// saveDesk serves POST /desk/setup/desks.
func (v *view) saveDesk() error {
	at, name := id.Desk(v.form("id")), v.form("name")
	save := func() error { _, err := v.s.desk.RenamePlace(v.a, at, name); return err }
	if at == "" {
		save = func() error { _, err := v.s.desk.AddPlace(v.a, name); return err }
	}
	if err := save(); err != nil {
		return v.undone("desks", err, func(p *page.Setup) {
			p.Open, p.Typed = string(at), name
		})
	}
	return v.done("desks")
}

// removeDesk serves POST /desk/setup/desks/{id}/remove.
func (v *view) removeDesk() error {
	if err := v.s.desk.RemovePlace(v.a, id.Desk(chi.URLParam(v.r, "id"))); err != nil {
		return v.undone("desks", err, func(*page.Setup) {})
	}
	return v.done("desks")
}

// pairDisplay serves POST /desk/setup/displays/pair (R28).
func (v *view) pairDisplay() error {
	if _, err := v.s.pair(v.a, v.form("code"), id.Desk(v.form("desk")), v.form("name")); err != nil {
		return v.undone("displays", err, func(p *page.Setup) {
			p.Displays.Pair.Code, p.Displays.Pair.Name = v.form("code"), v.form("name")
			p.Displays.Pair.Problem, p.Problem = p.Problem, nil
			p.Displays.Pair.Errors = p.Errors
			for i, d := range p.Displays.Pair.Desks {
				p.Displays.Pair.Desks[i].Selected = d.Value == v.form("desk")
			}
		})
	}
	return v.done("displays")
}

func (v *view) display() id.Display { return id.Display(chi.URLParam(v.r, "id")) }

// saveDisplay serves POST /desk/setup/displays/{id}.
func (v *view) saveDisplay() error {
	if _, err := v.s.desk.EditDisplay(v.a, v.display(), v.form("name"), id.Desk(v.form("desk"))); err != nil {
		return v.undone("displays", err, func(p *page.Setup) {
			p.Displays.Open, p.Displays.Errors = string(v.display()), p.Errors
			for i, d := range p.Displays.List {
				if d.ID == p.Displays.Open {
					p.Displays.List[i].Name = v.form("name")
				}
			}
		})
	}
	return v.done("displays")
}

// identify serves POST /desk/setup/displays/{id}/identify: the display flashes its name.
func (v *view) identify() error {
	if err := v.a.Need(access.DisplaysManage); err != nil {
		return err
	}
	v.s.d.Hub().Identify(string(v.display()))
	return v.seeOther("/desk/setup?section=displays&flashed=" + string(v.display()))
}

// revoke serves POST /desk/setup/displays/{id}/revoke.
func (v *view) revoke() error {
	if err := v.s.desk.RevokeDisplay(v.a, v.display()); err != nil {
		return v.undone("displays", err, func(*page.Setup) {})
	}
	return v.done("displays")
}

// saveStaff serves POST /desk/setup/staff.
func (v *view) saveStaff() error {
	d := desk.StaffDraft{ID: id.Staff(v.form("id")), Name: v.form("name"), Role: access.Role(v.form("role")),
		PIN: v.form("pin"), Active: v.form("active") == "1"}
	if _, err := v.s.desk.SaveStaff(v.a, d); err != nil {
		return v.undone("staff", err, func(p *page.Setup) {
			p.Open = string(d.ID)
			if d.ID == "" {
				p.Open = "new"
				return
			}
			for i := range p.Staff {
				if row := &p.Staff[i]; row.ID == p.Open {
					row.Name, row.Role, row.Active = d.Name, string(d.Role), d.Active
				}
			}
		})
	}
	return v.done("staff")
}
