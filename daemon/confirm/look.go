package confirm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

const (
	// enough and spell are how often, and for how long, a provider has to say
	// the same odd thing of one checkout before it is believed.
	enough = 3
	spell  = 3 * time.Second
)

// row are the look-ups of one checkout, one after another, that brought nothing.
type row struct {
	provider string
	since    time.Time
	failed   int
	missed   int // of those, the answers that there is no such checkout
}

// young tells whether it may be a moment's fault.
func (r row) young() bool { return r.failed < enough || time.Since(r.since) < spell }

// young tells whether asking once more may mend what is odd at a provider.
func (in *Intake) young(name string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, r := range in.rows {
		if r.provider == name && r.young() {
			return true
		}
	}
	return false
}

// sync asks after every checkout that isn't final and every link that may be
// paid through, and catches up with the events whatever came of that: they tell
// of all the others. odd and err are lookAll's, and err is that of the links and
// the events too.
func (in *Intake) sync(ctx context.Context, name string) (odd, err error) {
	odd, err = in.lookAll(ctx, name)
	if retryAfter(err) > 0 {
		return odd, err
	}
	return odd, errors.Join(err, in.lookLinks(ctx, name), in.read(ctx, name))
}

// lookAll asks after every checkout of a provider that isn't final. odd is what
// can't be learnt of single ones, which keeps no other from being asked after;
// err is the provider's own trouble, or ours.
func (in *Intake) lookAll(ctx context.Context, name string) (odd, err error) {
	p, ok := in.desk.Provider(name)
	if !ok {
		return nil, errGone
	}
	open, err := in.waiting(name)
	if err != nil {
		return nil, err
	}
	well := p.Can().Events || len(open) == 0 // by the events it is known how the provider is
	for _, c := range open {
		err := in.ask(ctx, p, c)
		if err != nil && provider.ExtentOf(err) == provider.OfAll {
			return odd, err
		}
		if err != nil {
			odd = errors.Join(odd, fmt.Errorf("checkout %s: %w", c.ID, err))
		}
		well = well || err == nil || provider.ExtentOf(err) == provider.OfOne
	}
	if !well {
		return odd, odd
	}
	return odd, nil
}

// waiting are the checkouts of a provider that aren't final. Those that could
// not be looked up the last time come last, so that whatever ends a round has
// kept none of the others from its turn.
func (in *Intake) waiting(name string) ([]visit.Checkout, error) {
	open, err := in.desk.Unsettled()
	if err != nil {
		return nil, err
	}
	open = slices.DeleteFunc(open, func(c visit.Checkout) bool { return c.Provider != name || c.Session == "" })
	in.mu.Lock()
	defer in.mu.Unlock()
	for which, r := range in.rows {
		if r.provider == name && !slices.ContainsFunc(open, func(c visit.Checkout) bool { return c.ID == which }) {
			delete(in.rows, which)
		}
	}
	slices.SortStableFunc(open, func(a, b visit.Checkout) int { return cmp.Compare(in.rows[a.ID].failed, in.rows[b.ID].failed) })
	return open, nil
}

// ask looks a checkout up. One that its provider said several times it doesn't
// know is lost: a single such answer may come of a part of the provider that
// is a moment behind, and ending a page that can be paid would let a second one
// be opened.
func (in *Intake) ask(ctx context.Context, p provider.Provider, c visit.Checkout) error {
	err := in.look(ctx, p, c)
	r := in.count(c, err)
	if provider.KindOf(err) != provider.NotFound || r.missed < enough || r.young() {
		return err
	}
	in.log.Error().Str("checkout", string(c.ID)).Msg("the provider doesn't know this checkout")
	return in.desk.Lost("", c.ID)
}

// count keeps how often a checkout could not be looked up in a row.
func (in *Intake) count(c visit.Checkout, err error) row {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err == nil {
		delete(in.rows, c.ID)
		return row{}
	}
	r, known := in.rows[c.ID]
	if !known {
		r = row{provider: c.Provider, since: time.Now()}
		in.log.Warn().Err(err).Str("checkout", string(c.ID)).Msg("checkout not looked up")
	}
	r.failed++
	if provider.KindOf(err) == provider.NotFound {
		r.missed++
	}
	in.rows[c.ID] = r
	return r
}

// look books what has become of a checkout. One that the provider doesn't know
// by its own id is looked for by ours.
func (in *Intake) look(ctx context.Context, p provider.Provider, c visit.Checkout) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	s, err := p.Look(ctx, c.Session)
	if provider.KindOf(err) == provider.NotFound {
		s, err = p.Find(ctx, string(c.ID))
	}
	if err != nil {
		return err
	}
	return in.desk.Looked(c.Provider, s)
}
