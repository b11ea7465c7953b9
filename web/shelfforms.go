package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/money"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// The forms of the catalogue. Each saves and leads back, or shows its page again with what was
// typed and what is wrong with it.

// opened is the address of an item in the catalogue, with what has just been done to it.
func opened(item, done string) string {
	return "/desk/catalogue?" + url.Values{"item": {item}, done: {"1"}}.Encode()
}

// saveItem serves POST /desk/catalogue/items (R2).
func (v *view) saveItem() error {
	if err := v.a.Need(access.CatalogEdit); err != nil {
		return err
	}
	i, err := v.itemTyped()
	saved := i
	if err == nil && i.ID == "" {
		saved, err = v.s.desk.CreateItem(v.a, i, desk.Key{Value: v.form("key")})
	} else if err == nil {
		saved, err = v.s.desk.SaveItem(v.a, i)
	}
	if err != nil {
		return v.itemAgain(i, err)
	}
	return v.seeOther(opened(saved.ID, "saved"))
}

// itemTyped is the item that a form describes. A kind's form has no field for everything: what was
// not sent stays as it is.
func (v *view) itemTyped() (i catalogue.Item, err error) {
	i = catalogue.Item{Kind: visit.LineKind(v.form("kind"))}
	if which := v.form("id"); which != "" {
		if i, err = v.s.desk.Item(v.a, which); err != nil {
			return i, err
		}
	}
	i.Name, i.Active = v.form("name"), v.form("active") == "1"
	for name, to := range map[string]*string{"sku": &i.SKU, "tax_system": &i.TaxSystem} {
		if v.r.PostForm.Has(name) {
			*to = v.form(name)
		}
	}
	var faults []fault.Field
	wrong := func(name, why string) { faults = append(faults, fault.Field{Location: "body." + name, Message: why}) }
	if i.ID != "" {
		if i.Version, err = strconv.ParseInt(v.form("version"), 10, 64); err != nil {
			wrong("version", page.Text(v.lang, "problem.invalid"))
		}
	}
	for name, to := range map[string]*int64{"price": &i.Price, "min": &i.Min, "max": &i.Max, "value": &i.Value} {
		if !v.readAmount(name, to) {
			wrong(name, v.notAmount(v.loc.Currency))
		}
	}
	for name, to := range map[string]*int64{"uses": &i.Uses, "days": &i.Days} {
		if !v.readNumber(name, to) {
			wrong(name, page.Text(v.lang, "problem.number_invalid"))
		}
	}
	if len(faults) > 0 {
		return i, fault.Invalid(faults...)
	}
	return i, nil
}

// readAmount reads a field that may be missing, and, but for the price, empty.
func (v *view) readAmount(name string, to *int64) bool {
	typed := strings.TrimSpace(v.form(name))
	if !v.r.PostForm.Has(name) && name != "price" {
		return true
	}
	*to = 0
	if typed == "" {
		return name != "price"
	}
	amount, err := money.Parse(typed, v.loc.Currency)
	*to = amount
	return err == nil
}

func (v *view) readNumber(name string, to *int64) bool {
	typed := strings.TrimSpace(v.form(name))
	if !v.r.PostForm.Has(name) {
		return true
	}
	*to = 0
	if typed == "" {
		return true
	}
	n, err := strconv.ParseInt(typed, 10, 64)
	*to = n
	return err == nil
}

// refusal is a problem that a form can show by itself; what no form can mend, and what is our
// fault, is a page of its own.
func (v *view) refusal(err error) (*problem, error) {
	p := v.s.judge(v.r, err)
	if p.status == http.StatusForbidden || p.status == http.StatusNotFound || p.status >= http.StatusInternalServerError {
		return nil, err
	}
	return p, nil
}

// itemAgain shows an item's form as it was typed, with what is wrong. On a conflict the form takes
// over their version: who saves again has seen it.
func (v *view) itemAgain(i catalogue.Item, err error) error {
	why, err := v.refusal(err)
	if err != nil {
		return err
	}
	p, err := v.shelfPage(i.ID)
	if err != nil {
		return err
	}
	if !isKind(i.Kind) {
		return fault.NotFound("kind")
	}
	f, err := v.itemForm(i)
	if err != nil {
		return err
	}
	f.Key, f.Active = v.form("key"), v.form("active") == "1"
	f.Price, f.Min, f.Max, f.Value, f.Uses, f.Days = v.form("price"), v.form("min"), v.form("max"), v.form("value"), v.form("uses"), v.form("days")
	if f.Stale = why.code == "version_mismatch"; f.Stale {
		f.Version, _ = why.members["version"].(int64)
	} else {
		f.Problem = v.worded(why)
	}
	markFields(v.lang, f.Errors, why.fields)
	p.List.Kind, p.Item = string(i.Kind), f
	if i.ID == "" {
		p.List.Selected = "new"
	}
	if err := v.stack(&p.List); err != nil {
		return err
	}
	v.show(why.status, *p)
	return nil
}

// moveStock serves POST /desk/catalogue/items/{id}/stock (R22).
func (v *view) moveStock() error {
	if err := v.a.Need(access.CatalogEdit); err != nil {
		return err
	}
	levels, err := v.s.desk.OnHand(v.a, v.item())
	if err != nil {
		return err
	}
	quantity, err := v.pieces(levels[0])
	switch {
	case err != nil:
	case quantity == 0 && stock.Reason(v.form("reason")) == stock.Adjustment:
		err = v.s.desk.CountNone(v.a, v.item()) // there is none yet, or as many as there should be
	default:
		_, err = v.s.desk.Move(v.a, v.item(), quantity, stock.Reason(v.form("reason")), v.form("note"), desk.Key{Value: v.form("key")})
	}
	if err != nil {
		return v.stockAgain(err)
	}
	return v.seeOther(opened(v.item(), "moved"))
}

// pieces is what was typed as the movement that it means. A count says what is there, and the
// movement is what is missing to it: from what the page showed to whoever counted.
func (v *view) pieces(now stock.Level) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(v.form("quantity")), 10, 64)
	if err != nil || n < 0 {
		return 0, fault.Invalid(fault.Field{Location: "body.quantity", Message: page.Text(v.lang, "problem.number_invalid")})
	}
	switch stock.Reason(v.form("reason")) {
	case stock.WriteOff:
		return -n, nil
	case stock.Adjustment:
		if now.Counted && n == now.OnHand {
			return 0, nil
		}
		if v.form("seen") != count(now.OnHand) {
			return 0, fault.New(fault.Stale, "stock_moved", page.Text(v.lang, "problem.stock_moved"))
		}
		return n - now.OnHand, nil
	default:
		return n, nil
	}
}

// stockAgain shows what was typed about a product's stock, with what is wrong.
func (v *view) stockAgain(err error) error {
	why, err := v.refusal(err)
	if err != nil {
		return err
	}
	p, err := v.shelfPage(v.item())
	if err != nil {
		return err
	}
	if err := v.openItem(p, v.item()); err != nil {
		return err
	}
	s := p.Item.Stock
	if s == nil {
		return fault.NotFound("product")
	}
	s.Problem, s.Quantity, s.Note = v.worded(why), v.form("quantity"), v.form("note")
	if reason := stock.Reason(v.form("reason")); reason.ByHand() {
		s.Cause = string(reason)
	}
	markFields(v.lang, s.Errors, why.fields)
	v.show(why.status, *p)
	return nil
}

// taxes serves GET /desk/catalogue/taxes (R8).
func (v *view) taxes() error {
	p, err := v.taxPage()
	if err != nil {
		return err
	}
	p.Taxes.Open, p.Taxes.Saved = v.query("open"), v.query("saved") == "1"
	v.show(http.StatusOK, *p)
	return nil
}

func (v *view) taxPage() (*page.Shelf, error) {
	p, err := v.shelfPage("")
	if err != nil {
		return nil, err
	}
	systems, err := v.s.desk.TaxSystems(v.a)
	if err != nil {
		return nil, err
	}
	p.Taxes = &page.Taxes{New: page.TaxForm{Active: true}, Errors: map[string]string{}}
	for _, s := range systems {
		p.Taxes.List = append(p.Taxes.List, page.TaxForm{ID: s.ID, Name: s.Name, Version: s.Version, Rate: v.percent(s.Rate), Active: s.Active})
	}
	return p, nil
}

// saveTax serves POST /desk/catalogue/taxes.
func (v *view) saveTax() error {
	if err := v.a.Need(access.CatalogEdit); err != nil {
		return err
	}
	typed := page.TaxForm{ID: v.form("id"), Name: v.form("name"), Rate: v.form("rate"), Active: v.form("active") == "1"}
	s, err := v.taxTyped(typed)
	if err == nil && s.ID == "" {
		_, err = v.s.desk.CreateTaxSystem(v.a, s, desk.Key{})
	} else if err == nil {
		_, err = v.s.desk.SaveTaxSystem(v.a, s)
	}
	if err != nil {
		return v.taxAgain(typed, err)
	}
	return v.seeOther("/desk/catalogue/taxes?saved=1")
}

func (v *view) taxTyped(typed page.TaxForm) (catalogue.TaxSystem, error) {
	s := catalogue.TaxSystem{ID: typed.ID, Name: strings.TrimSpace(typed.Name), Active: typed.Active}
	var faults []fault.Field
	rate, ok := basisPoints(typed.Rate)
	if s.Rate = rate; !ok {
		faults = append(faults, fault.Field{Location: "body.rate", Message: page.Text(v.lang, "problem.percent_invalid")})
	}
	version, err := strconv.ParseInt(v.form("version"), 10, 64)
	if s.Version = version; err != nil && s.ID != "" {
		faults = append(faults, fault.Field{Location: "body.version", Message: "is missing"})
	}
	if len(faults) > 0 {
		return s, fault.Invalid(faults...)
	}
	return s, nil
}

// taxAgain shows a tax system's form as it was typed, with what is wrong.
func (v *view) taxAgain(typed page.TaxForm, err error) error {
	why, err := v.refusal(err)
	if err != nil {
		return err
	}
	p, err := v.taxPage()
	if err != nil {
		return err
	}
	t := p.Taxes
	t.Problem, t.Open, t.New = v.worded(why), "new", typed
	for n, was := range t.List {
		if typed.ID != "" && was.ID == typed.ID {
			// Their version: who saves again has been told.
			typed.Version = was.Version
			t.List[n], t.Open = typed, typed.ID
		}
	}
	markFields(v.lang, t.Errors, why.fields)
	v.show(why.status, *p)
	return nil
}
