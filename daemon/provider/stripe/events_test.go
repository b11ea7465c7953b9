package stripe_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe/stripetest"
)

// R35: an outage of three days is caught up with, in order, and no answer is
// longer than a page, but for a second that has more in it.
func TestBacklog(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		_, cursor := h.all(t, "", 20)
		var want []string
		for day := range 3 {
			for i := range 60 {
				s := h.create(t, fmt.Sprint(day, "-", i))
				if err := h.Pay(s.ID); err != nil {
					t.Fatal(err)
				}
				want = append(want, s.ID)
				time.Sleep(time.Duration(i%7) * time.Minute) // some in one second, some hours apart
			}
			time.Sleep(20 * time.Hour)
		}
		var got []string
		var last time.Time
		calls := 0
		h.weather.Set(counted(&calls))
		for {
			p, err := h.client.Events(t.Context(), cursor, 20)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Events) > 20 {
				t.Errorf("%d events in a page", len(p.Events))
			}
			for _, e := range p.Events {
				if e.At.Before(last) {
					t.Errorf("%s after %v", e.At, last)
				}
				got, last = append(got, e.Session.ID), e.At
			}
			if cursor = p.Cursor; !p.More {
				break
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("heard of %d payments, want %d", len(got), len(want))
		}
		if calls > 60 {
			t.Errorf("%d calls for 9 pages", calls)
		}
		calls = 0
		again, cursor := h.all(t, cursor, 20)
		if calls != 1 || len(again) > 10 {
			t.Errorf("caught up, and yet %d calls for %d events", calls, len(again))
		}
		for range 3 { // a cursor that moves wakes every screen
			time.Sleep(2 * time.Second)
			if more, after := h.all(t, cursor, 20); len(more) > 0 || after != cursor {
				t.Errorf("nothing happened, and yet %q became %q, with %d events", cursor, after, len(more))
			}
		}
	})
}

// R35: a second that has more in it than a page is read whole.
func TestManyInOneSecond(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.pay(t, "before")
		time.Sleep(time.Hour)
		for i := range 30 {
			h.pay(t, fmt.Sprint(i))
		}
		time.Sleep(time.Second)
		h.pay(t, "after")
		for _, limit := range []int{1, 7, 29, 31, 1000} {
			seen := map[string]bool{}
			events, _ := h.all(t, "", limit)
			for _, e := range events {
				seen[e.Session.ID] = true
			}
			if len(seen) != 32 {
				t.Errorf("%d at a time: heard of %d", limit, len(seen))
			}
		}
	})
}

// R35: a cursor from before what Stripe still lists goes on with what it does,
// and one whose event is gone is as good as any.
func TestOldCursor(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.pay(t, "1")
		_, cursor := h.all(t, "", 10)
		time.Sleep(40 * 24 * time.Hour)
		s := h.pay(t, "2")
		if events, _ := h.all(t, cursor, 1); len(events) != 1 || events[0].Session.ID != s.ID {
			t.Errorf("%+v", events)
		}
		for _, bad := range []string{"0", "v1.1.1.1", "v1.1.1.1.1 ", "v1.-1.1.1.1", "v1.01.1.1.1", "v1.1.9999999999999.1.1", "v1.1.1.1.99999999999999999999", "evt_a", "v1.1.1.1.1.evt_a b", "v1.1.1.1.1.xyz"} {
			if _, err := h.client.Events(t.Context(), bad, 10); provider.KindOf(err) != provider.Refused {
				t.Errorf("%s: %v", bad, err)
			}
		}
	})
}

// R35: what is listed minutes late is heard, while others are heard before it.
func TestListedLate(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		cursor, heard := "", map[string]bool{}
		read := func() {
			var events []provider.Event
			events, cursor = h.all(t, cursor, 3)
			for _, e := range events {
				heard[e.Session.ID] = true
			}
		}
		h.SetFaults(stripetest.Faults{Delay: 4 * time.Minute})
		late := h.pay(t, "late")
		h.SetFaults(stripetest.Faults{})
		for i := range 4 {
			h.pay(t, fmt.Sprint(i))
			read()
			time.Sleep(time.Minute)
		}
		if heard[late.ID] {
			t.Fatal("not late at all")
		}
		time.Sleep(time.Minute)
		read()
		if !heard[late.ID] {
			t.Error("never heard of")
		}
	})
}

// R20, R23: the web shop's sales, refunds and disputes are nobody's business
// here; ours are told though nothing in them says so.
func TestWebShop(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		theirs, ours := h.Sell(9900, "eur"), h.pay(t, "1").Payment
		for _, payment := range []string{theirs, ours} {
			if err := h.RefundByHand(payment, 100); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Dispute(payment, 500); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range map[string]*house{"known": h, "fresh": {client: newClient(h)}} { // which has met nobody
			var told []string
			events, _ := c.all(t, "", 10)
			for _, e := range events {
				told = append(told, e.Type)
				if e.Refund != nil && e.Refund.Payment != ours || e.Dispute != nil && e.Dispute.Payment != ours {
					t.Errorf("%s: told %+v", name, e)
				}
			}
			want := []string{provider.EventPaid, provider.EventRefund, provider.EventDispute, provider.EventDispute}
			if !slices.Equal(told, want) {
				t.Errorf("%s: told %v", name, told)
			}
		}
		calls, c := 0, newClient(h)
		h.weather.Set(onPath("/v1/payment_intents/", counted(&calls)))
		for range 3 {
			if _, err := c.Events(t.Context(), "", 10); err != nil || calls != 2 {
				t.Errorf("%d calls for two payments, %v", calls, err)
			}
		}
		h.weather.Set(onPath("/v1/payment_intents/", providertest.Answer(403, "", `{"error":{"type":"invalid_request_error","message":"no"}}`)))
		if p, err := newClient(h).Events(t.Context(), "", 10); err != nil || len(p.Events) != 7 {
			t.Errorf("who may not ask is told all: %+v, %v", p.Events, err)
		}
		h.weather.Set(onPath("/v1/payment_intents/", providertest.Unreachable))
		if p, err := newClient(h).Events(t.Context(), "", 10); provider.KindOf(err) != provider.Unavailable {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// R20: an event of ours whose words make no sense is no payment, and stops
// none behind it.
func TestEventsThatMakeNoSense(t *testing.T) {
	for change, want := range map[[2]string]string{
		{`"payment_status":"paid"`, `"payment_status":"no_payment_required"`}:        "unknown",
		{`"payment_status":"paid"`, `"payment_status":"settled"`}:                    "unknown",
		{`"status":"complete"`, `"status":"dreamt"`}:                                 "unknown",
		{`"amount_total":2500`, `"amount_total":0`}:                                  "unknown",
		{`"amount_total":2500`, `"amount_total":"25.00"`}:                            "unknown",
		{`"amount_total":2500`, `"amount_total":-1`}:                                 "unknown",
		{`"currency":"eur"`, `"currency":"xxx"`}:                                     "unknown",
		{`"payment_intent":"pi_`, `"payment_link":"pi_`}:                             "unknown",
		{`"type":"checkout.session.completed"`, `"type":"checkout.session.expired"`}: "unknown",
		{`"type":"checkout.session.completed"`, `"type":"checkout.session.began"`}:   "",
		{`"payment_status":"paid"`, `"payment_status":"unpaid"`}:                     "processing",
	} {
		inBubble(t, func(t *testing.T, h *house) {
			h.pay(t, "1")
			h.weather.Set(providertest.Rewrite(change[0], change[1]))
			p, err := h.client.Events(t.Context(), "", 10)
			if want == "" && err == nil && len(p.Events) == 0 {
				return
			}
			if err != nil || len(p.Events) != 1 || string(p.Events[0].Session.Status) != want || p.Events[0].Type == provider.EventPaid ||
				p.Events[0].Session.Payment != "" || !p.Events[0].Session.PaidAt.IsZero() {
				t.Errorf("%v: %+v, %v", change, p.Events, err)
			}
		})
	}
	inBubble(t, func(t *testing.T, h *house) {
		h.Sell(9900, "eur")
		s := h.pay(t, "1")
		h.weather.Set(providertest.Rewrite(`"amount_total":9900`, `"amount_total":{"of":"tomorrow"}`))
		if p, err := h.client.Events(t.Context(), "", 10); err != nil || len(p.Events) != 1 || p.Events[0].Session.ID != s.ID {
			t.Errorf("behind the web shop's: %+v, %v", p.Events, err)
		}
	})
	for _, change := range [][2]string{{`"livemode":false,"object":"event"`, `"livemode":true,"object":"event"`}, {`"id":"evt_`, `"ix":"evt_`},
		{`"object":"list"`, `"object":"heap"`}, {`"has_more":false`, `"has_more":7`}} {
		inBubble(t, func(t *testing.T, h *house) {
			h.pay(t, "1")
			h.weather.Set(providertest.Rewrite(change[0], change[1]))
			if p, err := h.client.Events(t.Context(), "", 10); provider.KindOf(err) != provider.Unavailable {
				t.Errorf("%v: %+v, %v", change, p, err)
			}
		})
	}
}

// R20: money that went back, and can't be read, is told with no amount, which
// is a person's to look at; it stops none behind it.
func TestMoneyBackThatMakesNoSense(t *testing.T) {
	for _, change := range [][2]string{{`"amount":1050`, `"amount":0`}, {`"amount":1050`, `"amount":-5`}} {
		inBubble(t, func(t *testing.T, h *house) {
			first := h.pay(t, "1")
			if err := h.RefundByHand(first.Payment, 1050); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Server.Dispute(first.Payment, 1050); err != nil {
				t.Fatal(err)
			}
			last := h.pay(t, "2")
			h.weather.Set(providertest.Rewrite(change[0], change[1]))
			p, err := h.client.Events(t.Context(), "", 100)
			told := map[string]bool{}
			for _, e := range p.Events {
				told[e.Type+" "+e.Session.ID] = true
				if e.Refund != nil && e.Refund.Amount != 0 || e.Dispute != nil && e.Dispute.Amount != 0 {
					t.Errorf("%v: %+v %+v", change, e.Refund, e.Dispute)
				}
			}
			if err != nil || !told[provider.EventPaid+" "+last.ID] || !told[provider.EventRefund+" "] || !told[provider.EventDispute+" "] {
				t.Errorf("%v: %v, %v", change, told, err)
			}
		})
	}
}

// R10: a payment that took its time and failed is told as that.
func TestFailedLater(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t, "1")
		if err := h.Fail(s.ID); err != nil {
			t.Fatal(err)
		}
		var told []string
		events, _ := h.all(t, "", 10)
		for _, e := range events {
			told = append(told, e.Type+" "+string(e.Session.Status))
		}
		if got := strings.Join(told, ", "); got != "session.processing processing, session.failed failed" {
			t.Errorf("told %s", got)
		}
	})
}
