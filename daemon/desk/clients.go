package desk

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/client"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
	"countersign/store"
)

// phone writes a number as E.164 where it is one, and leaves it as typed where
// it isn't: a visit isn't lost for a number that nobody can call.
func (l Location) phone(typed string) string {
	if e164, ok := client.Phone(typed, l.Country); ok {
		return e164
	}
	return typed
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
	filled.Version, filled.UpdatedAt = rec.Version+1, o.now
	return c, o.clients.Put(o.tx, filled)
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
	return was.Email != "" && client.EmailKey(was.Email) == client.EmailKey(is.Email)
}

// ClientQuery asks for clients by the words of Q: names, a number or its last
// digits, an address. Limit is 50 when 0, at most 500.
type ClientQuery struct {
	Q, Cursor string
	Limit     int
}

// Clients lists clients by name, and the cursor of the next page ("" at the end).
func (d *Desk) Clients(a access.Actor, q ClientQuery) (found []client.Client, next string, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, "", err
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, 500)
	err = d.view(func(o *op) error {
		found, err = o.findClients(queryWords(q.Q))
		return err
	})
	slices.SortFunc(found, func(a, b client.Client) int { return cmp.Compare(clientOrder(a), clientOrder(b)) })
	from, _ := slices.BinarySearchFunc(found, q.Cursor, func(c client.Client, at string) int { return cmp.Compare(clientOrder(c), at) })
	found = found[from:]
	if len(found) > q.Limit {
		next = clientOrder(found[q.Limit])
		found = found[:q.Limit]
	}
	return found, next, err
}

func clientOrder(c client.Client) string { return strings.ToLower(c.Name) + "/" + string(c.ID) }

// mostFound bounds how many clients a search looks at: who types one letter
// wants to see that there are many, not all of them.
const mostFound = 2000

// findClients returns the clients that have every word, all of them for none.
func (o *op) findClients(words []string) (found []client.Client, err error) {
	walk := o.clients.All(o.tx)
	if len(words) > 0 {
		walk = o.clients.Prefix(o.tx, o.byName, slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) }))
	}
	seen := map[id.Client]bool{}
	for c, err := range walk {
		if err != nil {
			return nil, err
		}
		if seen[c.ID] || !hasAll(client.Words(&c), words) {
			continue
		}
		seen[c.ID] = true
		if found = append(found, c); len(words) > 0 && len(found) == mostFound {
			break
		}
	}
	return found, nil
}

func hasAll(has, wanted []string) bool {
	for _, w := range wanted {
		if !slices.ContainsFunc(has, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
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
	c = c.Tidy(loc.Country)
	if err := c.Check(); err != nil {
		return client.Client{}, err
	}
	c.CreatedAt = o.now
	if c.ID != "" {
		was, err := o.client(c.ID)
		if err != nil {
			return client.Client{}, err
		}
		if was.Version != c.Version {
			return client.Client{}, fault.New(fault.Stale, "version_mismatch",
				"Somebody else changed this client meanwhile. Look at it again before saving.").With("version", was.Version)
		}
		c.CreatedAt = was.CreatedAt
	} else {
		c.ID = o.d.ids.Client()
	}
	c.Version, c.UpdatedAt = c.Version+1, o.now
	err = o.clients.Put(o.tx, c)
	if errors.Is(err, store.ErrTaken) {
		e := fault.Invalid(fault.Field{Location: "body.phone", Message: "is another client's"})
		e.Code, e.Text = "phone_taken", "Another client has this telephone number."
		return client.Client{}, e
	}
	return c, err
}

// ClientVisits lists a client's visits, newest first.
func (d *Desk) ClientVisits(a access.Actor, which id.Client) (found []visit.Visit, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		for v, err := range o.visits.Where(o.tx, o.byClient, string(which)) {
			if err != nil {
				return err
			}
			found = append(found, v)
		}
		return nil
	})
	slices.SortFunc(found, func(a, b visit.Visit) int { return b.StartsAt.Compare(a.StartsAt) })
	return found, err
}

// ClientBalance lists what changed a client's points, cashback and deposit,
// newest first.
func (d *Desk) ClientBalance(a access.Actor, which id.Client) (found []ledger.Entry, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		for p, err := range o.payments.Where(o.tx, o.byOwing, string(which)) {
			if err != nil {
				return err
			}
			e, err := o.entry(p)
			if err != nil {
				return err
			}
			found = append(found, e)
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b ledger.Entry) int { return b.ReceivedAt.Compare(a.ReceivedAt) })
	return found, err
}
