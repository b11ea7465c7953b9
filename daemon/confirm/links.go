package confirm

import (
	"context"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
)

// handed is how long after a link was given out we ask who has opened it,
// without it being on a display. What is paid is told by the events at any time.
const handed = time.Hour

// rounds are when the last slow round of questions was made.
type rounds struct{ checkouts, links time.Time }

// lookLinks asks after all links of a provider (R37): whether they still open
// pages, and which they did. It is done at the start, since the file may come
// from a backup.
func (in *Intake) lookLinks(ctx context.Context, name string) error {
	p, open, err := in.linksAt(name)
	if err != nil || p == nil {
		return err
	}
	for _, w := range open {
		if err := in.onlyAll(w, in.lookLink(ctx, p, w)); err != nil {
			return err
		}
	}
	return nil
}

// onlyAll leaves out an error that is of one link alone, which keeps no other
// from being asked after.
func (in *Intake) onlyAll(w desk.Watched, err error) error {
	if err != nil && provider.ExtentOf(err) == provider.OfOne {
		in.log.Warn().Err(err).Str("link", string(w.ID)).Msg("link not looked up")
		return nil
	}
	return err
}

// linksAt are the links of a provider that hosts them; nil where it doesn't.
func (in *Intake) linksAt(name string) (provider.Linker, []desk.Watched, error) {
	at, _ := in.desk.Provider(name)
	p, ok := at.(provider.Linker)
	if !ok {
		return nil, nil, nil
	}
	open, err := in.desk.WatchedLinks(name)
	return p, open, err
}

func (in *Intake) lookLink(ctx context.Context, p provider.Linker, w desk.Watched) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	l, err := p.LookLink(ctx, w.Link)
	if provider.KindOf(err) == provider.NotFound {
		in.log.Error().Str("link", string(w.ID)).Msg("the provider doesn't know this link")
		return in.desk.LinkLost(w.ID)
	}
	if err != nil {
		return err
	}
	return in.visitors(ctx, p, w, l.Active)
}

// visitors asks who has opened a link.
func (in *Intake) visitors(ctx context.Context, p provider.Linker, w desk.Watched, active bool) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	sessions, err := p.LinkSessions(ctx, w.Link)
	if err != nil {
		return err
	}
	return in.desk.LinkTold(w.ID, active, sessions)
}

// watchLinks asks who has opened links: at every poll for those on a display,
// whose tablet and glass say so, and now and then for those given out lately.
func (in *Intake) watchLinks(ctx context.Context, name string, last *time.Time) error {
	p, open, err := in.linksAt(name)
	if err != nil || p == nil {
		return err
	}
	round := time.Since(*last) >= slow*8/10
	for _, w := range open {
		switch {
		case round && (w.Up || time.Since(w.Given) < handed):
			err = in.lookLink(ctx, p, w)
		case w.Up:
			err = in.visitors(ctx, p, w, true)
		}
		if err = in.onlyAll(w, err); err != nil {
			return err
		}
	}
	if round {
		*last = time.Now()
	}
	return nil
}

// linkUp tells whether a link of a provider's is on a display: somebody may
// open it at any moment (R35).
func (in *Intake) linkUp() bool {
	open, err := in.desk.WatchedLinks("")
	if err != nil {
		return true
	}
	for _, w := range open {
		if w.Up {
			return true
		}
	}
	return false
}
