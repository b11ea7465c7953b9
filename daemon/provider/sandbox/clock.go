package sandbox

import (
	"context"
	"sync"
	"time"

	"countersign/store"
)

// Run expires sessions, brings late payments and delivers webhooks until ctx
// ends or the server is closed. It returns an error only if the store fails.
func (s *Server) Run(ctx context.Context) error {
	if !s.enter() {
		return ErrClosed
	}
	defer s.inside.Done()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(s.closing, stop)()
	var both sync.WaitGroup
	both.Go(func() { s.loop(ctx, nil, s.strike) })
	both.Go(func() { s.loop(ctx, s.kick, s.deliver) })
	both.Wait()
	return nil
}

// troubleTime is the pause after the file could not be read or written.
const troubleTime = 5 * time.Second

// loop does what is due, then sleeps until the next thing is, or something
// was committed or kicked. step says when the next thing is due; zero: never.
func (s *Server) loop(ctx context.Context, kick <-chan struct{}, step func(context.Context) (time.Time, error)) {
	for ctx.Err() == nil {
		changed := s.db.Changed() // before reading, so no commit falls in the gap
		next, err := step(ctx)
		if err != nil {
			// A full disk, say. It is no reason to take the reception down:
			// requests are answered with the error, and this is tried again.
			next = time.Now().Add(troubleTime)
		}
		sleep(ctx, changed, kick, next)
	}
}

func sleep(ctx context.Context, changed, kick <-chan struct{}, next time.Time) {
	var alarm <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		alarm = t.C
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-kick:
	case <-alarm:
	}
}

// strike lets every timer ring that is due.
func (s *Server) strike(ctx context.Context) (next time.Time, err error) {
	var due []store.Task[timer]
	err = s.db.View(func(tx *store.Tx) error {
		if due, err = s.book.timers.Due(tx, 100); err != nil || len(due) > 0 {
			next = tx.Now()
			return err
		}
		next, _, err = s.book.timers.Next(tx)
		return err
	})
	for _, t := range due {
		if ctx.Err() != nil {
			break
		}
		// A crash between the two transactions lets it ring again, which
		// then changes nothing.
		if _, err := s.ring(t.Value); err != nil {
			return time.Time{}, err
		}
		if err := s.db.Update(func(tx *store.Tx) error { return s.book.timers.Done(tx, t.ID) }); err != nil {
			return time.Time{}, err
		}
	}
	return next, err
}
