// Package confirm brings in what providers say: it polls their lists of events
// and takes in their webhooks. Both end in desk.Confirm, where the inbox makes
// every fact apply once. At start-up it asks after everything that isn't
// final, and reads the events that were missed, before any code is shown.
package confirm

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/rs/zerolog"

	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

const (
	// The pauses between polls (R35): while somebody is looking at a payment,
	// while one may come, and while none is awaited.
	quick = 2 * time.Second
	brisk = 5 * time.Second
	slow  = time.Minute
	// certain is how long a payment that is under way is waited for once its
	// page is dead: most methods that take their time take minutes or days.
	certain = 10 * time.Minute
	// pageSize is how many events one request asks for, and one transaction books.
	pageSize = 100
	callTime = 15 * time.Second
)

// errGone is a provider that staff took out while it was read.
var errGone = errors.New("the provider was taken out")

// Intake reads all providers of a Desk.
type Intake struct {
	desk *desk.Desk
	log  zerolog.Logger

	mu     sync.Mutex
	states map[string]State
	rows   map[id.Checkout]row
	passed map[string]bool // those that the start-up gate needn't wait for any more
	moved  chan struct{}   // closed when one more of them has passed
}

// New returns an Intake for a Desk.
func New(d *desk.Desk, log zerolog.Logger) *Intake {
	return &Intake{desk: d, log: log, states: map[string]State{}, rows: map[id.Checkout]row{}, passed: map[string]bool{}, moved: make(chan struct{})}
}

// start repeats the start-up sync of a provider until it succeeds. What is odd
// about single checkouts is asked once more, and then left to the polls: it
// mustn't keep every code of the house from being shown. passed is called as
// soon as the start-up gate needn't wait for it.
func (in *Intake) start(ctx context.Context, name string, passed func()) bool {
	b := retry()
	for ctx.Err() == nil {
		odd, err := in.sync(ctx, name)
		if err != nil || odd == nil || !in.young(name) {
			in.note(name, err)
			if err == nil {
				passed()
				return true
			}
		}
		if in.shutOut(name, err) {
			passed()
		}
		pause(ctx, nil, max(min(b.NextBackOff(), slow), retryAfter(err)))
	}
	return false
}

// shutOut tells whether a provider that refuses our keys has nothing open:
// then no code that may be shown was paid there, and keys that were taken away
// at one provider don't keep the reception from using another.
func (in *Intake) shutOut(name string, err error) bool {
	return provider.KindOf(err) == provider.Refused && !in.owes(name)
}

// read books all events after the stored cursor, a page a transaction.
func (in *Intake) read(ctx context.Context, name string) error {
	p, ok := in.desk.Provider(name)
	if !ok {
		return errGone
	}
	if !p.Can().Events {
		return nil
	}
	for {
		cursor, err := in.desk.Cursor(name)
		if err != nil {
			return err
		}
		page, err := in.page(ctx, p, cursor)
		if err != nil {
			return err
		}
		if len(page.Events) > 0 || page.Cursor != cursor {
			if err := in.book(name, page.Events, page.Cursor); err != nil {
				return err
			}
		}
		if !page.More {
			return nil
		}
		if page.Cursor == cursor {
			return provider.Errorf(provider.Unavailable, "there are more events, and the cursor stands still")
		}
	}
}

func (in *Intake) page(ctx context.Context, p provider.Provider, cursor string) (provider.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return p.Events(ctx, cursor, pageSize)
}

func (in *Intake) book(name string, events []provider.Event, cursor string) error {
	for _, e := range events {
		if e.Refund == nil && e.Dispute == nil && e.Session.Status == provider.Unknown {
			in.log.Error().Str("provider", name).Str("event", e.ID).Msg("unknown status: not a payment, look it up at the provider")
		}
	}
	return in.desk.Confirm(name, events, cursor)
}

// news is what one poll brings: the events, or of a provider that lists none,
// what has become of each open checkout. Where the events don't tell of
// checkouts that end unpaid, those are asked after as well, once in a while:
// last is when that was last done.
func (in *Intake) news(ctx context.Context, name string, last *rounds) error {
	p, ok := in.desk.Provider(name)
	if ok && !p.Can().Events {
		_, err := in.lookAll(ctx, name)
		return err
	}
	if err := in.read(ctx, name); err != nil || !ok {
		return err
	}
	if err := in.watchLinks(ctx, name, &last.links); err != nil || !p.Can().EndsUntold || time.Since(last.checkouts) < slow*8/10 {
		return err
	}
	if _, err := in.lookAll(ctx, name); err != nil {
		return err
	}
	last.checkouts = time.Now()
	return nil
}

// poll reads for ever: quickly while a page can be paid, slowly otherwise.
func (in *Intake) poll(ctx context.Context, name string) {
	b, last := retry(), rounds{time.Now(), time.Now()}
	for in.rest(ctx) {
		for ctx.Err() == nil {
			err := in.news(ctx, name, &last)
			in.note(name, err)
			if err == nil {
				b.Reset()
				break
			}
			in.log.Warn().Err(err).Str("provider", name).Msg("events not read")
			pause(ctx, nil, max(min(b.NextBackOff(), slow), retryAfter(err)))
		}
	}
}

// rest waits for the next poll; what changes meanwhile may bring it nearer.
func (in *Intake) rest(ctx context.Context) bool {
	begun, spread := time.Now(), rand.Float64()
	for ctx.Err() == nil {
		changed := in.desk.Changed()
		next := in.pace(time.Now())
		if next == quick {
			changed = nil // it can't come nearer: a busy desk isn't asked at every commit
		}
		if left := time.Until(begun.Add(jitter(next, spread))); left <= 0 || !pause(ctx, changed, left) {
			break
		}
	}
	return ctx.Err() == nil
}

// pace is how soon after the last poll the next is due: quickly where a client
// or staff look at a screen for it, briskly as long as any page can be paid,
// since its block is over long before that. Who opens a link that the provider
// hosts is learnt by asking alone, so one on a display is asked after quickly.
func (in *Intake) pace(now time.Time) time.Duration {
	if in.linkUp() {
		return quick
	}
	open, err := in.desk.Unsettled()
	if err != nil {
		return quick
	}
	next := slow
	for _, c := range open {
		switch {
		case now.Before(c.BlockUntil), c.State == visit.Cancelling:
			return quick
		case now.Before(awaited(c)):
			next = brisk
			if up, err := in.desk.OnShow(); err != nil || up[c.Visit] != "" {
				return quick
			}
		}
	}
	return next
}

// awaited is until when a checkout's payment is likely to come: while its page
// lives, and a little for the news of it; a payment under way takes longer.
func awaited(c visit.Checkout) time.Time {
	if c.State == visit.Processing {
		return c.ExpiresAt.Add(certain)
	}
	return c.ExpiresAt.Add(slow)
}

func retry() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 250*time.Millisecond, slow
	return b
}

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*provider.Error](err); ok {
		return min(e.RetryAfter, 10*time.Minute)
	}
	return 0
}

// jitter spreads a pause by a tenth, so that many daemons don't ask at once.
func jitter(d time.Duration, spread float64) time.Duration {
	return d + time.Duration((spread-0.5)*0.2*float64(d))
}

// pause waits for d, or for changed; it tells whether changed ended it.
func pause(ctx context.Context, changed <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-changed:
		return true
	case <-t.C:
	}
	return false
}
