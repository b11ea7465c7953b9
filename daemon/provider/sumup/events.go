package sumup

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
	"countersign/daemon/provider/sumup/sumupapi"
)

const (
	// overlap is how far back of the newest transaction the history is read
	// again: one may be listed late.
	overlap = 30 * time.Minute
	// beginning is how far back an account is read for the first time.
	beginning = 180 * 24 * time.Hour
	// mostAsks is how many transactions are looked up for one page of events.
	mostAsks = 10
	// mostTold is how many a cursor remembers: more than a salon's half an hour.
	mostTold = 500
)

// place is a cursor: what was read of the history, and what was told of it, so
// that what is read again isn't asked after again.
type place struct {
	Since  time.Time `json:"since"`
	Newest time.Time `json:"newest"`         // seen in this round
	Ref    string    `json:"ref,omitempty"`  // where its next page begins
	Told   []string  `json:"told,omitempty"` // in the round before
	Next   []string  `json:"next,omitempty"` // in this round
}

const placeMark = "sumup1."

func (p place) String() string {
	b, _ := json.Marshal(p)
	return placeMark + base64.RawURLEncoding.EncodeToString(b)
}

func placeOf(cursor string, now time.Time) (p place, ok bool) {
	if cursor == "" {
		return place{Since: now.Add(-beginning).UTC().Truncate(time.Second)}, true
	}
	text, ok := strings.CutPrefix(cursor, placeMark)
	b, err := base64.RawURLEncoding.DecodeString(text)
	return p, ok && err == nil && json.Unmarshal(b, &p) == nil && !p.Since.IsZero()
}

// Events returns what the history tells of our transactions after the cursor.
func (c *Client) Events(ctx context.Context, cursor string, limit int) (provider.Page, error) {
	p, ok := placeOf(cursor, time.Now())
	if !ok {
		return provider.Page{}, provider.Errorf(provider.Refused, "the cursor isn't of SumUp's history")
	}
	items, next, err := c.api.History(ctx, p.Since, p.Ref, limit)
	if err != nil {
		return provider.Page{}, err
	}
	events, all, err := c.tell(ctx, &p, items)
	if err != nil {
		return provider.Page{}, err
	}
	if !all { // the same page again
		return provider.Page{Events: events, Cursor: p.String(), More: true}, nil
	}
	if p.Ref = next; next == "" {
		if since := p.Newest.Add(-overlap); since.After(p.Since) {
			p.Since = since.UTC().Truncate(time.Second)
		}
		p.Told, p.Next = p.Next, nil
	}
	return provider.Page{Events: events, Cursor: p.String(), More: next != ""}, nil
}

// tell looks up what is new among items, as far as one call may; all is false
// where some are left. What goes wrong after the first keeps the first.
func (c *Client) tell(ctx context.Context, p *place, items []sumupapi.Item) (events []provider.Event, all bool, err error) {
	now, asked := time.Now(), 0
	for i := range items {
		it := &items[i]
		if it.At.After(p.Newest) && !it.At.After(now) {
			p.Newest = it.At
		}
		reference, ours := described(it.Summary)
		stamp := it.Stamp()
		if !ours || slices.Contains(p.Next, stamp) {
			continue
		}
		if !slices.Contains(p.Told, stamp) {
			if asked == mostAsks {
				return events, false, nil
			}
			news, err := c.news(ctx, it, reference)
			if err != nil && asked > 0 {
				return events, false, nil
			}
			if err != nil {
				return nil, false, err
			}
			asked++
			events = append(events, news...)
		}
		p.Next = append(p.Next, stamp)
		p.Next = p.Next[max(0, len(p.Next)-mostTold):]
	}
	return events, true, nil
}

// news is what an item of the history means, by what SumUp says of its checkout
// and of its transaction now.
func (c *Client) news(ctx context.Context, it *sumupapi.Item, reference string) (events []provider.Event, err error) {
	payment := cmp.Or(it.Of, it.ID)
	if it.Type == "PAYMENT" {
		s, err := c.Find(ctx, reference)
		switch {
		case provider.KindOf(err) == provider.NotFound:
			s, err = provider.Session{ID: payment, Reference: reference}, nil // SumUp has forgotten it
		case errors.Is(err, outcall.ErrNonsense): // a person has to look; those behind it needn't wait
			s, err = provider.Session{ID: payment, Reference: reference, Status: provider.Unknown}, nil
		}
		if err != nil {
			return nil, err
		}
		if it.Moved() && s.Status != provider.Unknown && s.Payment != payment {
			paid := it.Transaction // a second one, or not known to the checkout yet
			if paid.ID = payment; !pays(&paid, &s) {
				s = provider.Session{ID: payment, Reference: reference, Status: provider.Unknown}
			}
		}
		e := provider.Event{ID: payment + "/" + it.Status + "/" + string(s.Status), At: it.At.UTC(), Session: s}
		switch s.Status {
		case provider.Paid:
			e.Type, e.ID, e.At = provider.EventPaid, s.Payment+"/paid", s.PaidAt
			events = append(events, e)
		case provider.Processing, provider.Unknown:
			e.Type = provider.EventProcessing
			events = append(events, e)
		}
	}
	if refunded, ok := sumupapi.Minor(it.Refunded, it.Currency); it.Type == "PAYMENT" && (!ok || refunded == 0) && (it.Status != "REFUNDED" && it.Status != "CHARGE_BACK") {
		return events, nil
	}
	back, err := c.back(ctx, payment)
	return append(events, back...), err
}

// back is what went back of a payment.
func (c *Client) back(ctx context.Context, payment string) (events []provider.Event, err error) {
	t, err := c.api.Transaction(ctx, payment, false)
	if err != nil {
		return nil, err
	}
	for _, m := range refunds(&t, "") {
		events = append(events, provider.Event{ID: payment + "/refund/" + m.ID + "/" + m.Status, Type: provider.EventRefund, At: m.At.UTC(), Refund: &m.Refund})
	}
	for _, e := range t.Happened("CHARGE_BACK") {
		amount, _ := sumupapi.Minor(e.Amount, t.Currency)
		d := provider.Dispute{ID: e.ID.String(), Payment: t.ID, Amount: amount, Currency: t.Currency, Status: disputed(e.Status)}
		events = append(events, provider.Event{ID: payment + "/chargeback/" + d.ID + "/" + d.Status, Type: provider.EventDispute, At: e.At.UTC(), Dispute: &d})
	}
	return events, nil
}

// disputed translates a chargeback's state; a word nobody knows is undecided.
func disputed(status string) string {
	switch status {
	case "PENDING", "SCHEDULED":
		return provider.DisputeOpened
	case "FAILED":
		return provider.DisputeWon
	case "SUCCESSFUL", "REFUNDED", "RECONCILED", "PAID_OUT":
		return provider.DisputeLost
	}
	return status
}
