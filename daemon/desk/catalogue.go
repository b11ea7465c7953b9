package desk

import (
	"cmp"
	"slices"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/fault"
	"countersign/daemon/visit"
)

// Item returns one item of the catalogue.
func (d *Desk) Item(a access.Actor, which string) (i catalogue.Item, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return catalogue.Item{}, err
	}
	err = d.view(func(o *op) error {
		i, err = o.item(which)
		return err
	})
	return i, err
}

func (o *op) item(which string) (catalogue.Item, error) {
	i, ok, err := o.items.Get(o.tx, which)
	if err == nil && !ok {
		err = fault.NotFound("item")
	}
	return i, err
}

// SaveItem adds an item to the catalogue, or changes one, based on the version
// that the editor saw. No two items have one SKU (R2).
func (d *Desk) SaveItem(a access.Actor, i catalogue.Item) (saved catalogue.Item, err error) {
	if err := a.Need(access.CatalogEdit); err != nil {
		return catalogue.Item{}, err
	}
	err = d.update(func(o *op) error {
		saved, err = o.saveItem(a, i)
		return err
	})
	return saved, err
}

// CreateItem adds an item to the catalogue, once for a key.
func (d *Desk) CreateItem(a access.Actor, i catalogue.Item, k Key) (saved catalogue.Item, err error) {
	if err := a.Need(access.CatalogEdit); err != nil {
		return catalogue.Item{}, err
	}
	i.ID, i.Version = "", 0
	err = d.once(a, k, func(o *op) (string, error) {
		saved, err = o.saveItem(a, i)
		return saved.ID, err
	}, func(o *op, before string) error {
		saved, err = o.item(before)
		return err
	})
	return saved, err
}

// saveItem keeps an item. One that reads as it did is left alone.
func (o *op) saveItem(a access.Actor, i catalogue.Item) (catalogue.Item, error) {
	i = i.Tidy()
	if err := i.Check(); err != nil {
		return catalogue.Item{}, err
	}
	if i.ID == "" {
		i.ID = string(o.d.ids.Item())
	}
	was, known, err := o.items.Get(o.tx, i.ID)
	if err != nil {
		return catalogue.Item{}, err
	}
	switch {
	case i.Version != was.Version && known:
		return catalogue.Item{}, staleFault("item", was.Version)
	case i.Version != 0 && !known:
		return catalogue.Item{}, fault.NotFound("item")
	case known && i.Kind != was.Kind:
		return catalogue.Item{}, fault.Invalid(fault.Field{Location: "body.kind", Message: "can't change: lines and stock are of the item as it is"})
	case i == was:
		return was, nil
	}
	if err := o.freeSKU(i); err != nil {
		return catalogue.Item{}, err
	}
	i.Version++
	if err := o.items.Put(o.tx, i); err != nil {
		return catalogue.Item{}, err
	}
	return i, o.record(a, "item.save", i)
}

// staleFault says that somebody saved in between.
func staleFault(what string, version int64) error {
	return fault.New(fault.Stale, "version_mismatch",
		"Somebody else changed this "+what+" meanwhile. Look at it again before saving.").With("version", version)
}

// freeSKU refuses the SKU of another item.
func (o *op) freeSKU(i catalogue.Item) error {
	key := catalogue.SKUKey(i.SKU)
	if key == "" {
		return nil
	}
	for other, err := range o.items.Where(o.tx, o.bySKU, key) {
		if err != nil {
			return err
		}
		if other.ID != i.ID {
			taken := fault.New(fault.Unprocessable, "sku_taken", "Another item has this SKU: "+other.Name+".").With("item", other.ID)
			taken.Fields = []fault.Field{{Location: "body.sku", Message: "is that of " + other.Name}}
			return taken
		}
	}
	return nil
}

// TaxSystems lists the tax systems (R8), the ordinary one first.
func (d *Desk) TaxSystems(a access.Actor) (systems []catalogue.TaxSystem, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		systems, err = o.taxSystems()
		return err
	})
	return systems, err
}

func (o *op) taxSystems() ([]catalogue.TaxSystem, error) {
	standard, err := o.taxSystem(visit.DefaultTaxSystem)
	if err != nil {
		return nil, err
	}
	var others []catalogue.TaxSystem
	for s, err := range o.taxes.All(o.tx) {
		if err != nil {
			return nil, err
		}
		if s.ID != standard.ID {
			others = append(others, s)
		}
	}
	slices.SortStableFunc(others, func(a, b catalogue.TaxSystem) int { return cmp.Compare(a.Name, b.Name) })
	return append([]catalogue.TaxSystem{standard}, others...), nil
}

// taxSystem returns a tax system. The ordinary one is there before anybody saved it.
func (o *op) taxSystem(which string) (catalogue.TaxSystem, error) {
	s, ok, err := o.taxes.Get(o.tx, which)
	switch {
	case err != nil || ok:
		return s, err
	case which == visit.DefaultTaxSystem:
		return catalogue.Standard(), nil
	}
	return catalogue.TaxSystem{}, fault.NotFound("tax_system")
}

// TaxSystem returns one tax system.
func (d *Desk) TaxSystem(a access.Actor, which string) (s catalogue.TaxSystem, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return catalogue.TaxSystem{}, err
	}
	err = d.view(func(o *op) error {
		s, err = o.taxSystem(which)
		return err
	})
	return s, err
}

// SaveTaxSystem changes a tax system, based on the version that the editor saw.
func (d *Desk) SaveTaxSystem(a access.Actor, s catalogue.TaxSystem) (saved catalogue.TaxSystem, err error) {
	if err := a.Need(access.CatalogEdit); err != nil {
		return catalogue.TaxSystem{}, err
	}
	err = d.update(func(o *op) error {
		was, err := o.taxSystem(s.ID)
		switch {
		case err != nil:
			return err
		case was.Version != s.Version:
			return staleFault("tax system", was.Version)
		case s == was:
			saved = was
			return nil
		}
		saved, err = o.putTaxSystem(a, s)
		return err
	})
	return saved, err
}

// CreateTaxSystem adds a tax system, once for a key. Without an id it gets one
// of its name.
func (d *Desk) CreateTaxSystem(a access.Actor, s catalogue.TaxSystem, k Key) (saved catalogue.TaxSystem, err error) {
	if err := a.Need(access.CatalogEdit); err != nil {
		return catalogue.TaxSystem{}, err
	}
	if s.ID == "" {
		s.ID = slug(s.Name)
	}
	s.Version = 0
	err = d.once(a, k, func(o *op) (string, error) {
		if _, err := o.taxSystem(s.ID); err == nil {
			return "", fault.Invalid(fault.Field{Location: "body.name", Message: "is that of another tax system"})
		} else if f := fault.From(err); f.Kind != fault.Missing {
			return "", err
		}
		saved, err = o.putTaxSystem(a, s)
		return s.ID, err
	}, func(o *op, before string) error {
		saved, err = o.taxSystem(before)
		return err
	})
	return saved, err
}

func (o *op) putTaxSystem(a access.Actor, s catalogue.TaxSystem) (catalogue.TaxSystem, error) {
	if err := s.Check(); err != nil {
		return catalogue.TaxSystem{}, err
	}
	s.Version++
	if err := o.taxes.Put(o.tx, s); err != nil {
		return catalogue.TaxSystem{}, err
	}
	return s, o.record(a, "tax_system.save", s)
}
