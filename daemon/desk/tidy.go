package desk

import (
	"strings"
	"time"

	"countersign/store"
)

// How long is kept what only grows. Whoever follows the changes must not be
// away for longer than keepChanges; a request is not repeated after keepKeys;
// and no provider repeats an event after keepEvents. That a payment was booked
// is remembered for ever.
const (
	keepChanges = 60 * 24 * time.Hour
	keepKeys    = 7 * 24 * time.Hour
	keepEvents  = 180 * 24 * time.Hour
)

// tidyStep is how much one transaction removes: others wait for it.
const tidyStep = 500

// Tidy removes what is no longer needed, a little at a time, and tells whether
// there is more.
func (d *Desk) Tidy() (more bool, err error) {
	err = d.update(func(o *op) error {
		n, err := o.tidyChanges()
		if err != nil {
			return err
		}
		for _, step := range []func(int) (int, error){o.tidyKeys, o.tidyInbox, o.tidyMessages} {
			m, err := step(tidyStep - n)
			if err != nil {
				return err
			}
			n += m
		}
		if more = n >= tidyStep; n == 0 {
			return errUnchanged
		}
		return nil
	})
	return more, err
}

func (o *op) tidyChanges() (int, error) {
	entries, err := o.changes.After(o.tx, 0, tidyStep)
	if err != nil {
		return 0, err
	}
	var upTo uint64
	for _, e := range entries {
		if e.Value.At.After(o.now.Add(-keepChanges)) {
			break
		}
		upTo = e.Seq
	}
	if upTo == 0 {
		return 0, nil
	}
	return o.changes.Forget(o.tx, upTo, tidyStep)
}

func (o *op) tidyKeys(limit int) (int, error) {
	return drop(o, o.keys, limit, func(k keyRecord) (string, bool) { return k.Key, k.At.Before(o.now.Add(-keepKeys)) })
}

func (o *op) tidyInbox(limit int) (int, error) {
	return drop(o, o.inbox, limit, func(r receipt) (string, bool) {
		return r.Key, strings.Contains(r.Key, "/event/") && r.At.Before(o.now.Add(-keepEvents))
	})
}

// drop deletes the records of a collection that are old, up to limit.
func drop[V any](o *op, from *store.Collection[string, V], limit int, old func(V) (key string, drop bool)) (int, error) {
	n := 0
	for v, err := range from.All(o.tx) {
		if err != nil {
			return n, err
		}
		if n >= limit {
			break
		}
		key, gone := old(v)
		if !gone {
			continue
		}
		if err := from.Delete(o.tx, key); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
