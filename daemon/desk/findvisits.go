package desk

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/client"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"
)

// Query asks for visits: of a day (YYYY-MM-DD in the location's zone), by the
// words of Q (name, phone, short code), in a payment state or status; From
// leaves out those of days before it. Cursor continues an earlier answer; Limit
// is 100 when 0, at most 500.
type Query struct {
	Date, From, Q, State, Cursor string
	Limit                        int
}

// errEnough ends a walk over an index once the page is full.
var errEnough = errors.New("enough")

// Visits lists visits by their start, and the cursor of the next page ("" at the end).
func (d *Desk) Visits(a access.Actor, q Query) (found []visit.Visit, next string, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, "", err
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	q.Limit = min(q.Limit, 500)
	err = d.view(func(o *op) error {
		loc, err := o.location()
		if err != nil {
			return err
		}
		return o.search(q, loc, func(v visit.Visit) error {
			if len(found) == q.Limit {
				last := found[len(found)-1]
				next = stamp(last.StartsAt) + string(last.ID)
				return errEnough
			}
			found = append(found, v)
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, next, err
}

func (o *op) search(q Query, loc Location, each func(visit.Visit) error) error {
	from, to, err := q.span(loc)
	if err != nil {
		return err
	}
	words := queryWords(q.Q)
	if len(words) == 0 && strings.TrimSpace(q.Q) != "" {
		return nil // signs alone name nobody
	}
	matches, err := o.matching(words)
	if err != nil {
		return err
	}
	all := o.visits.Between(o.tx, o.byStart, from, to)
	if matches != nil && q.Date == "" && len(matches) <= mostFound {
		all = o.inTurn(matches, from)
	}
	for v, err := range all {
		if err != nil {
			return err
		}
		if q.Cursor != "" && stamp(v.StartsAt)+string(v.ID) <= q.Cursor {
			continue
		}
		if matches != nil && !matches[v.ID] || !inState(v, q.State) {
			continue
		}
		if err := each(v); err != nil {
			return err
		}
	}
	return nil
}

// span is when the visits that are asked for start.
func (q Query) span(loc Location) (from, to string, err error) {
	to = "~"
	for where, date := range map[string]string{"date": q.Date, "from": q.From} {
		if date == "" {
			continue
		}
		first, after := dayBounds(date, loc.Clock())
		if first.IsZero() {
			return "", "", fault.Invalid(fault.Field{Location: "query." + where, Message: "must be a date such as 2026-11-22"})
		}
		if from = max(from, stamp(first)); where == "date" {
			to = stamp(after)
		}
	}
	if q.Cursor != "" {
		from = max(from, strings.SplitN(q.Cursor, "v_", 2)[0])
	}
	return from, to, nil
}

// inTurn reads visits in the order of the index by start: a few of many years
// are found without reading all of these.
func (o *op) inTurn(which map[id.Visit]bool, from string) iter.Seq2[visit.Visit, error] {
	return func(yield func(visit.Visit, error) bool) {
		var found []visit.Visit
		for one := range which {
			v, err := o.visit(one)
			if err != nil {
				yield(v, err)
				return
			}
			if stamp(v.StartsAt) >= from {
				found = append(found, v)
			}
		}
		slices.SortFunc(found, func(a, b visit.Visit) int {
			return cmp.Or(a.StartsAt.Compare(b.StartsAt), cmp.Compare(a.ID, b.ID))
		})
		for _, v := range found {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func inState(v visit.Visit, state string) bool {
	return state == "" || string(v.PaymentState()) == state || string(v.Status) == state
}

// queryWords splits what was typed into words; a phone number stays one,
// however it is spaced.
func queryWords(q string) []string {
	if strings.Trim(q, "0123456789 +-()/.\u00a0") == "" {
		return present(client.Digits(q))
	}
	return catalogue.Words(q)
}

// matching returns the visits that have every word, nil for no words at all. It
// compares the keys in the index and reads no visit.
func (o *op) matching(words []string) (map[id.Visit]bool, error) {
	var matches map[id.Visit]bool
	for _, w := range words {
		these := map[id.Visit]bool{}
		for v, err := range o.visits.Keys(o.tx, o.byWord, w) {
			if err != nil {
				return nil, err
			}
			if matches == nil || matches[v] {
				these[v] = true
			}
		}
		matches = these
	}
	return matches, nil
}
