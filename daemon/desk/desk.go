// Package desk holds the operations of the reception: what staff, clients and
// providers can make happen to visits, links, checkouts, scenes and money. One
// operation is one store transaction, with one Now; whatever has to be done
// outside (at a provider) is queued as a job in that same transaction and
// carried out by package relay. Changes are appended to a log that every
// screen reads by cursor, so nobody is told of anything that isn't committed.
//
// Layout of the package:
//
//	desk.go      the Desk, transactions, audit
//	disk.go      every record that is kept, and its indexes
//	change.go    the log of changes and the live steps made from it
//	visits.go    create; findvisits.go lists and searches them
//	edit.go      edits of a visit
//	link.go      the payment link and the client's page
//	checkout.go  opening a link, the block
//	jobs.go      what is to be done at a provider
//	confirm.go   the provider's word: Confirm
//	paid.go      what a confirmed payment books, and what follows
//	refund.go    refunds by staff, through a provider or by hand
//	refunded.go  refunds that a provider reports
//	giveback.go  how much can go back, and which cards it ends
//	takenback.go what it takes back that nobody here asked for
//	dispute.go   payments that a client's bank wants back
//	wonback.go   money that it gives back after all
//	answers.go   the provider's answers to jobs, and what is still open
//	post.go      the one way into the ledger, and what is derived from it
//	fiscal.go    receipts at the fiscal device; fiscaljob.go their attempts
//	payment.go   manual payments and the list of the ledger
//	clients.go   clients, and how a visit finds its own; findclients.go lists them
//	balance.go   what clients hold: points, cashback, deposits
//	cards.go     gift cards and memberships that were issued
//	cover.go     memberships that pay for services
//	fulfil.go    what a paid visit hands out
//	hosting.go   the visit's link at a provider that hosts it
//	hosted.go    what the provider says of it; visitor.go who opened it
//	settled.go   whether money may still come before something is changed
//	scene.go     show and hide; draw.go what a display shows now
//	stock.go     what is on the shelf, and every movement of it
//	screens.go   displays, and the Desk as their hub sees it
//	people.go    staff, PINs, tokens, sessions
//	settings.go  location; places.go its desks; logo.go what is printed of it
//	catalogue.go what is sold, and how it is taxed
//	shortage.go  lines for more than is on hand
//	items.go     finding what is sold
//	import.go    a whole catalogue in and out
//	report.go    sums over payments
//	drawer.go    counts of the cash drawer
//	delivery.go  messages to clients, and how far they are
//	receipt.go   receipts that staff send
//	outbox.go    what is still to be sent, and how an attempt ended
//	accounts.go  the payment providers that staff set up; companies.go those that can be asked
//	load.go      how much waits, and what was booked, in numbers
//	subscribers.go other software that is told of events; messages.go what it was told
//	feed.go      the next message of each; feedend.go how an attempt ended
//	tidy.go      the removal of what only grows
//	verify.go    the invariants, held against a whole file
package desk

import (
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/fiscal"
	"countersign/daemon/id"
	"countersign/daemon/notify"
	"countersign/daemon/provider"
	"countersign/store"
)

// Config is what a Desk works on.
type Config struct {
	DB  *store.DB
	IDs *id.Source
	// Providers by name, those that are there from the start; Default names the
	// one that new checkouts go to until staff choose another.
	Providers map[string]provider.Provider
	Default   string
	// Titles are the companies' names as they write themselves, by the kind of
	// provider; one that is missing is written with a capital.
	Titles map[string]string
	// Fiscal registers receipts (R24); nil where none has to be.
	Fiscal fiscal.Device
	// Senders by the channel that they send by; one that is missing isn't used.
	Senders map[notify.Channel]notify.Sender
	// PublicURL is the address that phones reach, without a final slash.
	// A location may override it.
	PublicURL func() string
	// PrivateReceivers lets other software that is told of events be in the
	// salon's own network, and be spoken to by plain HTTP.
	PrivateReceivers bool
	// ProviderLinks lets codes carry the provider's own links, where it hosts
	// any, for a place that phones can't reach (R37).
	ProviderLinks bool
}

// Desk carries out operations. It is safe for concurrent use: the store
// serialises writers, and a Desk keeps no state but the start-up gate, the
// providers that can be asked and counts for whoever watches.
type Desk struct {
	db  *store.DB
	on  *disk
	ids *id.Source
	cfg Config
	// devices and persons count wrong PINs by where and at whom they were
	// tried, codes wrong gift card codes (R39).
	devices *access.Limiter
	persons *access.Limiter
	codes   *access.Limiter
	synced  atomic.Bool

	companies *companies
	tally     tally
}

// New returns a Desk over an open store. Its displays show no code until
// Synced was called: what happened while the daemon was away is learnt first.
func New(cfg Config) *Desk {
	return &Desk{
		db:      cfg.DB,
		on:      newDisk(),
		ids:     cfg.IDs,
		cfg:     cfg,
		devices: access.NewLimiter(deviceFree, deviceMost, pinWindow),
		persons: access.NewLimiter(personFree, personMost, pinWindow),
		codes:   access.NewLimiter(10, 50, time.Hour),

		companies: newCompanies(cfg.Providers),
	}
}

// Synced opens the start-up gate: every provider was asked what it knows, so
// codes may be shown.
func (d *Desk) Synced() { d.synced.Store(true) }

// IsSynced tells whether the start-up gate is open.
func (d *Desk) IsSynced() bool { return d.synced.Load() }

// Changed returns a channel that closes at the next commit. Take it before
// reading, so that nothing falls between the reading and the waiting.
func (d *Desk) Changed() <-chan struct{} { return d.db.Changed() }

// op is one operation inside its transaction.
type op struct {
	*disk
	tx  *store.Tx
	d   *Desk
	now time.Time
	loc *Location
	// booked are the providers on whose word this operation booked a payment.
	booked []string
}

// errUnchanged ends an operation that found nothing to write: it is rolled
// back, so that nobody is woken, and succeeds.
var errUnchanged = errors.New("nothing to write")

func (d *Desk) update(fn func(*op) error) error {
	err := d.db.Update(func(tx *store.Tx) error {
		return fn(&op{disk: d.on, tx: tx, d: d, now: tx.Now()})
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// rehearse does an operation and takes it back: whether it would be let
// through is found out by nothing else than the operation itself.
func (d *Desk) rehearse(fn func(*op) error) error {
	return d.update(func(o *op) error {
		if err := fn(o); err != nil {
			return err
		}
		return errUnchanged
	})
}

func (d *Desk) view(fn func(*op) error) error {
	return d.db.View(func(tx *store.Tx) error {
		return fn(&op{disk: d.on, tx: tx, d: d, now: tx.Now()})
	})
}

// Audit is one line of the audit log: an act that moved money or changed
// rights, who did it, when and from which device.
type Audit struct {
	At     time.Time       `json:"at"`
	Staff  id.Staff        `json:"staff"`
	Name   string          `json:"name"`
	Device string          `json:"device"`
	Token  string          `json:"token,omitempty"` // of a program: names may repeat
	Act    string          `json:"act"`
	Detail json.RawMessage `json:"detail,omitempty"`
}

func (o *op) record(a access.Actor, act string, detail any) error {
	b, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	_, err = o.audit.Append(o.tx, Audit{At: o.now, Staff: a.Staff, Name: a.Name, Device: a.Device, Token: a.Token, Act: act, Detail: b})
	return err
}

// AuditLog returns up to limit lines of the audit log after a sequence number,
// oldest first (R38).
func (d *Desk) AuditLog(a access.Actor, after uint64, limit int) (lines []store.Entry[Audit], err error) {
	if err := a.Need(access.StaffManage); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		lines, err = o.audit.After(o.tx, after, limit)
		return err
	})
	return lines, err
}

// Key is the idempotency key of a request and a hash of what it asked. The
// zero Key asks for no idempotency.
type Key struct {
	Value string
	Hash  string
}

// keyRecord remembers which answer a key was given.
type keyRecord struct {
	Key    string    `json:"key"`
	Hash   string    `json:"hash"`
	Result string    `json:"result"`
	At     time.Time `json:"at"`
}

func (a keyScope) id(k Key) string { return string(a) + "/" + k.Value }

// keyScope keeps the keys of one caller apart from those of another.
type keyScope string

func scopeOf(a access.Actor) keyScope {
	if a.Token != "" {
		return keyScope("token:" + a.Token)
	}
	return keyScope("staff:" + string(a.Staff))
}

// repeated answers an earlier request with the same key, or refuses a key that
// was used for something else.
func (o *op) repeated(a access.Actor, k Key) (result string, ok bool, err error) {
	if k.Value == "" {
		return "", false, nil
	}
	rec, ok, err := o.keys.Get(o.tx, scopeOf(a).id(k))
	if err != nil || !ok {
		return "", false, err
	}
	if rec.Hash != k.Hash {
		return "", false, fault.New(fault.Unprocessable, "idempotency_key_reused",
			"This Idempotency-Key was used before for another request.")
	}
	return rec.Result, true, nil
}

func (o *op) remember(a access.Actor, k Key, result string) error {
	if k.Value == "" {
		return nil
	}
	return o.keys.Put(o.tx, keyRecord{Key: scopeOf(a).id(k), Hash: k.Hash, Result: result, At: o.now})
}

// once makes something and remembers what by the key of the request, or reads
// again what an earlier request with the key has made.
func (d *Desk) once(a access.Actor, k Key, make func(*op) (string, error), again func(*op, string) error) error {
	return d.update(func(o *op) error {
		before, ok, err := o.repeated(a, k)
		if err != nil {
			return err
		}
		if ok {
			return again(o, before)
		}
		result, err := make(o)
		if err != nil {
			return err
		}
		return o.remember(a, k, result)
	})
}
