package store

import (
	"errors"
	"unicode/utf8"
)

// Cursors keeps how far somebody has read something, by name.
type Cursors struct {
	name string
	rows []byte
}

// NewCursors describes a set of cursors.
func NewCursors(name string) *Cursors {
	return &Cursors{name: named(name), rows: []byte(name)}
}

// Name is the set's name on disk.
func (c *Cursors) Name() string { return c.name }

// Get reads a cursor; "" for a new one.
func (c *Cursors) Get(tx *Tx, name string) (string, error) {
	b, err := tx.bucket(c.rows)
	if err != nil {
		return "", err
	}
	return string(b.Get([]byte(name))), nil
}

// Set moves a cursor. One that stays where it is is not written.
func (c *Cursors) Set(tx *Tx, name, value string) error {
	b, err := tx.writable(c.rows)
	if err != nil {
		return err
	}
	if !utf8.ValidString(value) {
		return errors.New("store: a cursor is text")
	}
	if old := b.Get([]byte(name)); old != nil && string(old) == value {
		return nil
	}
	return tx.put(b, []byte(name), []byte(value))
}

func (c *Cursors) buckets() []string    { return []string{c.name} }
func (c *Cursors) create(tx *Tx) error  { return createMissing(tx, c.rows) }
func (c *Cursors) reindex(tx *Tx) error { return c.create(tx) }
