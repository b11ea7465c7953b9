package stripetest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
)

// kept is for how long events are listed.
const kept = 30 * 24 * time.Hour

type event struct {
	id, kind, session string
	created           int64
	rank              int // among those of one second
	visible           time.Time
	words             words
}

// tell appends an event and puts its webhook on the way. What it says is a
// picture of this moment.
func (s *Server) tell(at time.Time, kind, of string, object words) {
	s.write(at, kind, of, object)
	if s.faults.Odd {
		s.write(at, "charge.succeeded", of, object)
		s.write(at, "checkout.session.word_of_tomorrow", of, object)
		sale := &session{id: s.name(s.prefix("cs_"), 40), status: "complete", payment: "paid", currency: "eur", amount: 9900, created: at.Unix(),
			expires: at.Add(time.Hour).Unix(), success: "https://shop.example/thanks"}
		s.write(at, "checkout.session.completed", "", s.sessionWords(sale, false))
	}
}

func (s *Server) write(at time.Time, kind, session string, object words) {
	e := &event{id: s.name("evt_", 24), kind: kind, session: session, created: at.Unix(), rank: len(s.events), visible: at.Add(s.faults.Delay)}
	if s.faults.Disorder {
		e.rank = s.dice.IntN(1000)
		e.visible = e.visible.Add(time.Duration(s.dice.IntN(60)) * time.Second)
	}
	e.words = words{"id": e.id, "object": "event", "api_version": "2026-03-25.dahlia", "created": e.created, "type": kind,
		"data": words{"object": object}, "livemode": s.opt.Live, "pending_webhooks": 0, "request": words{"id": nil, "idempotency_key": nil}}
	s.events = append(s.events, e)
	body, err := json.Marshal(e.words)
	if err != nil {
		panic(err) // maps of texts
	}
	s.send(at, body, session)
}

// listEvents are those asked for, the newest first.
func (s *Server) listEvents(f url.Values, _ string, now time.Time) (any, error) {
	var kinds []string
	for k, v := range f {
		if strings.HasPrefix(k, "types[") {
			kinds = append(kinds, v...)
		}
	}
	from, to := max(number(f, "created[gte]"), now.Add(-kept).Unix()), number(f, "created[lt]")
	var all []*event
	for _, e := range s.events {
		wanted := len(kinds) == 0 || slices.Contains(kinds, e.kind) || s.faults.Odd
		if wanted && e.created >= from && (to == 0 || e.created < to) && !e.visible.After(now) {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b *event) int {
		if a.created != b.created {
			return int(b.created - a.created)
		}
		return b.rank - a.rank
	})
	return page("/v1/events", f, all, func(e *event) string { return e.id }, func(e *event) any { return e.words })
}
