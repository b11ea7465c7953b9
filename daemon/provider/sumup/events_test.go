package sumup_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sumup"
)

// counted is a house that counts what is asked of SumUp.
func counted(t *testing.T, test func(t *testing.T, h *house, asked func() []string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var paths []string
		h := newHouse(t, func(base http.RoundTripper) http.RoundTripper {
			return trip(func(r *http.Request) (*http.Response, error) {
				at := strings.LastIndex(r.URL.Path, "/")
				paths = append(paths, r.Method+" "+r.URL.Path[at+1:])
				return base.RoundTrip(r)
			})
		})
		test(t, h, func() []string { all := paths; paths = nil; return all })
	})
}

// read reads all there is from a cursor on.
func (h *house) read(t *testing.T, cursor string) (events []provider.Event, next string, pages int) {
	t.Helper()
	for {
		page, err := h.client.Events(t.Context(), cursor, 100)
		if err != nil {
			t.Fatal(err)
		}
		if page.More && page.Cursor == cursor {
			t.Fatal("the cursor stands still")
		}
		events, cursor, pages = append(events, page.Events...), page.Cursor, pages+1
		if !page.More {
			return events, cursor, pages
		}
	}
}

// R35: where nothing happened a poll is one request, whatever was sold within
// the hour, and changes nothing that would have to be stored.
func TestR35QuietPolls(t *testing.T) {
	counted(t, func(t *testing.T, h *house, asked func() []string) {
		for i := range 12 {
			h.pays(t, fmt.Sprint(i))
			h.Sell(450)
		}
		_, cursor, _ := h.read(t, "")
		asked()
		for range 10 {
			time.Sleep(2 * time.Second)
			events, next, _ := h.read(t, cursor)
			if len(events) > 0 || next != cursor {
				t.Errorf("%d events, cursor %q after %q", len(events), next, cursor)
			}
		}
		if got := asked(); len(got) != 10 || got[0] != "GET history" {
			t.Errorf("asked %v", got)
		}
	})
}

// R35: an outage of days is caught up with in pages that ask little each, and
// the cursor doesn't grow with it.
func TestR35Outage(t *testing.T) {
	counted(t, func(t *testing.T, h *house, asked func() []string) {
		_, cursor, _ := h.read(t, "")
		for i := range 150 {
			h.pays(t, fmt.Sprint(i))
			h.Sell(450)
			time.Sleep(29 * time.Minute)
		}
		asked()
		paid := map[string]bool{}
		for more := true; more; {
			page, err := h.client.Events(t.Context(), cursor, 100)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(asked()); n > 11 {
				t.Errorf("%d requests for one page", n)
			}
			for _, e := range page.Events {
				paid[e.Session.ID] = e.Type == provider.EventPaid
			}
			cursor, more = page.Cursor, page.More
		}
		if len(paid) != 150 {
			t.Errorf("heard of %d payments", len(paid))
		}
		_, cursor, _ = h.read(t, cursor)
		if len(cursor) > 400 {
			t.Errorf("a cursor of %d bytes afterwards", len(cursor))
		}
	})
}

// R20: a second payment on one checkout, and one whose checkout SumUp has
// forgotten, are told as what they are.
func TestR20PaymentsBesideTheCheckout(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		twice, gone := h.pays(t, "1"), h.pays(t, "2")
		h.PayTwice(twice.ID)
		h.Forget(gone.ID)
		events, _, _ := h.read(t, "")
		byPayment := map[string]provider.Event{}
		for _, e := range events {
			byPayment[e.Session.Payment] = e
		}
		if len(events) != 3 || len(byPayment) != 3 || byPayment[twice.Payment].Session != twice {
			t.Fatalf("%+v", events)
		}
		for payment, e := range byPayment {
			s := e.Session
			if e.Type != provider.EventPaid || s.Status != provider.Paid || s.Amount != 2500 || s.Currency != "EUR" || s.ID == "" || s.PaidAt.IsZero() || h.Payments()[payment] != 2500 {
				t.Errorf("%+v", e)
			}
			if payment == gone.Payment && s.Reference != gone.Reference {
				t.Errorf("the forgotten one is told as %+v", s)
			}
		}
	})
}

// R18, R23: one thing has one id however it is read: a refund shows in two
// lines of the history.
func TestR18OneIDEach(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pays(t, "1")
		_, cursor, _ := h.read(t, "")
		h.Dashboard(s.Payment, 700)
		h.Dashboard(s.Payment, 700)
		events, _, _ := h.read(t, cursor)
		ids := map[string]int64{}
		for _, e := range events {
			if e.Refund != nil {
				ids[e.ID] = e.Refund.Amount
			} else if e.Type != provider.EventPaid || e.Session.Status != provider.Paid {
				t.Errorf("told %+v", e)
			}
		}
		if len(ids) != 2 {
			t.Errorf("told %v", ids)
		}
	})
}

// R18, R23: how a refund ends is another event than that it was begun.
func TestR23RefundEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pays(t, "1")
		h.Pend(true)
		h.Dashboard(s.Payment, 700)
		begun, cursor, _ := h.read(t, "")
		h.Settle(begun[len(begun)-1].Refund.ID, false)
		ended, _, _ := h.read(t, cursor)
		if len(ended) == 0 {
			t.Fatalf("%+v, then nothing", begun)
		}
		first, last := begun[len(begun)-1], ended[len(ended)-1]
		if first.Refund.Status != provider.RefundPending || last.Refund.Status != provider.RefundFailed || first.ID == last.ID || first.Refund.ID != last.Refund.ID {
			t.Errorf("%+v, then %+v", first, last)
		}
	})
}

// R23: a clock of ours that is wrong gives nothing back twice: SumUp's counts.
func TestR23OurClockIsWrong(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.pays(t, "1")
		q := provider.RefundRequest{Key: "a", Payment: s.Payment, Session: s.ID, Amount: 700, Currency: "EUR", Asked: time.Now().Add(time.Hour)}
		h.weather.Set(providertest.Changing(providertest.LostAnswer))
		_, err := h.client.Refund(t.Context(), q)
		kind(t, "lost", err, provider.Unclear)
		h.weather.Set(nil)
		behind := trip(func(r *http.Request) (*http.Response, error) {
			res, err := h.weather.RoundTrip(r)
			if err == nil {
				res.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
			}
			return res, err
		})
		time.Sleep(time.Hour)
		q.Again = true
		if _, err := sumup.New(config(behind)).Refund(t.Context(), q); err != nil || len(h.Refunds(s.Payment)) != 1 {
			t.Errorf("%v, given back %v", err, h.Refunds(s.Payment))
		}
	})
}

// R35: a payment that is under way is told, and what is told late is as well.
func TestR35UnderWay(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t, "1")
		_, cursor, _ := h.read(t, "")
		h.PayLater(s.ID)
		events, cursor, _ := h.read(t, cursor)
		if len(events) != 1 || events[0].Type != provider.EventProcessing || events[0].Session.Status != provider.Processing {
			t.Errorf("%+v", events)
		}
		time.Sleep(time.Minute)
		events, _, _ = h.read(t, cursor)
		if len(events) != 1 || events[0].Type != provider.EventPaid {
			t.Errorf("%+v", events)
		}
	})
}

// R20: what makes no sense of one payment is a person's to look at, and stops
// none behind it.
func TestR20NonsenseStopsNothing(t *testing.T) {
	for name, change := range map[string][2]string{
		"the payment":    {`"amount":45.67`, `"amount":45.678`},
		"the refund":     {`"amount":10.5`, `"amount":10.555`},
		"the chargeback": {`"amount":20.25`, `"amount":-20.25`},
	} {
		inBubble(t, func(t *testing.T, h *house) {
			r := request("1")
			r.Amount, r.Lines = 4567, nil
			first, err := h.client.Create(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			h.Pay(first.ID)
			payment := h.is(t, first.ID, provider.Paid).Payment
			h.Dashboard(payment, 1050)
			h.Dispute(payment, 2025)
			last := h.pays(t, "2")
			h.weather.Set(providertest.Rewrite(change[0], change[1]))
			events, _, _ := h.read(t, "")
			behind, alarm := false, false
			for _, e := range events {
				behind = behind || e.Type == provider.EventPaid && e.Session.ID == last.ID
				alarm = alarm || e.Session.Status == provider.Unknown || e.Refund != nil && e.Refund.Amount == 0 || e.Dispute != nil && e.Dispute.Amount == 0
			}
			if !behind || !alarm {
				t.Errorf("%s: behind it told %v, raised %v: %+v", name, behind, alarm, events)
			}
		})
	}
}

// R35: what fails in the middle of a page keeps what came before it.
func TestR35HalfAPage(t *testing.T) {
	counted(t, func(t *testing.T, h *house, _ func() []string) {
		for i := range 3 {
			h.pays(t, fmt.Sprint(i))
		}
		n := 0
		h.weather.Set(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
			if n++; n == 3 {
				return nil, http.ErrServerClosed
			}
			return base.RoundTrip(r)
		})
		page, err := h.client.Events(t.Context(), "", 100)
		if err != nil || len(page.Events) != 1 || !page.More {
			t.Fatalf("%+v, %v", page, err)
		}
		rest, _, _ := h.read(t, page.Cursor)
		if len(rest) != 2 {
			t.Errorf("then %+v", rest)
		}
	})
}
