package stripe

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

// overlap is how long an event may be listed late: what is younger than that,
// by Stripe's own clock, is read again.
const overlap = 5 * time.Minute / time.Second

// kept is for how long Stripe lists events, and a little more.
const kept = 31 * 24 * time.Hour / time.Second

// types are what we read of the account's events; Stripe takes up to twenty.
func types() []string {
	return []string{"checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
		"checkout.session.expired", "refund.created", "refund.updated", "refund.failed", "charge.dispute.created", "charge.dispute.updated",
		"charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"}
}

var eventShape = regexp.MustCompile(`^evt_[A-Za-z0-9_]+$`)

type wireEvents struct {
	api.APIResource
	Object string      `json:"object"`
	Data   []wireEvent `json:"data"`
	More   bool        `json:"has_more"`
}

type wireEvent struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Type    string `json:"type"`
	Account string `json:"account"`
	Created int64  `json:"created"`
	Live    *bool  `json:"livemode"`
	Data    struct {
		Object json.RawMessage `json:"object"`
	} `json:"data"`
}

// place is how far the events were read, in seconds of Stripe's clock. Stripe
// lists the newest first and knows no other order, so a backlog is read window
// by window: each is made so narrow that it fits a page, which is turned round.
// An event's id is no good as a cursor: it is forgotten after 30 days, and what
// is listed late is behind it.
type place struct {
	settled int64 // all before it was told, and nothing comes in there any more
	next    int64 // all before it was told
	width   int64 // of the window that comes next; 0 has no end
	newest  int64 // the newest event when the backlog was begun

	told string // which after settled were, each with a dot before it: a cursor that moves wakes everybody
}

const placeForm = "v1.%d.%d.%d.%d"

// String is the cursor.
func (p place) String() string {
	return fmt.Sprintf(placeForm, p.settled, p.next, p.width, p.newest) + p.told
}

func readPlace(cursor string) (p place, err error) {
	if cursor == "" {
		return place{}, nil
	}
	if at := strings.Index(cursor, ".evt_"); at >= 0 {
		cursor, p.told = cursor[:at], cursor[at:]
	}
	n, err := fmt.Sscanf(cursor, placeForm, &p.settled, &p.next, &p.width, &p.newest)
	if err != nil || n != 4 || strings.TrimSuffix(p.String(), p.told) != cursor || strings.ContainsAny(p.told, " \n") || min(p.settled, p.next, p.width, p.newest) < 0 || max(p.settled, p.next, p.width, p.newest) > 1<<40 {
		return place{}, provider.Errorf(provider.Refused, "the cursor is not one of ours")
	}
	return p, nil
}

// end is where the window ends; 0 is nowhere.
func (p place) end() int64 {
	if p.width == 0 || p.next+p.width > p.newest {
		return 0
	}
	return p.next + p.width
}

// Events returns what happened after the cursor; "" is as far back as Stripe
// lists. Events of the last minutes are listed again, and after a backlog they
// are told again.
func (c *Client) Events(ctx context.Context, cursor string, limit int) (provider.Page, error) {
	p, err := readPlace(cursor)
	if err != nil {
		return provider.Page{}, err
	}
	limit = min(max(limit, 1), 100)
	list, p, err := c.window(ctx, p, limit)
	if err != nil {
		return provider.Page{}, err
	}
	page := provider.Page{More: p.width != 0}
	after := p
	if page.More {
		after.advance(len(list), limit)
	} else {
		after = p.caughtUp(list)
	}
	page.Cursor = after.String()
	for _, w := range slices.Backward(list) {
		if strings.Contains(p.told+".", "."+w.ID+".") {
			continue
		}
		e, known, err := c.tell(w, c.isOurs(ctx))
		if err != nil {
			return provider.Page{}, err
		}
		if known {
			page.Events = append(page.Events, e)
		}
	}
	return page, nil
}

// advance goes to the window after one that was read, wider if few were in it.
func (p *place) advance(found, limit int) {
	if p.next = p.end(); found*2 <= limit {
		p.width = min(p.width*4, int64(kept))
	}
}

// caughtUp is where to begin the next time, when there was nothing after a list.
func (p place) caughtUp(list []wireEvent) place {
	newest := p.newest
	if len(list) > 0 {
		newest = max(newest, list[0].Created)
	}
	next := place{settled: max(p.settled, newest-int64(overlap))}
	next.next = next.settled
	for _, e := range list {
		if e.Created >= next.settled {
			next.told += "." + e.ID
		}
	}
	return next
}

// window reads all events of the next window, newest first, and narrows it
// until they fit a page. A second with more than that is read in pages.
func (c *Client) window(ctx context.Context, p place, limit int) ([]wireEvent, place, error) {
	for {
		list, more, err := c.list(ctx, p.next, p.end(), "", limit)
		if err != nil || !more {
			if p.end() == 0 {
				p.width = 0
			}
			return list, p, err
		}
		if p.end() == 0 {
			p.newest = list[0].Created + 1
			p.next = max(p.next, p.newest-int64(kept)) // nothing is older
			p.width = p.newest - p.next
		}
		if p.width > 1 {
			// As wide as what the page reached over; a call in which nothing is
			// gained costs more than a window that widens step by step.
			p.width = max(1, min(p.width/2, list[0].Created-list[len(list)-1].Created))
			continue
		}
		for pages := 1; more; pages++ {
			if pages > mostPages {
				return nil, p, provider.Errorf(provider.Unavailable, "a list without an end")
			}
			var rest []wireEvent
			if rest, more, err = c.list(ctx, p.next, p.next+1, list[len(list)-1].ID, limit); err != nil {
				return nil, p, err
			}
			list = append(list, rest...)
		}
		return list, p, nil
	}
}

// list asks for one page of events, newest first.
func (c *Client) list(ctx context.Context, from, to int64, after string, limit int) ([]wireEvent, bool, error) {
	p := &api.EventListParams{Types: api.StringSlice(types())}
	if from > 0 || to > 0 {
		p.CreatedRange = &api.RangeQueryParams{GreaterThanOrEqual: from, LesserThan: to}
	}
	p.Limit = api.Int64(int64(limit))
	if after != "" {
		p.StartingAfter = &after
	}
	q := outcall.Call{Method: http.MethodGet, Path: "/v1/events"}
	var w wireEvents
	if err := c.ask(ctx, q, p, &w); err != nil {
		return nil, false, err
	}
	last := int64(1) << 62
	for _, e := range w.Data {
		if !eventShape.MatchString(e.ID) || e.Created <= 0 || e.Created > last || e.Created < from || to > 0 && e.Created >= to || !c.same(e) {
			return nil, false, q.Garbled("a list of events that makes no sense", nil)
		}
		last = e.Created
	}
	if w.Object != "list" || w.More && len(w.Data) == 0 {
		return nil, false, q.Garbled("a list that is none", nil)
	}
	return w.Data, w.More, nil
}

// same says whether an event is of our account, in our mode.
func (c *Client) same(e wireEvent) bool {
	return e.Live != nil && *e.Live == live(c.cfg.Key) && (e.Account == "" || e.Account == c.cfg.Account)
}

// isOurs asks whether a payment is, where that isn't known. What can't be told
// is ours: nothing of ours is left out.
func (c *Client) isOurs(ctx context.Context) func(payment string) (bool, error) {
	return func(payment string) (bool, error) {
		if ours, known := c.met(payment); known {
			return ours, nil
		}
		var w wireIntent
		q := outcall.Call{Method: http.MethodGet, Path: api.FormatURLPath("/v1/payment_intents/%s", payment)}
		err := c.ask(ctx, q, &api.PaymentIntentRetrieveParams{}, &w)
		if kind := provider.KindOf(err); kind == provider.NotFound || kind == provider.Refused {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if w.ID != payment {
			return false, q.Garbled("a payment that makes no sense", nil)
		}
		ours := w.Metadata[markName] == markPayment
		c.meet(payment, ours)
		return ours, nil
	}
}
