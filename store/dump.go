package store

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Dump writes a line of JSON for the file and one for every record: kinds by name, records by key, values as stored.
// The same records always give the same bytes.
func (db *DB) Dump(w io.Writer) error {
	return db.View(func(tx *Tx) error {
		out := bufio.NewWriter(w)
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		err := enc.Encode(struct {
			Program string `json:"program"`
			Schema  int    `json:"schema"`
		}{db.o.Program, db.schema})
		if err != nil {
			return err
		}
		kinds := slices.SortedFunc(slices.Values(db.o.Kinds), func(a, b Kind) int { return strings.Compare(a.Name(), b.Name()) })
		for _, k := range kinds {
			if err := k.dump(tx, enc.Encode); err != nil {
				return fmt.Errorf("store: dumping %s: %w", k.Name(), err)
			}
		}
		return out.Flush()
	})
}

// dumped is one line.
type dumped struct {
	Kind  string `json:"kind"`
	Key   string `json:"key,omitempty"`
	Seq   uint64 `json:"seq,omitempty"`
	Hash  string `json:"hash,omitempty"`
	Value any    `json:"value"`
}

func (c *Collection[K, V]) dump(tx *Tx, line func(any) error) error {
	return dumpRows(tx, c.rows, line)
}

func (q *Queue[T]) dump(tx *Tx, line func(any) error) error {
	return dumpRows(tx, q.rows, line)
}

func dumpRows(tx *Tx, rows []byte, line func(any) error) error {
	b, err := tx.bucket(rows)
	if err != nil {
		return err
	}
	return b.ForEach(func(k, v []byte) error {
		return line(dumped{Kind: string(rows), Key: string(k), Value: json.RawMessage(v)})
	})
}

func (l *Log[T]) dump(tx *Tx, line func(any) error) error {
	b, err := tx.bucket(l.rows)
	if err != nil {
		return err
	}
	for k, raw := range tx.walk(b, nil, everything) {
		e, err := l.decode(k, raw)
		if err != nil {
			return err
		}
		d := dumped{Kind: l.name, Seq: e.Seq, Value: json.RawMessage(raw)}
		if l.chain {
			d.Hash, d.Value = fmt.Sprintf("%x", raw[:sha256.Size]), json.RawMessage(raw[sha256.Size:])
		}
		if err := line(d); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cursors) dump(tx *Tx, line func(any) error) error {
	b, err := tx.bucket(c.rows)
	if err != nil {
		return err
	}
	return b.ForEach(func(k, v []byte) error {
		return line(dumped{Kind: c.name, Key: string(k), Value: string(v)})
	})
}
