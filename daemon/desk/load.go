package desk

import (
	"maps"
	"sync"
)

// Load is how much waits to be done: numbers alone, and nothing of whom it is about.
type Load struct {
	// Open are the checkouts that aren't final, by provider; one that has none is left out.
	Open map[string]int
	// Jobs are what is to be done outside, Retried those of them that failed
	// before and are tried again.
	Jobs, Retried map[JobKind]int
	Deliveries    int // messages in the outbox
	Attention     int // what staff have to deal with
	Displays      int // that are paired
}

// JobKinds lists every kind of job.
func JobKinds() []JobKind { return []JobKind{JobCreate, JobCancel, JobRefund, JobFiscal} }

// Load counts what waits, in one look at the store.
func (d *Desk) Load() (l Load, err error) {
	l = Load{Open: map[string]int{}, Jobs: map[JobKind]int{}, Retried: map[JobKind]int{}}
	err = d.view(func(o *op) error {
		for c, err := range o.checkouts.Prefix(o.tx, o.byOpen, "") {
			if err != nil {
				return err
			}
			l.Open[c.Provider]++
		}
		for job, err := range o.jobs.All(o.tx) {
			if err != nil {
				return err
			}
			l.Jobs[job.Value.Kind]++
			if job.LastError != "" {
				l.Retried[job.Value.Kind]++
			}
		}
		for _, err := range o.outbox.All(o.tx) {
			if err != nil {
				return err
			}
			l.Deliveries++
		}
		return o.loadOfPeople(&l)
	})
	return l, err
}

// loadOfPeople counts what waits for staff, and the displays that they paired.
func (o *op) loadOfPeople(l *Load) error {
	for _, err := range o.attention.All(o.tx) {
		if err != nil {
			return err
		}
		l.Attention++
	}
	for _, err := range o.displays.All(o.tx) {
		if err != nil {
			return err
		}
		l.Displays++
	}
	return nil
}

// Way is how the word of a payment came.
type Way string

// The ways of a provider's word: in its list of events or its webhook, or as
// the answer when it was asked about one checkout.
const (
	Polled   Way = "poll"
	Hooked   Way = "webhook"
	LookedUp Way = "lookup"
)

// Ways lists every way.
func Ways() []Way { return []Way{Polled, Hooked, LookedUp} }

// Told is a provider and the way of its word.
type Told struct {
	Provider string
	Way      Way
}

// tally counts the payments that were booked since the start, by who told of
// them and how. It is for watching: the ledger has the money.
type tally struct {
	mu     sync.Mutex
	booked map[Told]uint64
}

func (t *tally) add(way Way, providers []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.booked == nil {
		t.booked = map[Told]uint64{}
	}
	for _, name := range providers {
		t.booked[Told{name, way}]++
	}
}

// Booked returns how many payments were booked since the start, by the provider
// that confirmed them and the way its word came.
func (d *Desk) Booked() map[Told]uint64 {
	d.tally.mu.Lock()
	defer d.tally.mu.Unlock()
	return maps.Clone(d.tally.booked)
}

// hear is an update that takes in a provider's word. What it booked is counted
// once it is committed.
func (d *Desk) hear(way Way, fn func(*op) error) error {
	var booked []string
	err := d.update(func(o *op) error {
		err := fn(o)
		booked = o.booked
		return err
	})
	if err == nil {
		d.tally.add(way, booked)
	}
	return err
}
