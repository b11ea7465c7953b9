package relay

import (
	"context"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
)

// linkDelay is the longest pause before a link is asked for again: somebody
// stands at the desk and waits for its code.
const linkDelay = 15 * time.Second

// link makes or closes a link that the provider hosts (R37).
func (r *Relay) link(ctx context.Context, p provider.Provider, w desk.Work) error {
	linker, ok := p.(provider.Linker)
	switch {
	case !ok:
		return r.desk.LinkRefused(w.Task.ID, w.Hosted.ID, "the provider hosts no links")
	case w.Task.Value.Kind == desk.JobUnlink:
		return r.closeLink(ctx, linker, w)
	}
	return r.makeLink(ctx, linker, w)
}

// makeLink has a link made. What it came to isn't always known: it is asked for
// again with the same key, for as long as somebody wants it. A provider that has
// forgotten the key by then makes a second one, which does no harm: nobody was
// told of the first.
func (r *Relay) makeLink(ctx context.Context, p provider.Linker, w desk.Work) error {
	l, err := p.CreateLink(ctx, w.Request)
	if err == nil {
		return r.desk.LinkMade(w.Task.ID, w.Hosted.ID, l)
	}
	r.log.Warn().Err(err).Str("link", string(w.Hosted.ID)).Msg("link not made")
	if provider.KindOf(err) == provider.Refused {
		return r.desk.LinkRefused(w.Task.ID, w.Hosted.ID, err.Error())
	}
	return r.desk.LinkTrouble(w.Task.ID, w.Hosted.ID, err.Error(), min(delay(w.Task.Attempts), linkDelay))
}

// closeLink has a link closed. One that the provider doesn't know, several
// times, opens nothing.
func (r *Relay) closeLink(ctx context.Context, p provider.Linker, w desk.Work) error {
	sessions, err := p.CloseLink(ctx, w.Hosted.Link)
	if err == nil {
		return r.desk.LinkClosed(w.Task.ID, w.Hosted.ID, sessions)
	}
	r.log.Warn().Err(err).Str("link", string(w.Hosted.ID)).Msg("link not closed")
	if provider.KindOf(err) == provider.NotFound && w.Task.Attempts >= lostAfter {
		return r.desk.LinkLost(w.Hosted.ID)
	}
	return r.desk.PostponeJob(w.Task.ID, err.Error(), delay(w.Task.Attempts))
}
