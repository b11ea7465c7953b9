package relay

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/rs/zerolog"

	"countersign/store"
)

// loop carries out what falls due in one queue, a few tasks of each lane at once.
type loop struct {
	log      zerolog.Logger
	together int // in a lane
	changed  func() <-chan struct{}
	// due lists what is due, at most limit of each lane, and when the next will
	// be (zero for none).
	due func(limit int) (tasks []task, next time.Time, err error)
	// take hands out what is to be done for a task, nil for nothing. Once taken
	// a task isn't due, so it can't be started twice.
	take func(id string) (func(context.Context) error, error)
}

// task is what is due. Only those of the same lane hold each other up.
type task struct{ id, lane string }

// lanes are the slots of a loop, by lane.
type lanes struct {
	size  int
	freed chan struct{} // a slot was, since it was looked at
	mu    sync.Mutex
	busy  map[string]int
}

// enter takes a slot, if one is free.
func (l *lanes) enter(lane string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[lane] >= l.size {
		return false
	}
	l.busy[lane]++
	return true
}

func (l *lanes) leave(lane string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[lane]--; l.busy[lane] == 0 {
		delete(l.busy, lane)
	}
	select {
	case l.freed <- struct{}{}:
	default:
	}
}

// run works until ctx ends; it returns once the last task has stored its result.
func (l loop) run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	slots := &lanes{size: l.together, freed: make(chan struct{}, 1), busy: map[string]int{}}
	trouble := backoff.NewExponentialBackOff()
	trouble.InitialInterval, trouble.MaxInterval = 250*time.Millisecond, 30*time.Second
	for ctx.Err() == nil {
		changed := l.changed()
		due, next, err := l.due(l.together)
		entered := 0
		for _, t := range due {
			if ctx.Err() == nil && slots.enter(t.lane) {
				entered++
				err = errors.Join(err, l.start(ctx, t, &running, slots))
			}
		}
		switch {
		case err != nil:
			// The store can't be read or written, as with a full disk. What is
			// due stays due: without a pause this would be all the daemon does.
			l.log.Error().Err(err).Msg("jobs not taken")
			wait(ctx, changed, nil, time.Now().Add(trouble.NextBackOff()))
		case entered == 0:
			if len(due) > 0 && !next.After(time.Now()) {
				next = time.Time{} // it waits for a slot, as those before it do
			}
			wait(ctx, changed, slots.freed, next)
			fallthrough
		default:
			trouble.Reset()
		}
	}
	return nil
}

// start takes a task before its goroutine runs.
func (l loop) start(ctx context.Context, t task, running *sync.WaitGroup, slots *lanes) error {
	do, err := l.take(t.id)
	if err != nil || do == nil {
		slots.leave(t.lane)
		return err
	}
	running.Go(func() {
		defer slots.leave(t.lane)
		ctx, cancel := context.WithTimeout(ctx, callTime)
		defer cancel()
		if err := do(ctx); err != nil {
			l.log.Error().Err(err).Str("job", t.id).Msg("result not stored")
		}
	})
	return nil
}

// wait ends with ctx, with changed or freed, or when the next is due.
func wait(ctx context.Context, changed, freed <-chan struct{}, next time.Time) {
	var due <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-freed:
	case <-due:
	}
}

// tasks are those of a queue; lane is the one that each is in.
func tasks[T any](due []store.Task[T], lane func(T) string) []task {
	list := make([]task, len(due))
	for i, t := range due {
		list[i] = task{t.ID, lane(t.Value)}
	}
	return list
}
