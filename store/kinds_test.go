package store_test

import (
	"strings"

	"countersign/store"
)

// booking is what the tests keep: three ways to be found, one of them unique.
type booking struct {
	ID    string   `json:"id"`
	Day   string   `json:"day"`
	Tags  []string `json:"tags,omitempty"`
	Token string   `json:"token,omitempty"`
}

// shop is one program's set of kinds.
type shop struct {
	bookings        *store.Collection[string, booking]
	day, tag, token *store.Index[booking]
	changes, ledger *store.Log[string]
	jobs            *store.Queue[string]
	cursors         *store.Cursors
}

func newShop() *shop {
	s := &shop{
		day:     store.NewIndex("day", func(b *booking) []string { return []string{b.Day} }),
		tag:     store.NewIndex("tag", func(b *booking) []string { return b.Tags }),
		changes: store.NewLog[string]("changes"),
		ledger:  store.NewChain[string]("ledger"),
		jobs:    store.NewQueue[string]("jobs"),
		cursors: store.NewCursors("cursors"),
	}
	s.token = store.NewUnique("token", func(b *booking) []string {
		if b.Token == "" {
			return nil
		}
		return []string{strings.ToLower(b.Token)}
	})
	s.bookings = store.NewCollection("bookings", func(b *booking) string { return b.ID }, s.day, s.tag, s.token)
	return s
}

func (s *shop) options() store.Options {
	return store.Options{
		Program: "shop",
		Kinds:   []store.Kind{s.bookings, s.changes, s.ledger, s.jobs, s.cursors},
	}
}
