package web

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/money"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// shelfRows is how many items the catalogue lists at once: who wants another searches for it.
const shelfRows = 100

// shelf serves GET /desk/catalogue: what is sold, and the item that is open.
func (v *view) shelf() error {
	p, err := v.shelfPage(v.query("item"))
	if err != nil {
		return err
	}
	switch which := v.query("item"); which {
	case "":
	case "new":
		p.Item, err = v.itemForm(catalogue.Item{Kind: visit.LineKind(p.List.Kind), TaxSystem: visit.DefaultTaxSystem, Active: true})
	default:
		err = v.openItem(p, which)
	}
	if err != nil {
		return err
	}
	v.show(http.StatusOK, *p)
	return nil
}

// openItem opens an item of the catalogue; its kind is then the one that is listed.
func (v *view) openItem(p *page.Shelf, which string) error {
	i, err := v.s.desk.Item(v.a, which)
	if err != nil {
		return err
	}
	if p.List.Kind != string(i.Kind) && p.List.Q == "" {
		p.List.Kind = string(i.Kind)
		if err := v.stack(&p.List); err != nil {
			return err
		}
	}
	if p.Item, err = v.itemForm(i); err != nil {
		return err
	}
	p.Item.Saved = v.query("saved") == "1"
	if p.Item.Stock != nil {
		p.Item.Stock.Moved = v.query("moved") == "1"
	}
	return nil
}

// shelfList serves GET /desk/catalogue/list.
func (v *view) shelfList() error {
	p, err := v.shelfPage(v.query("item"))
	if err != nil {
		return err
	}
	v.show(http.StatusOK, p.List)
	return nil
}

// shelfPage is the catalogue with nothing open in it.
func (v *view) shelfPage(selected string) (*page.Shelf, error) {
	if err := v.a.Need(access.CatalogEdit); err != nil {
		return nil, err
	}
	shell, err := v.shell(nil)
	if err != nil {
		return nil, err
	}
	p := &page.Shelf{Shell: shell, List: page.ShelfList{Kind: string(visit.Service), Q: strings.TrimSpace(v.query("q")), Selected: selected}}
	if kind := visit.LineKind(v.query("kind")); slices.Contains(catalogue.Kinds(), kind) {
		p.List.Kind = string(kind)
	}
	return p, v.stack(&p.List)
}

// stack fills the list: the items of a kind, or of all kinds where something is searched for.
func (v *view) stack(l *page.ShelfList) error {
	q := desk.ItemQuery{Q: l.Q, Retired: true, Limit: shelfRows + 1}
	if l.Q == "" {
		q.Kind = visit.LineKind(l.Kind)
	}
	items, _, err := v.s.desk.FindItems(v.a, q)
	if err != nil {
		return err
	}
	if l.More = len(items) > shelfRows; l.More {
		items = items[:shelfRows]
	}
	levels, err := v.levels(items)
	if err != nil {
		return err
	}
	taxes, err := v.taxNames()
	if err != nil {
		return err
	}
	l.Rows = make([]page.ShelfRow, 0, len(items))
	for n, i := range items {
		l.Rows = append(l.Rows, page.ShelfRow{ID: i.ID, Kind: string(i.Kind), Name: i.Name, SKU: i.SKU, Tax: taxes[i.TaxSystem],
			Price: v.priced(i), Counted: levels[n].Counted, OnHand: levels[n].OnHand, Active: i.Active})
	}
	return nil
}

// levels are what is on hand of items, in their order.
func (v *view) levels(items []catalogue.Item) ([]stock.Level, error) {
	ids := make([]string, 0, len(items))
	for _, i := range items {
		ids = append(ids, i.ID)
	}
	return v.s.desk.OnHand(v.a, ids...)
}

// priced is what an item costs, as it is read: its usual range, or its price.
func (v *view) priced(i catalogue.Item) string {
	if usual := v.usual(i); usual != "" {
		return usual
	}
	return v.money(i.Price)
}

// taxNames are the tax systems' names by id.
func (v *view) taxNames() (map[string]string, error) {
	systems, err := v.s.desk.TaxSystems(v.a)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, s := range systems {
		names[s.ID] = v.taxName(s)
	}
	return names, nil
}

// taxName is a tax system with its rate; one that has none yet is named alone.
func (v *view) taxName(s catalogue.TaxSystem) string {
	if s.Rate == 0 {
		return s.Name
	}
	return s.Name + " " + v.percent(s.Rate) + " %"
}

// taxOptions are the tax systems that may be chosen: those in use, and the one that was.
func (v *view) taxOptions(own string) ([]page.Option, error) {
	systems, err := v.s.desk.TaxSystems(v.a)
	if err != nil {
		return nil, err
	}
	var options []page.Option
	known := own == ""
	for _, s := range systems {
		if s.Active || s.ID == own {
			options = append(options, page.Option{Value: s.ID, Text: v.taxName(s), Selected: s.ID == own})
			known = known || s.ID == own
		}
	}
	if !known {
		options = append(options, page.Option{Value: own, Text: own, Selected: true})
	}
	return options, nil
}

// percent writes basis points as percent, in the location's language.
func (v *view) percent(points int64) string {
	whole, part := count(points/100), strings.TrimRight(strconv.FormatInt(100+points%100, 10)[1:], "0")
	if part == "" {
		return whole
	}
	if v.lang == "de" {
		return whole + "," + part
	}
	return whole + "." + part
}

var percentShape = regexp.MustCompile(`^(\d{1,3})(?:[.,](\d{1,2}))?\s*%?$`)

// basisPoints reads a percentage as it is typed.
func basisPoints(typed string) (int64, bool) {
	m := percentShape.FindStringSubmatch(strings.TrimSpace(typed))
	if m == nil {
		return 0, false
	}
	points, err := strconv.ParseInt(m[1]+(m[2] + "00")[:2], 10, 64)
	return points, err == nil
}

// itemForm is an item as its form, with its stock.
func (v *view) itemForm(i catalogue.Item) (*page.ItemForm, error) {
	cur := v.loc.Currency
	f := &page.ItemForm{ID: i.ID, Kind: string(i.Kind), Name: i.Name, Title: i.Name, SKU: i.SKU, Version: i.Version,
		Min: decimal(i.Min, cur), Max: decimal(i.Max, cur), Value: decimal(i.Value, cur), Uses: filled(i.Uses), Days: filled(i.Days),
		Active: i.Active, Currency: cur.Symbol(), Errors: map[string]string{}}
	if i.ID == "" {
		f.Key = rand.Text()
	} else {
		f.Price = money.Decimal(i.Price, cur)
	}
	var err error
	if f.TaxSystems, err = v.taxOptions(i.TaxSystem); err != nil {
		return nil, err
	}
	if i.ID != "" && i.Kind == visit.Product {
		f.Stock, err = v.stockOf(i.ID)
	}
	return f, err
}

// filled is a number for a field that may stay empty.
func filled(n int64) string {
	if n == 0 {
		return ""
	}
	return count(n)
}

// item is the one in the address.
func (v *view) item() string { return chi.URLParam(v.r, "id") }

// stockOf is what there is of a product, and what became of it: as many pages of its history as
// were asked for.
func (v *view) stockOf(item string) (*page.Stock, error) {
	levels, err := v.s.desk.OnHand(v.a, item)
	if err != nil {
		return nil, err
	}
	s := &page.Stock{Item: item, Counted: levels[0].Counted, OnHand: levels[0].OnHand, Cause: string(stock.Receipt), Key: rand.Text(), Errors: map[string]string{}}
	s.Pages, _ = strconv.Atoi(v.query("more")) // what isn't a number asks for one page
	cursor := ""
	var moved []stock.Movement
	for n := 0; n == 0 || n < min(s.Pages, 50) && cursor != ""; n++ {
		more, next, err := v.s.desk.Movements(v.a, item, cursor)
		if err != nil {
			return nil, err
		}
		moved, cursor = append(moved, more...), next
	}
	if cursor != "" {
		s.Older = "/desk/catalogue?" + url.Values{"item": {item}, "more": {strconv.Itoa(max(1, s.Pages) + 1)}}.Encode()
	}
	s.Moves, err = v.moves(moved, s.OnHand)
	return s, err
}

// stockNow serves GET /desk/catalogue/items/{id}/stock: the part of the form that
// follows the stock, and none of what may be typed in it.
func (v *view) stockNow() error {
	if err := v.a.Need(access.CatalogEdit); err != nil {
		return err
	}
	s, err := v.stockOf(v.item())
	if err != nil {
		return err
	}
	v.show(http.StatusOK, *s)
	return nil
}

// moves are a product's movements, newest first, with what was on hand after each.
func (v *view) moves(moved []stock.Movement, onHand int64) ([]page.Move, error) {
	people, err := v.s.desk.StaffList()
	if err != nil {
		return nil, err
	}
	names, shown := staffNames(people), make([]page.Move, 0, len(moved))
	for _, m := range moved {
		row := page.Move{Cause: string(m.Reason), Quantity: signed(m.Quantity), After: onHand, At: v.at(m.At), By: names[m.Staff], Note: m.Note}
		if m.Visit != "" {
			x, err := v.s.desk.Visit(v.a, m.Visit)
			if err != nil {
				return nil, err
			}
			row.Visit, row.Date, row.Client = string(x.ID), x.Day(v.zone), x.Client.Name
		}
		shown = append(shown, row)
		onHand -= m.Quantity
	}
	return shown, nil
}

// signed is a number of pieces with what it did to those that were there.
func signed(n int64) string {
	if n < 0 {
		return "−" + count(-n)
	}
	return "+" + count(n)
}
