package desk

import (
	"countersign/daemon/access"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
)

// EditVisit changes a visit, based on the version that the editor saw (R4).
// While a client is paying it is refused (R13); a checkout whose amount the
// edit makes stale is asked to be cancelled (R15). Uses of memberships follow
// the lines that they cover (R22).
func (d *Desk) EditVisit(a access.Actor, which id.Visit, version int64, p visit.Patch) (v visit.Visit, err error) {
	if err := a.Need(access.VisitsEdit); err != nil {
		return visit.Visit{}, err
	}
	err = d.update(func(o *op) error {
		was, err := o.visit(which)
		if err != nil {
			return err
		}
		v, err = o.edit(a, was, version, p)
		return err
	})
	return v, err
}

// WouldCancelByEdit tells whether an edit would go through, by the error that
// refuses it, and whether the visit's open checkout has to be cancelled first
// since its amount would be stale (R15). It changes nothing.
func (d *Desk) WouldCancelByEdit(a access.Actor, which id.Visit, version int64, p visit.Patch) (cancels bool, err error) {
	if err := a.Need(access.VisitsEdit); err != nil {
		return false, err
	}
	err = d.rehearse(func(o *op) error {
		was, err := o.visit(which)
		if err != nil {
			return err
		}
		if _, err := o.edit(a, was, version, p); err != nil {
			return err
		}
		cancels, err = o.cancelling(which)
		return err
	})
	return cancels, err
}

func (o *op) edit(a access.Actor, was visit.Visit, version int64, p visit.Patch) (visit.Visit, error) {
	loc, err := o.location()
	if err != nil {
		return visit.Visit{}, err
	}
	if p.Client != nil {
		c, err := o.introduced(*p.Client, loc)
		if err != nil {
			return visit.Visit{}, err
		}
		p.Client = &c
	}
	v, err := was.Edit(p, version, o.now, o.d.ids)
	if err != nil {
		return visit.Visit{}, err
	}
	if v.Client != was.Client {
		if p.Client.ID == "" && !samePerson(was.Client, v.Client) {
			v.Client.ID = ""
		}
		if v.Client, err = o.known(v.Client); err != nil {
			return visit.Visit{}, err
		}
	}
	if err := o.inStock(was, v, p.AcceptShort); err != nil {
		return visit.Visit{}, err
	}
	if v, err = o.recount(a, was, v); err != nil {
		return visit.Visit{}, err
	}
	err = o.edited(&v)
	return v, err
}

// edited saves a visit that costs something else now: a checkout that asks for
// another amount is asked to be cancelled (R15), and what is paid up is handed
// out.
func (o *op) edited(v *visit.Visit) error {
	if v.Checkout != "" {
		c, err := o.checkout(v.Checkout)
		if err != nil {
			return err
		}
		if c.Amount != v.Due() {
			if err := o.askCancel(c); err != nil {
				return err
			}
		}
	}
	if v.Paid > v.Refunded && v.Due() == 0 { // what all was given back for buys nothing
		if err := o.fulfil(v, ledger.Entry{}); err != nil {
			return err
		}
	}
	return o.put(*v)
}
