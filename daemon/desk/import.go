package desk

import (
	"fmt"
	"slices"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/fault"
	"countersign/daemon/stock"
)

// Export is the whole catalogue as rows of a file, with what is on hand of the
// products that are counted.
func (d *Desk) Export(a access.Actor) (rows []catalogue.Row, err error) {
	if err := a.Need(access.CatalogEdit); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		items, err := o.allItems()
		if err != nil {
			return err
		}
		for _, i := range items {
			r := catalogue.Row{Item: i}
			if r.OnHand, err = o.countOf(i.ID); err != nil {
				return err
			}
			rows = append(rows, r)
		}
		return nil
	})
	return rows, err
}

// countOf is what is on hand of a product, nil if it isn't counted.
func (o *op) countOf(item string) (*int64, error) {
	l, err := o.onHand(item)
	if err != nil || !l.Counted {
		return nil, err
	}
	return &l.OnHand, nil
}

// What a row of a file comes to.
const (
	RowCreated   = "created"
	RowChanged   = "changed"
	RowUnchanged = "unchanged"
	RowBad       = "bad"
)

// ImportedRow is what one row of a file comes to: the item as it is then, and
// as it was.
type ImportedRow struct {
	Number  int
	Outcome string
	Item    catalogue.Item
	Was     catalogue.Item // without an id if there was none
	OnHand  *int64
	// WasOnHand is nil for a product that wasn't counted.
	WasOnHand *int64
	Faults    []fault.Field // of a bad row; locations are columns
}

// Imported is what a file comes to.
type Imported struct {
	Created, Changed, Unchanged, Bad int
	Rows                             []ImportedRow
}

// Import makes the catalogue what a file says, in one transaction: all of it,
// or, if any row is bad, nothing. A row is of the item with its SKU, else of
// the one with its kind and name. What a file leaves out stays. A dry run
// finds out the same and changes nothing.
func (d *Desk) Import(a access.Actor, rows []catalogue.Row, dry bool) (done Imported, err error) {
	if err := a.Need(access.CatalogEdit); err != nil {
		return Imported{}, err
	}
	run := d.update
	if dry {
		run = d.rehearse
	}
	err = run(func(o *op) error {
		in := &importing{op: o, a: a, seen: map[string]int{}, skus: map[string]bool{}}
		if done, err = in.rows(rows); err != nil {
			return err
		}
		if done.Bad > 0 && !dry {
			return badRows(done)
		}
		if done.Created+done.Changed == 0 {
			return nil
		}
		if in.counted {
			if err := o.tell(StockChanged, Detail{}); err != nil {
				return err
			}
		}
		return o.record(a, "catalogue.import", map[string]int{"created": done.Created, "changed": done.Changed, "unchanged": done.Unchanged})
	})
	for i := range done.Rows {
		if dry && done.Rows[i].Outcome == RowCreated {
			done.Rows[i].Item.ID = "" // it was never there
		}
	}
	return done, err
}

// faultsTold is how many of a file's mistakes a refusal names; the dry run has them all.
const faultsTold = 100

func badRows(done Imported) error {
	e := fault.New(fault.Unprocessable, "import_refused", fmt.Sprintf("Nothing was imported: %d of %d rows are wrong.", done.Bad, len(done.Rows)))
	for _, r := range done.Rows {
		for _, f := range r.Faults {
			if len(e.Fields) < faultsTold {
				e.Fields = append(e.Fields, fault.Field{Location: strings.TrimSuffix(fmt.Sprintf("body.rows[%d].%s", r.Number, f.Location), "."), Message: f.Message})
			}
		}
	}
	return e
}

// importing is a file on its way in.
type importing struct {
	*op
	a     access.Actor
	taxes []string       // the ids of the tax systems there are
	seen  map[string]int // the rows that items are of, by id
	skus  map[string]bool
	// counted tells whether any product's stock is another one now: a line of
	// the log of changes for each would push out what people look for in it.
	counted bool
}

func (in *importing) rows(rows []catalogue.Row) (done Imported, err error) {
	systems, err := in.taxSystems()
	if err != nil {
		return Imported{}, err
	}
	for _, s := range systems {
		in.taxes = append(in.taxes, s.ID)
	}
	for _, r := range rows {
		in.skus[catalogue.SKUKey(r.Item.SKU)] = true
	}
	for _, r := range rows {
		row, err := in.row(r)
		if err != nil {
			return Imported{}, err
		}
		switch row.Outcome {
		case RowCreated:
			done.Created++
		case RowChanged:
			done.Changed++
		case RowUnchanged:
			done.Unchanged++
		case RowBad:
			done.Bad++
		}
		done.Rows = append(done.Rows, row)
	}
	return done, nil
}

// row takes in one row, or says what is wrong with it.
func (in *importing) row(r catalogue.Row) (ImportedRow, error) {
	out := ImportedRow{Number: r.Number, Outcome: RowBad, Item: r.Item, OnHand: r.OnHand, Faults: slices.Clone(r.Faults)}
	if len(out.Faults) > 0 {
		return out, nil
	}
	was, problem, err := in.match(r)
	if err != nil {
		return out, err
	}
	out.Item = r.Over(was).Tidy()
	if problem == nil {
		problem = in.clash(r, was, out.Item)
	}
	if problem != nil {
		out.Faults = []fault.Field{*problem}
		return out, nil
	}
	saved, err := in.saveItem(in.a, out.Item)
	if f := fault.From(err); f != nil && len(f.Fields) > 0 {
		for _, wrong := range f.Fields {
			out.Faults = append(out.Faults, fault.Field{Location: strings.TrimPrefix(wrong.Location, "body."), Message: wrong.Message})
		}
		return out, nil
	}
	if err != nil {
		return out, err
	}
	in.seen[saved.ID] = r.Number
	out.Item, out.Was = saved, was
	return out, in.finish(&out)
}

// clash is what makes a row that is right by itself wrong here: another row of
// the same item, or a tax system that there isn't.
func (in *importing) clash(r catalogue.Row, was, i catalogue.Item) *fault.Field {
	if other, twice := in.seen[was.ID]; twice {
		return &fault.Field{Location: "name", Message: fmt.Sprintf("is the item of row %d, too", other)}
	}
	if i.TaxSystem != was.TaxSystem && !slices.Contains(in.taxes, i.TaxSystem) {
		return &fault.Field{Location: "tax_system", Message: fmt.Sprintf("there is no %q: %s", i.TaxSystem, strings.Join(in.taxes, ", "))}
	}
	return nil
}

// match finds the item that a row is of; one without an id if it is a new one.
func (in *importing) match(r catalogue.Row) (catalogue.Item, *fault.Field, error) {
	if key := catalogue.SKUKey(r.Item.SKU); key != "" {
		i, ok, err := in.items.First(in.tx, in.bySKU, key)
		if err != nil || ok {
			return i, nil, err
		}
	}
	named, err := in.named(r.Item)
	if err != nil || len(named) == 0 {
		return catalogue.Item{}, nil, err
	}
	if len(named) > 1 {
		return catalogue.Item{}, &fault.Field{Location: "name", Message: fmt.Sprintf("is that of %d items: tell them apart by their SKU", len(named))}, nil
	}
	return named[0], nil, nil
}

// named are the items of a row's kind and name: those without a SKU, or, if the
// row has none either, else those with one. An item that has another SKU than
// the row is another item, one shampoo in two sizes; so is one that the file
// has a row of its own for.
func (in *importing) named(i catalogue.Item) ([]catalogue.Item, error) {
	var without, with []catalogue.Item
	for _, active := range []bool{true, false} {
		at := shelf(i.Kind, active) + i.SortKey() + "/"
		for other, err := range in.items.Prefix(in.tx, in.byShelf, at) {
			switch {
			case err != nil:
				return nil, err
			case !strings.EqualFold(other.Name, i.Name):
			case other.SKU == "" && (i.SKU == "" || in.seen[other.ID] == 0):
				without = append(without, other)
			case other.SKU != "" && !in.skus[catalogue.SKUKey(other.SKU)]:
				with = append(with, other)
			}
		}
	}
	if len(without) > 0 || i.SKU != "" {
		return without, nil
	}
	return with, nil
}

// finish moves the stock to what the row says, and tells what the row came to.
func (in *importing) finish(out *ImportedRow) (err error) {
	if out.WasOnHand, err = in.countOf(out.Item.ID); err != nil {
		return err
	}
	counted := out.OnHand != nil && (out.WasOnHand == nil || *out.WasOnHand != *out.OnHand)
	if counted {
		if err := in.count(out.Item.ID, *out.OnHand); err != nil {
			return err
		}
		in.counted = true
	}
	switch {
	case out.Was.ID == "":
		out.Outcome = RowCreated
	case out.Item != out.Was || counted:
		out.Outcome = RowChanged
	default:
		out.Outcome = RowUnchanged
	}
	return nil
}

// count makes what is on hand of a product what somebody counted.
func (in *importing) count(item string, found int64) error {
	was, err := in.onHand(item)
	if err != nil {
		return err
	}
	if found == was.OnHand {
		// None, of a product that wasn't counted so far: nothing moves, and it is counted from now on.
		return in.beginAtNone(item)
	}
	for left := found - was.OnHand; left != 0; {
		part := max(-stock.Most, min(stock.Most, left))
		if _, err := in.shift(stock.Movement{Item: item, Quantity: part, Reason: stock.Adjustment, Staff: in.a.Staff, Note: "CSV"}); err != nil {
			return err
		}
		left -= part
	}
	return nil
}
