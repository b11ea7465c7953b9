package desk

import (
	"slices"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/visit"
)

// shelf is where items of a kind stand in the indexes, those that are sold
// before those that no longer are. The letters keep the order of R2's kinds.
func shelf(kind visit.LineKind, active bool) string {
	letter := string(rune('a' + slices.Index(catalogue.Kinds(), kind) + 1))
	if active {
		return letter + "+/"
	}
	return letter + "-/"
}

// onShelf is an item's place in the list of its kind, by name.
func onShelf(i *catalogue.Item) []string {
	return []string{shelf(i.Kind, i.Active) + i.SortKey() + "/" + i.ID}
}

// terms are what an item is found by: each of its words, then its name, so that
// what begins alike is in the order of the names.
func terms(i *catalogue.Item) []string {
	found := make([]string, 0, 8)
	for _, word := range i.Words() {
		found = append(found, shelf(i.Kind, i.Active)+word+" "+i.SortKey())
	}
	return distinct(found)
}

// ItemQuery asks for items: of a kind, by the beginnings of words of the name
// or of the SKU, also those that are no longer sold. Cursor continues an
// earlier answer, unless words were asked for: those who search type on. Limit
// is 100 when 0, at most 500.
type ItemQuery struct {
	Q       string
	Kind    visit.LineKind
	Retired bool
	Cursor  string
	Limit   int
}

func (q ItemQuery) shelves() (all []string) {
	for _, kind := range catalogue.Kinds() {
		if q.Kind != "" && q.Kind != kind {
			continue
		}
		all = append(all, shelf(kind, true))
		if q.Retired {
			all = append(all, shelf(kind, false))
		}
	}
	return all
}

// FindItems lists items by kind and name, and the cursor of the next page (""
// at the end). An item whose whole SKU was typed, or read off its barcode,
// comes first.
func (d *Desk) FindItems(a access.Actor, q ItemQuery) (found []catalogue.Item, next string, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, "", err
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	q.Limit = min(q.Limit, 500)
	err = d.view(func(o *op) error {
		words := catalogue.Words(q.Q)
		if len(words) == 0 {
			found, next, err = o.listItems(q)
			return err
		}
		found, err = o.searchItems(q, words)
		return err
	})
	return found, next, err
}

func (o *op) listItems(q ItemQuery) (found []catalogue.Item, next string, err error) {
	for _, on := range q.shelves() {
		for i, err := range o.items.Between(o.tx, o.byShelf, max(on, q.Cursor), on+"\xff") {
			if err != nil {
				return nil, "", err
			}
			if len(found) == q.Limit {
				return found, onShelf(&i)[0], nil
			}
			found = append(found, i)
		}
	}
	return found, "", nil
}

// searchItems finds the items that have every word. It compares the keys in the
// index and reads only the items that it returns: a word may be in the names of
// all of ten thousand.
func (o *op) searchItems(q ItemQuery, words []string) (found []catalogue.Item, err error) {
	add := func(i catalogue.Item) {
		if len(found) < q.Limit && !slices.ContainsFunc(found, func(other catalogue.Item) bool { return other.ID == i.ID }) {
			found = append(found, i)
		}
	}
	for i, err := range o.items.Where(o.tx, o.bySKU, catalogue.SKUKey(q.Q)) {
		if err != nil {
			return nil, err
		}
		if slices.Contains(q.shelves(), shelf(i.Kind, i.Active)) {
			add(i)
		}
	}
	for _, on := range q.shelves() {
		ids, err := o.itemsWith(on, words, q.Limit)
		if err != nil {
			return nil, err
		}
		for _, one := range ids {
			i, _, err := o.items.Get(o.tx, one)
			if err != nil {
				return nil, err
			}
			add(i)
		}
	}
	return found, nil
}

// itemsWith are the items of a shelf that have every word, in the order of the
// first: as many as asked for.
func (o *op) itemsWith(on string, words []string, limit int) (ids []string, err error) {
	var among map[string]bool // those that have the words looked at so far
	for n, word := range slices.Backward(words) {
		have := map[string]bool{}
		for one, err := range o.items.Keys(o.tx, o.byTerm, on+word) {
			if err != nil {
				return nil, err
			}
			if have[one] || among != nil && !among[one] {
				continue
			}
			have[one] = true
			if n > 0 {
				continue
			}
			if ids = append(ids, one); len(ids) == limit {
				return ids, nil
			}
		}
		among = have
	}
	return ids, nil
}

// Items lists the whole catalogue, by kind and name.
func (d *Desk) Items(a access.Actor) (items []catalogue.Item, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		items, err = o.allItems()
		return err
	})
	return items, err
}

func (o *op) allItems() (items []catalogue.Item, err error) {
	for _, on := range (ItemQuery{Retired: true}).shelves() {
		for i, err := range o.items.Prefix(o.tx, o.byShelf, on) {
			if err != nil {
				return nil, err
			}
			items = append(items, i)
		}
	}
	return items, nil
}
