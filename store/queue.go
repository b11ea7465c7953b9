package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Queue keeps things to do until they are done, and finds the ones that are due.
type Queue[T any] struct {
	name string
	rows []byte
	due  []byte
}

// Task is one thing to do. Attempts counts those begun.
type Task[T any] struct {
	ID        string    `json:"-"`
	Due       time.Time `json:"due"`
	Added     time.Time `json:"added"`
	Attempts  int       `json:"attempts,omitempty"`
	LastError string    `json:"last_error,omitempty"`
	Value     T         `json:"value"`
}

// NewQueue describes a queue.
func NewQueue[T any](name string) *Queue[T] {
	return &Queue[T]{name: named(name), rows: []byte(name), due: []byte(name + "/due")}
}

// Name is the queue's name on disk.
func (q *Queue[T]) Name() string { return q.name }

// Add queues v under id, to be done at due. An id that is queued already stays as it is.
func (q *Queue[T]) Add(tx *Tx, id string, due time.Time, v T) error {
	b, err := tx.writable(q.rows)
	if err != nil || b.Get([]byte(id)) != nil {
		return err
	}
	return q.put(tx, b, nil, Task[T]{ID: id, Due: due, Added: tx.now, Value: v})
}

// Get reads a task; false when it is not queued.
func (q *Queue[T]) Get(tx *Tx, id string) (Task[T], bool, error) {
	b, err := tx.bucket(q.rows)
	if err != nil {
		return Task[T]{}, false, err
	}
	raw := b.Get([]byte(id))
	if raw == nil {
		return Task[T]{}, false, nil
	}
	t, err := q.decode([]byte(id), raw)
	return t, err == nil, err
}

// Due reads up to limit tasks due by the transaction's Now, the earliest first. No limit (0 or less) reads all.
func (q *Queue[T]) Due(tx *Tx, limit int) ([]Task[T], error) {
	var out []Task[T]
	for t, err := range q.byDue(tx, func(due time.Time) bool { return !due.After(tx.now) }) {
		if err != nil {
			return out, err
		}
		if out = append(out, t); len(out) == limit {
			break
		}
	}
	return out, nil
}

// Next is when the earliest task is due; false when nothing is queued.
func (q *Queue[T]) Next(tx *Tx) (time.Time, bool, error) {
	b, err := q.dues(tx)
	if err != nil {
		return time.Time{}, false, err
	}
	k, _ := b.Cursor().First()
	if k == nil {
		return time.Time{}, false, nil
	}
	due, _, err := q.split(k)
	return due, err == nil, err
}

// NextAfter is when the first task after those due by the transaction's Now is due; false when there is none.
func (q *Queue[T]) NextAfter(tx *Tx) (time.Time, bool, error) {
	b, err := q.dues(tx)
	if err != nil {
		return time.Time{}, false, err
	}
	k, _ := b.Cursor().Seek(dueKey(tx.now.Add(time.Nanosecond), ""))
	if k == nil {
		return time.Time{}, false, nil
	}
	due, _, err := q.split(k)
	return due, err == nil, err
}

// Take begins an attempt: it counts it and makes the task due again at retry, before anything is done, so that a crash
// in the middle neither forgets the task nor repeats it at once. False means that the task is gone, or that somebody
// took it since it was due.
func (q *Queue[T]) Take(tx *Tx, id string, retry time.Time) (Task[T], bool, error) {
	t, ok, err := q.Get(tx, id)
	if err != nil || !ok || t.Due.After(tx.now) {
		return Task[T]{}, false, err
	}
	old := t.Due
	t.Attempts++
	t.Due = retry
	if err := q.replace(tx, old, t); err != nil {
		return Task[T]{}, false, err
	}
	t.Due = retry.UTC().Round(0)
	return t, true, nil
}

// Fail notes why an attempt failed and when to try again. A task that is gone stays gone.
func (q *Queue[T]) Fail(tx *Tx, id, reason string, due time.Time) error {
	t, ok, err := q.Get(tx, id)
	if err != nil || !ok {
		return err
	}
	old := t.Due
	t.LastError, t.Due = reason, due
	return q.replace(tx, old, t)
}

// Done removes a task; one that is gone is no error.
func (q *Queue[T]) Done(tx *Tx, id string) error {
	b, err := tx.writable(q.rows)
	if err != nil {
		return err
	}
	raw := b.Get([]byte(id))
	if raw == nil {
		return nil
	}
	var t struct{ Due time.Time } // the value is not looked at
	if err := json.Unmarshal(raw, &t); err != nil {
		return fmt.Errorf("store: %s %q cannot be decoded: %w", q.name, id, err)
	}
	if err := q.unlist(tx, t.Due, id); err != nil {
		return err
	}
	return tx.delete(b, []byte(id))
}

// All walks every task in the order of the ids; those that cannot be decoded are yielded as errors.
func (q *Queue[T]) All(tx *Tx) iter.Seq2[Task[T], error] {
	return func(yield func(Task[T], error) bool) {
		b, err := tx.bucket(q.rows)
		if err != nil {
			yield(Task[T]{}, err)
			return
		}
		for id, raw := range tx.walk(b, nil, everything) {
			if !yield(q.decode(id, raw)) {
				return
			}
		}
	}
}

func (q *Queue[T]) byDue(tx *Tx, in func(time.Time) bool) iter.Seq2[Task[T], error] {
	return func(yield func(Task[T], error) bool) {
		b, err := q.dues(tx)
		if err != nil {
			yield(Task[T]{}, err)
			return
		}
		for k := range tx.walk(b, nil, everything) {
			due, id, err := q.split(k)
			if err == nil && !in(due) {
				return
			}
			var t Task[T]
			if err == nil {
				t, err = q.queued(tx, id)
			}
			if !yield(t, err) {
				return
			}
		}
	}
}

func (q *Queue[T]) dues(tx *Tx) (*bolt.Bucket, error) {
	if tx.migrating {
		return nil, errMigrating
	}
	return tx.bucket(q.due)
}

func (q *Queue[T]) queued(tx *Tx, id string) (Task[T], error) {
	t, ok, err := q.Get(tx, id)
	if err == nil && !ok {
		err = fmt.Errorf("store: %s leads to %q, which is not there", q.due, id)
	}
	return t, err
}

func (q *Queue[T]) replace(tx *Tx, due time.Time, t Task[T]) error {
	b, err := tx.writable(q.rows)
	if err != nil {
		return err
	}
	return q.put(tx, b, &due, t)
}

// put keeps a task, and lists it under its due time instead of the old one, if it had one.
func (q *Queue[T]) put(tx *Tx, b *bolt.Bucket, old *time.Time, t Task[T]) error {
	t.Due = t.Due.UTC().Round(0)
	raw, err := json.Marshal(&t)
	if err != nil {
		return fmt.Errorf("store: %s %q cannot be encoded: %w", q.name, t.ID, err)
	}
	if err := tx.put(b, []byte(t.ID), raw); err != nil {
		return err
	}
	if tx.migrating || (old != nil && old.Equal(t.Due)) {
		return nil
	}
	if old != nil {
		if err := q.unlist(tx, *old, t.ID); err != nil {
			return err
		}
	}
	return q.list(tx, t.Due, t.ID)
}

func (q *Queue[T]) list(tx *Tx, due time.Time, id string) error {
	d, err := tx.bucket(q.due)
	if err != nil {
		return err
	}
	return tx.put(d, dueKey(due, id), []byte{})
}

func (q *Queue[T]) unlist(tx *Tx, due time.Time, id string) error {
	if tx.migrating {
		return nil
	}
	d, err := tx.bucket(q.due)
	if err != nil {
		return err
	}
	return tx.delete(d, dueKey(due, id))
}

func (q *Queue[T]) decode(id, raw []byte) (Task[T], error) {
	t := Task[T]{}
	if err := json.Unmarshal(raw, &t); err != nil {
		return Task[T]{ID: string(id)}, fmt.Errorf("store: %s %q cannot be decoded: %w", q.name, id, err)
	}
	t.ID = string(id)
	return t, nil
}

// dueKey sorts by time, whatever the year: seconds with the sign flipped, then nanoseconds, then the id.
func dueKey(due time.Time, id string) []byte {
	k := make([]byte, 0, 12+len(id))
	k = binary.BigEndian.AppendUint64(k, uint64(due.Unix())^(1<<63))
	k = binary.BigEndian.AppendUint32(k, uint32(due.Nanosecond()))
	return append(k, id...)
}

func (q *Queue[T]) split(k []byte) (time.Time, string, error) {
	if len(k) < 12 {
		return time.Time{}, "", fmt.Errorf("store: %s has an entry %x that is no time", q.due, k)
	}
	sec := int64(binary.BigEndian.Uint64(k) ^ (1 << 63))
	return time.Unix(sec, int64(binary.BigEndian.Uint32(k[8:]))).UTC(), string(k[12:]), nil
}

func (q *Queue[T]) buckets() []string { return []string{q.name, string(q.due)} }

func (q *Queue[T]) create(tx *Tx) error {
	if err := createMissing(tx, q.rows); err != nil || tx.bolt.Bucket(q.due) != nil {
		return err
	}
	if _, err := tx.create(q.due); err != nil {
		return err
	}
	for t, err := range q.All(tx) {
		if err != nil {
			return err
		}
		if err := q.list(tx, t.Due, t.ID); err != nil {
			return err
		}
	}
	return nil
}

func (q *Queue[T]) reindex(tx *Tx) error {
	if err := tx.Drop(string(q.due)); err != nil {
		return err
	}
	return q.create(tx)
}
