package confirm

import (
	"context"
	"sync"

	"countersign/daemon/provider"
)

// reader is a provider that is being read.
type reader struct {
	of   provider.Provider
	stop context.CancelFunc
}

// Run syncs every provider, opens the start-up gate once those that are there
// from the start are read and none is missing that matters, and polls until ctx
// ends. A provider that staff set
// up later, or whose keys they change, is read from then on; one that they
// take out isn't asked any more.
func (in *Intake) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	reading := map[string]reader{}
	for first := true; ctx.Err() == nil; first = false {
		names, changed := in.desk.Providers()
		in.end(reading)
		in.begin(ctx, reading, names, &all)
		if first {
			all.Go(func() { in.await(ctx, names); in.opened(ctx) })
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
	return nil
}

// end stops reading the providers that are no longer there, or have other keys.
func (in *Intake) end(reading map[string]reader) {
	for name, r := range reading {
		if p, ok := in.desk.Provider(name); ok && p == r.of {
			continue
		}
		r.stop()
		delete(reading, name)
		in.mu.Lock()
		delete(in.states, name)
		in.mu.Unlock()
	}
}

// begin reads the providers that aren't read yet. A provider that replaces one
// with other keys may be read beside it for a moment: what both tell applies once.
func (in *Intake) begin(ctx context.Context, reading map[string]reader, names []string, all *sync.WaitGroup) {
	for _, name := range names {
		p, ok := in.desk.Provider(name)
		if _, already := reading[name]; already || !ok {
			continue
		}
		own, stop := context.WithCancel(ctx)
		reading[name] = reader{of: p, stop: stop}
		all.Go(func() {
			if in.start(own, name, func() { in.pass(name) }) {
				in.poll(own, name)
			}
		})
	}
}

// opened opens the start-up gate.
func (in *Intake) opened(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	in.desk.Synced()
	if err := in.desk.LinkShown(); err != nil {
		in.log.Error().Err(err).Msg("links not made")
	}
	if err := in.desk.SyncChanged(); err != nil {
		in.log.Error().Err(err).Msg("sync not announced")
	}
}
