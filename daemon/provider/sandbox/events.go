package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/store"
)

const mostEvents = 100 // in a page

// emit completes an event, appends it and puts its webhook on the way, in the
// transaction of what it tells.
func (s *Server) emit(tx *store.Tx, e wireEvent) error {
	id, err := s.newID("evt")
	if err != nil {
		return err
	}
	e.ID, e.Account, e.At = id, s.opt.Account, tx.Now()
	if _, err := s.book.events.Append(tx, event{e, tx.Now().Add(s.delay())}); err != nil {
		return err
	}
	if s.hookURL() == "" {
		return nil
	}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := s.book.deliveries.Put(tx, Delivery{Event: id, State: deliveryPending, At: tx.Now(), Body: body}); err != nil {
		return err
	}
	// The webhook has its own delay, so that it and the poll take turns in
	// being first.
	due := tx.Now().Add(s.delay())
	if s.dice.chance(s.Faults().Reorder) {
		due = due.Add(time.Duration(s.dice.below(int64(10 * time.Second))))
	}
	return s.book.hooks.Add(tx, id, due, delivery{id})
}

func (s *Server) delay() time.Duration {
	return time.Duration(s.dice.below(int64(s.Faults().Delay)))
}

// page reads the log after a cursor. It stops at the first event not to be
// told yet: passing it would lose it for good.
func (s *Server) page(cursor string, limit int) (p wirePage, err error) {
	after, err := readCursor(cursor)
	if err != nil {
		return p, err
	}
	f := s.Faults()
	overlap := uint64(0)
	if s.dice.chance(f.Repeat) {
		overlap = min(after, uint64(1+s.dice.below(3)))
	}
	p.Cursor = writeCursor(after)
	err = s.db.View(func(tx *store.Tx) error {
		entries, err := s.book.events.After(tx, after-overlap, int(overlap)+limit+1)
		if err != nil {
			return err
		}
		for i, e := range entries {
			if e.Value.Visible.After(tx.Now()) {
				break
			}
			if i == int(overlap)+limit {
				p.More = true
				break
			}
			p.Events = append(p.Events, e.Value.Event)
			p.Cursor = writeCursor(max(after, e.Seq))
		}
		return nil
	})
	s.disorder(f, &p)
	return p, err
}

// disorder lets the faults at a page. It adds and shuffles; it takes nothing
// away.
func (s *Server) disorder(f Faults, p *wirePage) {
	if len(p.Events) > 0 && s.dice.chance(f.Repeat) {
		p.Events = append(p.Events, p.Events[s.dice.below(int64(len(p.Events)))])
	}
	if s.dice.chance(f.OddEvents) {
		p.Events = append(p.Events, wireEvent{ID: "evt_odd", Account: s.opt.Account, Type: EventNotice, At: time.Now().UTC()})
	}
	if s.dice.chance(f.Reorder) {
		s.dice.shuffle(len(p.Events), func(i, j int) { p.Events[i], p.Events[j] = p.Events[j], p.Events[i] })
	}
}

func (d *dice) shuffle(n int, swap func(i, j int)) {
	d.mu.Lock()
	seed := d.r.Uint64()
	d.mu.Unlock()
	rand.New(rand.NewPCG(seed, 0)).Shuffle(n, swap)
}

// A cursor is opaque so that nobody counts on it being a number.
func writeCursor(seq uint64) string {
	return base64.RawURLEncoding.EncodeToString([]byte("after:" + strconv.FormatUint(seq, 10)))
}

func readCursor(c string) (uint64, error) {
	if c == "" {
		return 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(c)
	text, ok := strings.CutPrefix(string(b), "after:")
	seq, err2 := strconv.ParseUint(text, 10, 63)
	if err != nil || !ok || err2 != nil {
		return 0, &refusal{http.StatusBadRequest, "bad_cursor", "The cursor is not one of ours."}
	}
	return seq, nil
}
