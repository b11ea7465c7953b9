package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"

	bolt "go.etcd.io/bbolt"
)

// Log keeps values of type T in the order they were appended, numbered from 1 without gaps. Nothing in it is ever
// changed, and nothing removed but the oldest entries of a log without a chain (Forget).
type Log[T any] struct {
	name  string
	rows  []byte
	chain bool
}

// Entry is one value of a log and its number.
type Entry[T any] struct {
	Seq   uint64
	Value T
}

// NewLog describes a log.
func NewLog[T any](name string) *Log[T] {
	return &Log[T]{name: named(name), rows: []byte(name)}
}

// NewChain describes a log in which each entry begins with the SHA-256 of the entry before, its number and its bytes
// as stored, so that Check finds any entry changed, swapped or taken out.
func NewChain[T any](name string) *Log[T] {
	return &Log[T]{name: named(name), rows: []byte(name), chain: true}
}

// Name is the log's name on disk.
func (l *Log[T]) Name() string { return l.name }

// Append adds v and says its number.
func (l *Log[T]) Append(tx *Tx, v T) (uint64, error) {
	b, err := tx.writable(l.rows)
	if err != nil {
		return 0, err
	}
	payload, err := json.Marshal(&v)
	if err != nil {
		return 0, fmt.Errorf("store: an entry of %s cannot be encoded: %w", l.name, err)
	}
	seq, err := b.NextSequence()
	if err != nil {
		return 0, err
	}
	b.FillPercent = 1 // a log only grows at its end: full pages never have to be split
	if l.chain {
		payload = link(lastHash(b), seq, payload)
	}
	return seq, tx.put(b, seqKey(seq), payload)
}

// link returns hash ‖ payload, the hash being over prev ‖ seq ‖ payload.
func link(prev []byte, seq uint64, payload []byte) []byte {
	buf := make([]byte, sha256.Size+8+len(payload))
	copy(buf, prev)
	binary.BigEndian.PutUint64(buf[sha256.Size:], seq)
	copy(buf[sha256.Size+8:], payload)
	sum := sha256.Sum256(buf)
	copy(buf[8:], sum[:])
	return buf[8:]
}

// lastHash is the hash of the newest entry; none, which counts as zeroes, before the first.
func lastHash(b *bolt.Bucket) []byte {
	if _, last := b.Cursor().Last(); len(last) >= sha256.Size {
		return last[:sha256.Size]
	}
	return nil
}

func seqKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// After reads up to limit entries numbered above seq. No limit (0 or less) reads to the end.
func (l *Log[T]) After(tx *Tx, seq uint64, limit int) ([]Entry[T], error) {
	b, err := tx.bucket(l.rows)
	if err != nil || seq+1 == 0 {
		return nil, err
	}
	var out []Entry[T]
	for k, raw := range tx.walk(b, seqKey(seq+1), everything) {
		e, err := l.decode(k, raw)
		if err != nil {
			return out, err
		}
		if out = append(out, e); len(out) == limit {
			break
		}
	}
	return out, nil
}

// Forget removes the oldest entries up to the number upTo, at most limit of them, and says how many went. The newest
// entry always stays. A chain forgets nothing.
func (l *Log[T]) Forget(tx *Tx, upTo uint64, limit int) (int, error) {
	b, err := tx.writable(l.rows)
	if err != nil {
		return 0, err
	}
	if l.chain {
		return 0, fmt.Errorf("store: %s is a chain, which forgets nothing", l.name)
	}
	upTo = min(upTo, max(b.Sequence(), 1)-1)
	n := 0
	for k := range tx.walk(b, nil, func(k []byte) bool { return binary.BigEndian.Uint64(k) <= upTo }) {
		if n == limit {
			break
		}
		if err := tx.delete(b, k); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Last is the number of the newest entry; 0 when there is none.
func (l *Log[T]) Last(tx *Tx) (uint64, error) {
	b, err := tx.bucket(l.rows)
	if err != nil {
		return 0, err
	}
	return b.Sequence(), nil
}

// All walks every entry, oldest first. An entry that cannot be decoded is yielded with an error, and the walk goes on.
func (l *Log[T]) All(tx *Tx) iter.Seq2[Entry[T], error] {
	return func(yield func(Entry[T], error) bool) {
		b, err := tx.bucket(l.rows)
		if err != nil {
			yield(Entry[T]{}, err)
			return
		}
		for k, raw := range tx.walk(b, nil, everything) {
			if !yield(l.decode(k, raw)) {
				return
			}
		}
	}
}

func (l *Log[T]) decode(k, raw []byte) (Entry[T], error) {
	var e Entry[T]
	if len(k) != 8 {
		return e, fmt.Errorf("store: %s has an entry %x that is no number", l.name, k)
	}
	e.Seq = binary.BigEndian.Uint64(k)
	payload, err := l.payload(raw)
	if err == nil {
		err = json.Unmarshal(payload, &e.Value)
	}
	if err != nil {
		err = fmt.Errorf("store: %s entry %d cannot be decoded: %w", l.name, e.Seq, err)
	}
	return e, err
}

func (l *Log[T]) payload(raw []byte) ([]byte, error) {
	if !l.chain {
		return raw, nil
	}
	if len(raw) < sha256.Size {
		return nil, fmt.Errorf("%d bytes, too few for its hash", len(raw))
	}
	return raw[sha256.Size:], nil
}

func (l *Log[T]) buckets() []string    { return []string{l.name} }
func (l *Log[T]) create(tx *Tx) error  { return createMissing(tx, l.rows) }
func (l *Log[T]) reindex(tx *Tx) error { return l.create(tx) }
