package store_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"countersign/store"
	"countersign/store/storetest"
)

// TestChangedTellsOfCommitsOnly: once they stand, and of nothing else.
func TestChangedTellsOfCommitsOnly(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	appendOne := func(tx *store.Tx) error { _, err := s.changes.Append(tx, "x"); return err }

	ch := db.Changed()
	if db.Changed() != ch {
		t.Error("two readers wait for different commits")
	}
	update(t, db, func(tx *store.Tx) error { return s.cursors.Set(tx, "a", "1") })
	if !isClosed(ch) {
		t.Error("a commit told nobody")
	}
	ch = db.Changed()
	_ = db.Update(func(tx *store.Tx) error { return errors.Join(appendOne(tx), errStop) })
	update(t, db, func(tx *store.Tx) error { return s.cursors.Set(tx, "a", "1") }) // as it was
	view(t, db, func(*store.Tx) error { return nil })
	if isClosed(ch) {
		t.Error("told of a rollback, of nothing, or of a View")
	}
	update(t, db, func(tx *store.Tx) error {
		err := appendOne(tx)
		if isClosed(ch) {
			t.Error("told before the commit")
		}
		return err
	})
	if !isClosed(ch) {
		t.Error("the next commit told nobody")
	}
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// TestChangedFollowerMissesNothing: take the channel, read, wait: no commit falls in the gap.
func TestChangedFollowerMissesNothing(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	const n = 200
	var wg sync.WaitGroup
	wg.Go(func() {
		for range n {
			if err := db.Update(func(tx *store.Tx) error { _, err := s.changes.Append(tx, "x"); return err }); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var at uint64
	for at < n {
		next := db.Changed()
		var got []store.Entry[string]
		err := db.View(func(tx *store.Tx) (err error) { got, err = s.changes.After(tx, at, 10); return err })
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got {
			if e.Seq != at+1 {
				t.Fatalf("%d follows %d", e.Seq, at)
			}
			at = e.Seq
		}
		if len(got) == 0 {
			<-next
		}
	}
	wg.Wait()
}

// TestQueueInABubble works a queue by the fake clock, the way the relay does: wait for a commit or the next due time.
func TestQueueInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		db := storetest.Open(t, s.options())
		begin := time.Now()
		done := make(chan time.Duration)
		go work(t, db, s.jobs, func(task store.Task[string]) error {
			if task.Attempts < 3 {
				return errStop
			}
			done <- time.Since(begin)
			return nil
		})
		synctest.Wait()
		update(t, db, func(tx *store.Tx) error { return s.jobs.Add(tx, "j", tx.Now().Add(time.Hour), "call") })
		if got := <-done; got != time.Hour+2*time.Minute {
			t.Errorf("the third attempt was after %v", got)
		}
		synctest.Wait()
		view(t, db, func(tx *store.Tx) error {
			if _, ok, err := s.jobs.Next(tx); ok || err != nil {
				t.Errorf("still queued: %v %v", ok, err)
			}
			return nil
		})
	})
}

// work does tasks until the queue is empty, each attempt a minute after the one before.
func work(t *testing.T, db *store.DB, q *store.Queue[string], do func(store.Task[string]) error) {
	for worked := false; ; {
		changed := db.Changed()
		var due []store.Task[string]
		var next time.Time
		var waits bool
		err := db.View(func(tx *store.Tx) (err error) {
			if due, err = q.Due(tx, 1); err == nil {
				next, waits, err = q.Next(tx)
			}
			return err
		})
		switch {
		case err != nil:
			t.Error(err)
			return
		case len(due) > 0:
			worked = true
			attempt(t, db, q, due[0].ID, do)
		case waits:
			select {
			case <-time.After(time.Until(next)):
			case <-changed:
			}
		case worked:
			return
		default:
			<-changed
		}
	}
}

func attempt(t *testing.T, db *store.DB, q *store.Queue[string], id string, do func(store.Task[string]) error) {
	var task store.Task[string]
	var mine bool
	update(t, db, func(tx *store.Tx) (err error) {
		task, mine, err = q.Take(tx, id, tx.Now().Add(time.Minute))
		return err
	})
	if !mine {
		return
	}
	if err := do(task); err != nil {
		update(t, db, func(tx *store.Tx) error { return q.Fail(tx, id, err.Error(), tx.Now().Add(time.Minute)) })
		return
	}
	update(t, db, func(tx *store.Tx) error { return q.Done(tx, id) })
}

// TestTakeGivesATaskToOne: two workers saw it due, one gets it.
func TestTakeGivesATaskToOne(t *testing.T) {
	s := newShop()
	db := storetest.Open(t, s.options())
	update(t, db, func(tx *store.Tx) error { return s.jobs.Add(tx, "j", tx.Now(), "call") })
	got := 0
	for range 2 {
		update(t, db, func(tx *store.Tx) error {
			_, ok, err := s.jobs.Take(tx, "j", tx.Now().Add(time.Hour))
			if ok {
				got++
			}
			return err
		})
	}
	if got != 1 {
		t.Errorf("%d workers got it", got)
	}
}
