package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/confirm"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/provider"
	"countersign/web/page"
)

// newAccount is what the name of a kind follows where keys are to be entered for a
// new account: a live account goes by its kind's name.
const newAccount = "new-"

// companiesPart is what Set up shows of the payment providers. open is the kind
// or the account whose keys are to be entered, tried the account whose keys
// were found good a moment ago.
func (v *view) companiesPart(open, tried string) (page.Companies, error) {
	all, preferred, err := v.s.desk.Accounts()
	if err != nil {
		return page.Companies{}, err
	}
	status, err := v.s.d.Status()
	if err != nil {
		return page.Companies{}, err
	}
	var c page.Companies
	if c.Links, c.LinksAt, err = v.linksOf(); err != nil {
		return page.Companies{}, err
	}
	if v.s.d.Sandbox() != nil {
		c.List = append(c.List, page.CompanyRow{ID: "sandbox", Title: "Sandbox", State: "sandbox", Fixed: true})
	}
	for _, a := range all {
		if a.Live && provider.IsTest(preferred) {
			c.Ready = v.titleOf(a.Kind)
		}
		c.List = append(c.List, v.companyRow(a))
		if a.Name == open {
			c.Form = v.companyForm(a.Kind, a.Name, a.Settings)
		}
	}
	for i := range c.List {
		row := &c.List[i]
		row.Preferred, row.Tried = row.ID == preferred, row.ID == tried
		for _, s := range status.Providers {
			if s.Provider == row.ID {
				row.Cause = s.Cause
				if !s.LastOK.IsZero() {
					row.Synced = s.LastOK.In(v.zone).Format(time.TimeOnly)
				}
			}
		}
	}
	for _, k := range v.s.d.Kinds() {
		c.Kinds = append(c.Kinds, page.CompanyKind{ID: k.Name, Title: k.Title})
		if k.Name == strings.TrimPrefix(open, newAccount) && c.Form == nil {
			c.Form = v.companyForm(k.Name, "", nil)
		}
	}
	return c, nil
}

// companyRows serves GET /desk/setup/payments, the providers as they are read.
func (v *view) companyRows() error {
	if err := v.a.Need(access.SettingsManage); err != nil {
		return err
	}
	c, err := v.companiesPart("", "")
	if err != nil {
		return err
	}
	v.show(http.StatusOK, c)
	return nil
}

// linksOf says whose links codes carry, where the settings ask for the provider's (R37).
func (v *view) linksOf() (links, at string, err error) {
	h, err := v.s.desk.Hosting()
	switch {
	case err != nil || !h.Wanted:
		return "", "", err
	case h.Able:
		return "hosted", h.Title, nil
	}
	return "not_hosted", h.Title, nil
}

// syncTroubles are the providers whose confirmations don't come in (R35).
func (v *view) syncTroubles() (troubles []page.SyncTrouble, err error) {
	status, err := v.s.d.Status()
	if err != nil {
		return nil, err
	}
	ails := map[string]string{}
	for _, s := range status.Providers {
		ails[s.Provider] = s.Cause
	}
	for _, s := range status.Providers {
		kind, test := strings.CutSuffix(s.Provider, provider.Testing)
		if s.Cause == "" || test && ails[kind] == s.Cause {
			continue // a company that is away is told once
		}
		x := page.SyncTrouble{Section: "payments", Kind: s.Cause, Provider: v.titleOf(kind), CanFix: s.Cause == confirm.CauseKeys && v.a.Rights.Has(access.SettingsManage)}
		if !s.LastOK.IsZero() {
			x.At = v.at(s.LastOK)
		}
		if test {
			x.Provider += " (" + page.Text(v.lang, "company_state.test") + ")"
		}
		troubles = append(troubles, x)
	}
	return v.receiverTroubles(troubles)
}

// titleOf is how a company writes itself.
func (v *view) titleOf(kind string) string {
	if k, ok := v.kindOf(kind); ok {
		return k.Title
	}
	return strings.ToUpper(kind[:min(1, len(kind))]) + kind[min(1, len(kind)):]
}

func (v *view) kindOf(name string) (daemon.Kind, bool) {
	for _, k := range v.s.d.Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return daemon.Kind{}, false
}

func (v *view) companyRow(a desk.Account) page.CompanyRow {
	row := page.CompanyRow{ID: a.Name, Title: v.titleOf(a.Kind), State: "test", Holder: a.Title, Hint: a.Hint}
	if a.Live {
		row.State = "live"
	}
	if row.Holder == "" {
		row.Holder = a.Holder
	}
	return row
}

// companyForm is where the keys of a kind are entered, for a new account or
// one that is there.
func (v *view) companyForm(kind, account string, typed map[string]string) *page.CompanyForm {
	k, ok := v.kindOf(kind)
	if !ok {
		return nil
	}
	f := &page.CompanyForm{Kind: k.Name, Title: k.Title, ID: account}
	given, _ := v.s.d.GivenKeys(kind) // if that can't be told, they are typed
	for _, field := range k.Fields {
		row := page.CompanyField{Kind: field.Name, Secret: field.Secret, Optional: field.Optional, Kept: field.Secret && account != "",
			Given: field.Secret && account == "" && given != ""}
		if !field.Secret {
			row.Value = typed[field.Name]
		}
		f.Fields = append(f.Fields, row)
	}
	if base, err := v.s.desk.PublicURL(); err == nil && k.Webhooks && strings.HasPrefix(base, "https://") {
		f.Hook = base + "/hooks/" + k.Name
	}
	f.Deaf = k.NeedsHook && f.Hook == ""
	return f
}

// saveCompany serves POST /desk/setup/payments: keys are tried, and kept where
// that is wanted.
func (v *view) saveCompany() error {
	kind, account := v.form("kind"), v.form("id")
	k, ok := v.kindOf(kind)
	if !ok {
		return fault.NotFound("provider")
	}
	typed := map[string]string{}
	for _, f := range k.Fields {
		typed[f.Name] = v.form("field_" + f.Name)
	}
	a, before, kept, err := v.takeKeys(kind, account, typed)
	if kept {
		return v.leave("/desk/setup?section=payments&saved=1")
	}
	// A page never carries what is secret: the browser keeps what was typed, where
	// it puts the answer in itself.
	again := func(p *page.Setup) {
		p.Payments.Form = v.companyForm(kind, account, typed)
		p.Payments.Form.Said = untaken(p, err)
	}
	if err != nil {
		return v.undone("payments", err, again)
	}
	p, err := v.setupPage("payments")
	if err != nil {
		return err
	}
	again(p)
	row, f := v.companyRow(a), p.Payments.Form
	if f.Tried = &row; before.Name != "" {
		f.Before, f.After, f.Another = holderOf(before), holderOf(a), a.Holder
	}
	v.show(http.StatusOK, *p)
	return nil
}

// takeKeys tries keys, and keeps them if that is asked for. They aren't kept in the
// place of somebody else's account, which is before, until that is asked for by the
// name of theirs: its payments would be out of reach.
func (v *view) takeKeys(kind, account string, typed map[string]string) (a, before desk.Account, kept bool, err error) {
	all, _, err := v.s.desk.Accounts()
	if err != nil {
		return a, before, false, err
	}
	save := v.form("act") != "try"
	if !save || slices.ContainsFunc(all, func(x desk.Account) bool { return x.Kind == kind }) {
		if a, err = v.s.d.TryAccount(v.r.Context(), v.a, kind, account, typed); err != nil {
			return a, before, false, err
		}
	}
	for _, x := range all {
		if x.Name == a.Name && x.Holder != a.Holder {
			before = x
		}
	}
	if !save || before.Name != "" && v.form("another") != a.Holder {
		return a, before, false, nil
	}
	a, err = v.s.d.SetUpAccount(v.r.Context(), v.a, kind, account, typed)
	return a, before, err == nil, err
}

// holderOf tells two accounts apart that may have the same name.
func holderOf(a desk.Account) string {
	if a.Title == "" || a.Title == a.Holder {
		return a.Holder
	}
	return a.Title + " (" + a.Holder + ")"
}

// untaken is what a provider said itself to keys that it didn't take, and has the
// page say nothing beside it: to copy them once more helps none that lacks a permission.
func untaken(p *page.Setup, err error) (said string) {
	f := fault.From(err)
	if f == nil {
		return ""
	}
	if said, _ = f.Details["said"].(string); said != "" {
		p.Problem = nil
	}
	return said
}

func (v *view) company() string { return chi.URLParam(v.r, "id") }

// preferCompany serves POST /desk/setup/payments/{id}/prefer.
func (v *view) preferCompany() error {
	if err := v.s.desk.Prefer(v.a, v.company()); err != nil {
		return v.undone("payments", err, func(*page.Setup) {})
	}
	return v.done("payments")
}

// tryCompany serves POST /desk/setup/payments/{id}/try: the keys that are kept.
func (v *view) tryCompany() error {
	if err := v.a.Need(access.SettingsManage); err != nil {
		return err
	}
	all, _, err := v.s.desk.Accounts()
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Name != v.company() {
			continue
		}
		if _, err := v.s.d.TryAccount(v.r.Context(), v.a, a.Kind, a.Name, a.Settings); err != nil {
			return v.undone("payments", err, func(p *page.Setup) {
				said := untaken(p, err)
				for i := range p.Payments.List {
					if row := &p.Payments.List[i]; row.ID == a.Name {
						row.Said = said
					}
				}
			})
		}
		return v.seeOther("/desk/setup?section=payments&tried=" + a.Name)
	}
	return fault.NotFound("provider")
}

// removeCompany serves POST /desk/setup/payments/{id}/remove.
func (v *view) removeCompany() error {
	if err := v.s.d.RemoveAccount(v.a, v.company()); err != nil {
		return v.undone("payments", err, func(*page.Setup) {})
	}
	return v.done("payments")
}
