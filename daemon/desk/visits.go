package desk

import (
	"hash/fnv"
	"strconv"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"
)

// CreateVisit saves a new visit (R3). A draft with an external id that exists
// already updates that visit instead (R5); created tells which it was.
func (d *Desk) CreateVisit(a access.Actor, draft visit.Draft, k Key) (v visit.Visit, created bool, err error) {
	if err := a.Need(access.VisitsEdit); err != nil {
		return visit.Visit{}, false, err
	}
	err = d.update(func(o *op) error {
		before, ok, err := o.repeated(a, k)
		if err != nil {
			return err
		}
		if ok {
			before, created = strings.CutSuffix(before, createdMark)
			v, err = o.visit(id.Visit(before))
			return err
		}
		if v, created, err = o.upsert(a, draft); err != nil {
			return err
		}
		if created {
			return o.remember(a, k, string(v.ID)+createdMark)
		}
		return o.remember(a, k, string(v.ID))
	})
	return v, created, err
}

// WouldCreate tells whether a new visit would be taken, by the error that refuses it. It changes
// nothing.
func (d *Desk) WouldCreate(a access.Actor, draft visit.Draft) error {
	if err := a.Need(access.VisitsEdit); err != nil {
		return err
	}
	return d.rehearse(func(o *op) error {
		_, _, err := o.upsert(a, draft)
		return err
	})
}

// createdMark tells, in what a key's answer is remembered by, that it was a new visit.
const createdMark = " created"

func (o *op) upsert(a access.Actor, draft visit.Draft) (visit.Visit, bool, error) {
	loc, err := o.location()
	if err != nil {
		return visit.Visit{}, false, err
	}
	if draft.Client, err = o.introduced(draft.Client, loc); err != nil {
		return visit.Visit{}, false, err
	}
	v, err := visit.New(draft, o.d.ids, o.now, loc.Currency)
	if err != nil {
		return visit.Visit{}, false, err
	}
	if draft.ExternalID != "" {
		was, ok, err := o.visits.First(o.tx, o.byExternal, draft.ExternalID)
		if err != nil {
			return visit.Visit{}, false, err
		}
		if ok && len(was.Differs(draft.Patch())) == 0 {
			return was, false, nil // said again: nothing to save, also while a client pays
		}
		if ok {
			v, err = o.edit(a, was, was.Version, draft.Patch())
			return v, false, err
		}
	}
	if err := o.inStock(visit.Visit{}, v, draft.AcceptShort); err != nil {
		return visit.Visit{}, false, err
	}
	if v.Client, err = o.known(v.Client); err != nil {
		return visit.Visit{}, false, err
	}
	v.Token = o.d.ids.Token()
	v.LinkState = visit.LinkActive
	if v.Code, err = o.freeCode(v, loc); err != nil {
		return visit.Visit{}, false, err
	}
	return v, true, o.put(v)
}

// freeCode picks a four-digit code that no other visit of the day has, so that
// it can be read aloud across the reception.
func (o *op) freeCode(v visit.Visit, loc Location) (string, error) {
	h := fnv.New32a()
	h.Write([]byte(v.ID))
	for n, tries := h.Sum32()%9000, 0; tries < 9000; n, tries = (n+1)%9000, tries+1 {
		code := strconv.Itoa(1000 + int(n))
		if taken, err := o.codeTaken(code, v.Day(loc.Clock()), loc); err != nil || !taken {
			return code, err
		}
	}
	// More than 9000 visits on one day: two of them share a code, which is
	// only a convenience.
	return strconv.Itoa(1000 + int(h.Sum32()%9000)), nil
}

// codeTaken looks only at the visits that have the code: a day of a thousand
// visits that arrive in bulk isn't read a thousand times.
func (o *op) codeTaken(code, day string, loc Location) (bool, error) {
	for other, err := range o.visits.Where(o.tx, o.byWord, code) {
		if err != nil {
			return false, err
		}
		if other.Code == code && other.Day(loc.Clock()) == day {
			return true, nil
		}
	}
	return false, nil
}

func (o *op) put(v visit.Visit) error {
	if err := o.visits.Put(o.tx, v); err != nil {
		return err
	}
	if err := o.tell(VisitChanged, Detail{Visit: v.ID, State: string(v.PaymentState())}); err != nil {
		return err
	}
	return o.relink(v)
}

func (o *op) visit(which id.Visit) (visit.Visit, error) {
	v, ok, err := o.visits.Get(o.tx, which)
	if err == nil && !ok {
		err = fault.NotFound("visit")
	}
	return v, err
}

// Visit returns one visit.
func (d *Desk) Visit(a access.Actor, which id.Visit) (v visit.Visit, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return visit.Visit{}, err
	}
	err = d.view(func(o *op) error {
		v, err = o.visit(which)
		return err
	})
	return v, err
}
