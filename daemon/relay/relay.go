// Package relay carries out the jobs that operations queued: it creates and
// cancels checkouts at their providers, and (courier.go) sends messages. An attempt and the time of the next
// one are stored before the provider is called, and the result is a
// transaction of its own, so a crash anywhere repeats a call at most with the
// same idempotency key, and never at once.
package relay

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/rs/zerolog"

	"countersign/daemon/desk"
	"countersign/daemon/fiscal"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

const (
	// callTime bounds one call; retryTime, when a job is due again if its
	// result was never stored, must be longer.
	callTime  = 15 * time.Second
	retryTime = 20 * time.Second
	// giveUpTime is how long a create whose outcome is unknown is repeated:
	// after it, the client has gone, and opening the link makes a new one.
	giveUpTime = 2 * time.Minute
	// forgotten is how often a refund is looked at whose key is too old to ask with.
	forgotten = 24 * time.Hour
	// lostAfter is how often a provider says that it doesn't know a checkout
	// before it is believed: a few seconds.
	lostAfter = 3
	// together is how many jobs of a lane are carried out at once.
	together = 8
)

// Relay carries out the jobs of one Desk.
type Relay struct {
	desk *desk.Desk
	log  zerolog.Logger
}

// New returns a Relay for a Desk.
func New(d *desk.Desk, log zerolog.Logger) *Relay { return &Relay{desk: d, log: log} }

// Run carries out jobs as they fall due, until ctx ends; it returns once the
// last one has stored its result.
func (r *Relay) Run(ctx context.Context) error {
	return loop{log: r.log, together: together, changed: r.desk.Changed,
		due: func(limit int) ([]task, time.Time, error) {
			due, next, err := r.desk.DueJobs(limit)
			return tasks(due, desk.Job.Lane), next, err
		},
		take: func(job string) (func(context.Context) error, error) {
			w, ok, err := r.desk.TakeJob(job, retryTime)
			if err != nil || !ok {
				return nil, err
			}
			return func(ctx context.Context) error { return r.act(ctx, w) }, nil
		}}.run(ctx)
}

func (r *Relay) act(ctx context.Context, w desk.Work) error {
	if w.Task.Value.Kind == desk.JobFiscal {
		return r.register(ctx, w)
	}
	p, ok := r.desk.Provider(w.Task.Value.Provider)
	if !ok && w.Task.Value.Kind == desk.JobLink {
		return r.desk.LinkTrouble(w.Task.ID, w.Hosted.ID, "provider is not configured", linkDelay)
	}
	if !ok && w.Task.Value.Kind == desk.JobRefund {
		return r.desk.RefundIdle(w.Task.ID, "provider is not configured", delay(w.Task.Attempts))
	}
	if !ok {
		return r.desk.PostponeJob(w.Task.ID, "provider is not configured", delay(w.Task.Attempts))
	}
	switch w.Task.Value.Kind {
	case desk.JobCancel:
		return r.cancel(ctx, p, w)
	case desk.JobRefund:
		return r.refund(ctx, p, w)
	case desk.JobLink, desk.JobUnlink:
		return r.link(ctx, p, w)
	}
	if w.Task.Attempts > 1 || w.Checkout.State == visit.CreateUnknown {
		return r.find(ctx, p, w)
	}
	return r.create(ctx, p, w)
}

func (r *Relay) create(ctx context.Context, p provider.Provider, w desk.Work) error {
	s, err := p.Create(ctx, w.Request)
	if err == nil {
		return r.desk.Answered(w.Task.ID, w.Checkout.ID, s)
	}
	r.log.Warn().Err(err).Str("checkout", string(w.Checkout.ID)).Msg("checkout not created")
	if provider.KindOf(err) == provider.Unclear {
		return r.desk.Unclear(w.Task.ID, w.Checkout.ID, err.Error(), max(time.Second, wish(err)))
	}
	return r.desk.NotCreated(w.Task.ID, w.Checkout.ID, provider.SaidBy(err))
}

// find looks up by our reference whether an earlier attempt made the checkout.
// Only when the provider says that it did not is it made, with the same key; a
// provider that can't look up is asked again with that key at once.
func (r *Relay) find(ctx context.Context, p provider.Provider, w desk.Work) error {
	if !p.Can().Find {
		return r.repeat(ctx, p, w)
	}
	s, err := p.Find(ctx, string(w.Checkout.ID))
	switch {
	case err == nil:
		return r.desk.Answered(w.Task.ID, w.Checkout.ID, s)
	case provider.KindOf(err) != provider.NotFound:
		return r.desk.PostponeJob(w.Task.ID, err.Error(), patience(w.Task.Attempts, err))
	case time.Since(w.Checkout.Created) > giveUpTime:
		return r.desk.NotCreated(w.Task.ID, w.Checkout.ID, "the provider never made it")
	}
	return r.create(ctx, p, w)
}

// repeat asks for a checkout again that may have been made. A refusal doesn't
// always tell what became of the first attempt (a key may just have been taken
// away), so it counts only once it has stayed for a while.
func (r *Relay) repeat(ctx context.Context, p provider.Provider, w desk.Work) error {
	s, err := p.Create(ctx, w.Request)
	switch {
	case err == nil:
		return r.desk.Answered(w.Task.ID, w.Checkout.ID, s)
	case provider.KindOf(err) == provider.Refused && time.Since(w.Checkout.Created) > giveUpTime:
		return r.desk.NotCreated(w.Task.ID, w.Checkout.ID, provider.SaidBy(err))
	}
	return r.desk.PostponeJob(w.Task.ID, err.Error(), patience(w.Task.Attempts, err))
}

func (r *Relay) cancel(ctx context.Context, p provider.Provider, w desk.Work) error {
	s, err := p.Cancel(ctx, w.Checkout.Session)
	if provider.KindOf(err) == provider.Refused {
		// It may be over already: only its state now says what it came to.
		s, err = p.Look(ctx, w.Checkout.Session)
	}
	if provider.KindOf(err) == provider.NotFound {
		return r.missing(ctx, p, w)
	}
	if err != nil {
		r.log.Warn().Err(err).Str("checkout", string(w.Checkout.ID)).Msg("checkout not cancelled")
		return r.desk.PostponeJob(w.Task.ID, err.Error(), patience(w.Task.Attempts, err))
	}
	return r.desk.Answered(w.Task.ID, w.Checkout.ID, s)
}

// refund asks for a refund. Whatever its outcome is not known is asked again
// with the same key, which never gives back twice.
func (r *Relay) refund(ctx context.Context, p provider.Provider, w desk.Work) error {
	if life := p.Can().KeyLife; life > 0 && time.Since(w.Asked) > life {
		r.log.Error().Str("refund", w.Refund.Key).Msg("nobody tells how a refund ended: look it up at the provider, asking again could give it back twice")
		return r.desk.RefundUnsure(w.Task.ID, "the provider may have forgotten the key of this refund: look it up there", forgotten)
	}
	made, err := p.Refund(ctx, w.Refund)
	if err == nil {
		return r.desk.RefundAnswered(w.Task.ID, made)
	}
	r.log.Warn().Err(err).Str("refund", w.Refund.Key).Msg("refund not made")
	switch kind := provider.KindOf(err); {
	case kind == provider.Unavailable:
		return r.desk.RefundIdle(w.Task.ID, err.Error(), patience(w.Task.Attempts, err))
	case !w.Unsure && (kind == provider.Refused || kind == provider.NotFound),
		kind == provider.Refused && provider.ExtentOf(err) == provider.OfOne: // said of this refund, whose key it knows
		return r.desk.RefundRefused(w.Task.ID, provider.SaidBy(err))
	}
	// Any other refusal (a key may just have been taken away) doesn't tell what
	// became of the attempts before it.
	return r.desk.RefundUnsure(w.Task.ID, err.Error(), patience(w.Task.Attempts, err))
}

// missing asks by our reference for a checkout that its provider doesn't know
// by its own id. One that it knows by neither, several times, is lost: its
// visit must not wait for it for ever.
func (r *Relay) missing(ctx context.Context, p provider.Provider, w desk.Work) error {
	s, err := p.Find(ctx, string(w.Checkout.ID))
	switch {
	case err == nil:
		return r.desk.Answered(w.Task.ID, w.Checkout.ID, s)
	case provider.KindOf(err) == provider.NotFound && w.Task.Attempts >= lostAfter:
		r.log.Error().Str("checkout", string(w.Checkout.ID)).Msg("the provider doesn't know this checkout")
		return r.desk.Lost(w.Task.ID, w.Checkout.ID)
	}
	return r.desk.PostponeJob(w.Task.ID, err.Error(), patience(w.Task.Attempts, err))
}

// delay is how long to wait after a number of failed attempts: a second,
// growing to five minutes, with jitter.
func delay(attempts int) time.Duration {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.MaxInterval = time.Second, 2, 5*time.Minute
	d := b.InitialInterval
	for range min(attempts, 12) {
		d = b.NextBackOff()
	}
	return d
}

// patience is how long to wait after a number of attempts of which the last
// failed with err: what it asks for, where that is longer (R35).
func patience(attempts int, err error) time.Duration { return max(delay(attempts), wish(err)) }

// wish is how long a provider or a device asks to be left alone, an hour at
// most: people wait for what comes of it.
func wish(err error) time.Duration {
	if e, ok := errors.AsType[*provider.Error](err); ok {
		return min(e.RetryAfter, time.Hour)
	}
	if e, ok := errors.AsType[*fiscal.Error](err); ok {
		return min(e.RetryAfter, time.Hour)
	}
	return 0
}
