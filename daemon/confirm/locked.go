package confirm

import (
	"context"
	"slices"
	"time"

	"countersign/daemon/visit"
)

// lockedPause is how often it is looked whether a provider that can't be asked
// has become of no matter.
const lockedPause = 10 * time.Second

// owes tells whether a code that may be shown could have been paid at a provider
// that can't be asked: a page or a link of it is open. What is long overdue
// doesn't count, since nobody may ever be able to say how that ended.
func (in *Intake) owes(name string) bool {
	if links, err := in.desk.WatchedLinks(name); err != nil || len(links) > 0 {
		return true
	}
	open, err := in.desk.Unsettled()
	return err != nil || slices.ContainsFunc(open, func(c visit.Checkout) bool { return c.Provider == name && !c.Overdue(time.Now()) })
}

// await waits until no code that may be shown can be out of date (R30, R41): each
// provider that was there from the start was read. One whose keys can't be read,
// as after a backup was put back on another computer, is waited for while it
// matters: until staff enter them again, or what was open there is long over.
func (in *Intake) await(ctx context.Context, names []string) {
	accounts, _, err := in.desk.Accounts()
	if err != nil {
		in.log.Error().Err(err).Msg("accounts not read")
	}
	for _, a := range accounts {
		names = append(names, a.Name)
	}
	for _, name := range names {
		for moved := in.next(); in.matters(name) && ctx.Err() == nil; moved = in.next() {
			pause(ctx, moved, lockedPause)
		}
	}
}

// matters tells whether the gate has to wait for a provider.
func (in *Intake) matters(name string) bool {
	in.mu.Lock()
	passed := in.passed[name]
	in.mu.Unlock()
	_, there := in.desk.Provider(name)
	return !passed && (there || in.owes(name))
}

// pass notes that the gate needn't wait for a provider any more.
func (in *Intake) pass(name string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.passed[name] = true
	close(in.moved)
	in.moved = make(chan struct{})
}

// next is closed when one more provider has passed.
func (in *Intake) next() <-chan struct{} {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.moved
}
