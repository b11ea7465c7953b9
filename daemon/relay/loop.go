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

// loop carries out what falls due in one queue, a few tasks at once.
type loop struct {
	log      zerolog.Logger
	together int
	changed  func() <-chan struct{}
	// due lists what is due, and when the next will be (zero for none).
	due func(limit int) (tasks []string, next time.Time, err error)
	// take hands out what is to be done for a task, nil for nothing. Once taken
	// a task isn't due, so it can't be started twice.
	take func(task string) (func(context.Context) error, error)
}

// run works until ctx ends; it returns once the last task has stored its result.
func (l loop) run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, l.together)
	trouble := backoff.NewExponentialBackOff()
	trouble.InitialInterval, trouble.MaxInterval = 250*time.Millisecond, 30*time.Second
	for ctx.Err() == nil {
		changed := l.changed()
		due, next, err := l.due(l.together)
		for _, task := range due {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
			err = errors.Join(err, l.start(ctx, task, &running, slots))
		}
		switch {
		case err != nil:
			// The store can't be read or written, as with a full disk. What is
			// due stays due: without a pause this would be all the daemon does.
			l.log.Error().Err(err).Msg("jobs not taken")
			wait(ctx, changed, time.Now().Add(trouble.NextBackOff()))
		case len(due) == 0:
			wait(ctx, changed, next)
			fallthrough
		default:
			trouble.Reset()
		}
	}
	return nil
}

// start takes a task before its goroutine runs.
func (l loop) start(ctx context.Context, task string, running *sync.WaitGroup, slots chan struct{}) error {
	do, err := l.take(task)
	if err != nil || do == nil {
		<-slots
		return err
	}
	running.Go(func() {
		defer func() { <-slots }()
		ctx, cancel := context.WithTimeout(ctx, callTime)
		defer cancel()
		if err := do(ctx); err != nil {
			l.log.Error().Err(err).Str("job", task).Msg("result not stored")
		}
	})
	return nil
}

func wait(ctx context.Context, changed <-chan struct{}, next time.Time) {
	var due <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-due:
	}
}

// names are the ids of tasks.
func names[T any](due []store.Task[T]) []string {
	ids := make([]string, len(due))
	for i, task := range due {
		ids[i] = task.ID
	}
	return ids
}
