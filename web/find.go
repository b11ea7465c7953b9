package web

import (
	"net/http"
	"slices"
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

// choices is how many items the search for a line offers at once.
const choices = 12

// findItems serves GET /desk/items: what a line can be of (R2).
func (v *view) findItems() error {
	if err := v.a.Need(access.VisitsEdit); err != nil {
		return err
	}
	found, err := v.found(v.query("q"), v.query("kind"))
	if err != nil {
		return err
	}
	found.Plain = !fragment(v.r)
	v.show(http.StatusOK, found)
	return nil
}

// found is what a search finds among everything offered, or else the first of a kind.
func (v *view) found(q, kind string) (page.Found, error) {
	f := page.Found{Q: strings.TrimSpace(q)}
	if f.Q == "" {
		f.Kind = string(visit.Service)
		if isKind(visit.LineKind(kind)) {
			f.Kind = kind
		}
	}
	items, _, err := v.s.desk.FindItems(v.a, desk.ItemQuery{Q: f.Q, Kind: visit.LineKind(f.Kind), Limit: choices + 1})
	if err != nil {
		return f, err
	}
	if f.More = len(items) > choices; f.More {
		items = items[:choices]
	}
	levels, err := v.levels(items)
	if err != nil {
		return f, err
	}
	for n, i := range items {
		f.Items = append(f.Items, page.Choice{Ref: i.ID, Kind: string(i.Kind), Name: i.Name, SKU: i.SKU, Tax: i.TaxSystem,
			Price: money.Decimal(i.Price, v.loc.Currency), Range: v.usual(i), Label: v.priced(i),
			Counted: levels[n].Counted, OnHand: levels[n].OnHand})
	}
	return f, nil
}

func isKind(kind visit.LineKind) bool { return slices.Contains(catalogue.Kinds(), kind) }

// known are the items of lines, with what is on hand of each. A line may name one that is gone, or
// that was never ours: there is nothing to say about it.
type known map[string]struct {
	catalogue.Item
	stock.Level
}

// knownOf looks the items of lines up, each once.
func (v *view) knownOf(refs []string) (known, error) {
	all := known{}
	for _, ref := range refs {
		if _, again := all[ref]; again || ref == "" {
			continue
		}
		i, err := v.s.desk.Item(v.a, ref)
		if f := fault.From(err); f != nil && f.Kind == fault.Missing {
			continue
		}
		if err != nil {
			return nil, err
		}
		levels, err := v.s.desk.OnHand(v.a, ref)
		if err != nil {
			return nil, err
		}
		one := all[ref]
		one.Item, one.Level = i, levels[0]
		all[ref] = one
	}
	return all, nil
}

// dress adds to a line of the form what the catalogue says of its item.
func (v *view) dress(f page.LineFields, items known) page.LineFields {
	i := items[f.Ref]
	f.Range, f.Counted, f.OnHand = v.usual(i.Item), i.Counted, i.OnHand
	return f
}

// choosing serves the form's buttons for who has no script: it looks for items, or adds the one
// that was chosen, and shows the form again with all that was typed.
func (v *view) choosing(t *typed) (bool, error) {
	if !v.r.PostForm.Has("look") && !v.r.PostForm.Has("browse") && !v.r.PostForm.Has("add") {
		return false, nil
	}
	q := v.form("q")
	if v.r.PostForm.Has("add") {
		line, err := v.chosen(v.form("add"))
		if err != nil {
			return true, err
		}
		t.form.Lines, q = append(t.form.Lines, line), ""
		t.form.Sum = v.summed(t.form.Lines, t.was)
	} else if v.r.PostForm.Has("browse") {
		q = ""
	}
	var err error
	if t.form.Found, err = v.found(q, v.form("browse")); err != nil {
		return true, err
	}
	t.form.Found.Plain = !fragment(v.r)
	t.asIs(v.r.PostForm["confirm"])
	return true, v.openForm(http.StatusOK, t.form)
}

// chosen is a new line of an item, or an empty one for what the catalogue doesn't have.
func (v *view) chosen(ref string) (page.LineFields, error) {
	f := page.LineFields{Kind: string(visit.Service), Quantity: "1"}
	items, err := v.knownOf([]string{ref})
	if i, ok := items[ref]; ok {
		f = page.LineFields{Kind: string(i.Kind), Ref: ref, Name: i.Name, Quantity: "1", Price: money.Decimal(i.Price, v.loc.Currency), Tax: i.TaxSystem}
	}
	return v.dress(f, items), err
}
