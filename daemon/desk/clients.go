package desk

import (
	"cmp"
	"errors"

	"countersign/daemon/access"
	"countersign/daemon/client"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"
	"countersign/store"
)

// Region is the country whose telephone numbers are written without its code.
func (l Location) Region() string { return cmp.Or(l.Country, client.Region(l.Zone)) }

// introduced is a visit's client as it was said, with the number as E.164 where
// it is one: a visit isn't lost for a number that nobody can call. Of a client
// who is only named by id, the rest is what we know.
func (o *op) introduced(c visit.Client, loc Location) (visit.Client, error) {
	if c.ID != "" && c == (visit.Client{ID: c.ID}) {
		rec, ok, err := o.clients.Get(o.tx, c.ID)
		if err == nil && !ok {
			err = fault.Invalid(fault.Field{Location: "body.client.id", Message: "is no client's"})
		}
		return rec.Contact(), err
	}
	if e164, ok := client.Phone(c.Phone, loc.Region()); ok {
		c.Phone = e164
	}
	return c, nil
}

// known finds out who a visit's client is: by id, by telephone number, by email
// address. Who isn't known yet and can be reached becomes a client; a name
// alone makes none, since two people have it.
func (o *op) known(c visit.Client) (visit.Client, error) {
	rec, ok, err := o.lookUp(c)
	if err != nil {
		return c, err
	}
	if !ok {
		if c.ID == "" && client.PhoneKey(c.Phone) == "" && c.Email == "" {
			return c, nil
		}
		rec = client.Client{ID: c.ID, Name: c.Name, CreatedAt: o.now}
		if rec.ID == "" {
			rec.ID = o.d.ids.Client()
		}
	}
	c.ID = rec.ID
	filled, err := o.filled(rec, c)
	if err != nil || ok && filled == rec {
		return c, err
	}
	return c, o.clients.Put(o.tx, rec.Edited(filled, o.now))
}

func (o *op) lookUp(c visit.Client) (client.Client, bool, error) {
	if c.ID != "" {
		return o.clients.Get(o.tx, c.ID)
	}
	if key := client.PhoneKey(c.Phone); key != "" {
		if rec, ok, err := o.clients.First(o.tx, o.byPhone, key); err != nil || ok {
			return rec, ok, err
		}
	}
	if c.Email == "" {
		return client.Client{}, false, nil
	}
	rec, ok, err := o.clients.First(o.tx, o.byEmail, client.EmailKey(c.Email))
	if ok && client.PhoneKey(rec.Phone) != "" && client.PhoneKey(c.Phone) != "" {
		return client.Client{}, false, err // a family's address: another number is another person
	}
	return rec, ok, err
}

// filled is a client with what was not known of them yet.
func (o *op) filled(rec client.Client, c visit.Client) (client.Client, error) {
	if rec.Phone == "" && client.PhoneKey(c.Phone) != "" {
		_, taken, err := o.clients.First(o.tx, o.byPhone, client.PhoneKey(c.Phone))
		if err != nil {
			return rec, err
		}
		if !taken {
			rec.Phone = c.Phone
		}
	}
	rec.Name, rec.Email, rec.Language = cmp.Or(rec.Name, c.Name), cmp.Or(rec.Email, c.Email), cmp.Or(rec.Language, c.Language)
	return rec, nil
}

// samePerson tells whether an edit corrected a client or put another in their
// place: whose number or address it is decides, since nobody may pay with
// somebody else's balance.
func samePerson(was, is visit.Client) bool {
	if a, b := client.PhoneKey(was.Phone), client.PhoneKey(is.Phone); a != "" || b != "" {
		return a == b
	}
	if a, b := client.EmailKey(was.Email), client.EmailKey(is.Email); a != "" || b != "" {
		return a == b
	}
	return was.Name == is.Name
}

// Client returns one client.
func (d *Desk) Client(a access.Actor, which id.Client) (c client.Client, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return client.Client{}, err
	}
	err = d.view(func(o *op) error {
		c, err = o.client(which)
		return err
	})
	return c, err
}

func (o *op) client(which id.Client) (client.Client, error) {
	c, ok, err := o.clients.Get(o.tx, which)
	if err == nil && !ok {
		err = fault.NotFound("client")
	}
	return c, err
}

// SaveClient adds a client (no id, version 0) or changes one, based on the
// version that was seen. Two clients never have the same telephone number.
func (d *Desk) SaveClient(a access.Actor, c client.Client, k Key) (saved client.Client, err error) {
	if err := a.Need(access.VisitsEdit); err != nil {
		return client.Client{}, err
	}
	err = d.update(func(o *op) error {
		before, ok, err := o.repeated(a, k)
		if err != nil {
			return err
		}
		if ok {
			saved, err = o.client(id.Client(before))
			return err
		}
		if saved, err = o.saveClient(c); err != nil {
			return err
		}
		if err := o.remember(a, k, string(saved.ID)); err != nil {
			return err
		}
		return o.record(a, "client.save", map[string]any{"client": saved.ID, "version": saved.Version})
	})
	return saved, err
}

func (o *op) saveClient(c client.Client) (client.Client, error) {
	loc, err := o.location()
	if err != nil {
		return client.Client{}, err
	}
	c = c.Tidy(loc.Region())
	if err := c.Check(); err != nil {
		return client.Client{}, err
	}
	was := client.Client{CreatedAt: o.now}
	if c.ID == "" {
		c.ID = o.d.ids.Client()
	} else {
		if was, err = o.client(c.ID); err != nil {
			return client.Client{}, err
		}
		if was.Version != c.Version {
			return client.Client{}, fault.New(fault.Stale, "version_mismatch",
				"Somebody else changed this client meanwhile. Look at it again before saving.").
				With("version", was.Version).With("changed", was.ChangedSince(c.Version))
		}
	}
	c = was.Edited(c, o.now)
	if err := o.clients.Put(o.tx, c); errors.Is(err, store.ErrTaken) {
		return client.Client{}, o.phoneTaken(c)
	} else if err != nil {
		return client.Client{}, err
	}
	return c, o.follow(was.Contact(), c.Contact(), loc)
}

// phoneTaken says whose a telephone number is: whoever types it wants that client.
func (o *op) phoneTaken(c client.Client) error {
	other, _, err := o.clients.First(o.tx, o.byPhone, client.PhoneKey(c.Phone))
	if err != nil {
		return err
	}
	e := fault.Invalid(fault.Field{Location: "body.phone", Message: "is another client's"})
	e.Code, e.Text = "phone_taken", "Another client has this telephone number."
	return e.With("client", other.ID)
}

// follow carries what changed about a client to their visits of today and
// later, where these said the same as before. What was is left as it was, and so
// is a visit that its client is just paying for (R13).
func (o *op) follow(was, is visit.Client, loc Location) error {
	today, _ := dayBounds(loc.Today(o.now), loc.Clock())
	for v, err := range o.visits.Where(o.tx, o.byClient, string(is.ID)) {
		if err != nil {
			return err
		}
		c := v.Client
		for _, f := range []struct {
			to       *string
			was, now string
		}{{&c.Name, was.Name, is.Name}, {&c.Phone, was.Phone, is.Phone}, {&c.Email, was.Email, is.Email}, {&c.Language, was.Language, is.Language}} {
			if *f.to == f.was {
				*f.to = f.now
			}
		}
		if c == v.Client || v.StartsAt.Before(today) || v.Blocked(o.now) {
			continue
		}
		if v, err = v.Edit(visit.Patch{Client: &c}, v.Version, o.now, o.d.ids); err != nil {
			return err
		}
		if err := o.put(v); err != nil {
			return err
		}
	}
	return nil
}
