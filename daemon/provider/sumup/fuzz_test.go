package sumup_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/sumup"
)

const paidCheckout = `{"checkout_reference":"countersign-k_1","amount":25.1,"currency":"EUR","merchant_code":"MH4H92C7","id":"c1","status":"PAID",` +
	`"date":"2026-01-02T03:04:05.000+00:00","valid_until":"2026-01-02T04:04:05+00:00","hosted_checkout_url":"https://checkout.sumup.com/pay/c-c1",` +
	`"transaction_id":"t1","transactions":[{"id":"t1","amount":25.1,"currency":"EUR","timestamp":"2026-01-02T03:05:00.000Z","status":"SUCCESSFUL"}]}`

const fullTransaction = `{"id":"t1","amount":25.1,"currency":"EUR","timestamp":"2026-01-02T03:05:00.000Z","status":"REFUNDED","events":[` +
	`{"id":7,"transaction_id":"t1","type":"REFUND","status":"REFUNDED","amount":5,"timestamp":"2026-01-03T03:05:00.000Z"},` +
	`{"id":8,"transaction_id":"t1","type":"CHARGE_BACK","status":"PENDING","amount":20.1,"timestamp":"2026-01-04T03:05:00.000Z"}]}`

const historyPage = `{"items":[{"id":"i1","transaction_id":"t1","type":"PAYMENT","status":"REFUNDED","amount":25.1,"currency":"EUR","timestamp":"2026-01-02T03:05:00.000Z",` +
	`"product_summary":"Your visit countersign-k_1","refunded_amount":5}],"links":[{"rel":"next","href":"limit=10&oldest_ref=i1&order=ascending"}]}`

// saying is an adapter at a SumUp that says this of everything.
func saying(checkout, list, transaction, history string) *sumup.Client {
	return sumup.New(config(trip(func(r *http.Request) (*http.Response, error) {
		body := transaction
		switch {
		case strings.HasSuffix(r.URL.Path, "/history"):
			body = history
		case strings.HasSuffix(r.URL.Path, "/checkouts"):
			body = list
		case strings.Contains(r.URL.Path, "/checkouts/"):
			body = checkout
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})))
}

// sound fails on a session that nobody could book.
func sound(t *testing.T, s provider.Session, from string) {
	t.Helper()
	if s.ID == "" || s.Reference == "" || s.Amount <= 0 || len(s.Currency) != 3 {
		t.Fatalf("half a session: %+v", s)
	}
	if (s.Status == provider.Paid) != (s.Payment != "") || s.Status == provider.Paid && s.PaidAt.IsZero() {
		t.Fatalf("half a payment: %+v", s)
	}
	if s.Status == provider.Paid && !strings.Contains(from, "SUCCESSFUL") && !strings.Contains(from, "REFUNDED") && !strings.Contains(from, "CHARGE_BACK") && !strings.Contains(from, `\u`) {
		t.Fatalf("paid by %q", from)
	}
}

// What the fuzzing begins with is good: it reaches what it is meant to reach.
func TestSeedsAreRead(t *testing.T) {
	c := saying(paidCheckout, "["+paidCheckout+"]", fullTransaction, strings.Replace(historyPage, `"next"`, `"self"`, 1))
	s, err := c.Look(t.Context(), "c1")
	if err != nil || s.Status != provider.Paid || s.Amount != 2510 || s.Payment != "t1" {
		t.Errorf("%+v, %v", s, err)
	}
	page, err := c.Events(t.Context(), "", 10)
	if err != nil || len(page.Events) != 3 || page.Events[0].Session != s || page.Events[1].Refund.Amount != 500 || page.Events[2].Dispute.Amount != 2010 {
		t.Errorf("%+v, %v", page, err)
	}
	list := strings.Replace(paidCheckout, `[{"id":"t1","amount":25.1,"currency":"EUR","timestamp":"2026-01-02T03:05:00.000Z","status":"SUCCESSFUL"}]`, "[]", 1)
	if bare, err := saying(list, "", fullTransaction, "").Look(t.Context(), "c1"); err != nil || bare != s {
		t.Errorf("paid without a list of transactions: %+v, %v", bare, err)
	}
}

// R19: of two payments the one that SumUp names paid the checkout, and what is
// another merchant's isn't ours.
func TestR19WhichPayment(t *testing.T) {
	two := strings.Replace(paidCheckout, `"transactions":[`, `"transactions":[{"id":"t0","amount":3,"currency":"EUR","timestamp":"2026-01-02T03:04:30.000Z","status":"SUCCESSFUL"},`, 1)
	if s, err := saying(two, "", "", "").Look(t.Context(), "c1"); err != nil || s.Payment != "t1" || s.Amount != 2510 {
		t.Errorf("%+v, %v", s, err)
	}
	other := strings.Replace(paidCheckout, merchant, "MOTHER", 1)
	if s, err := saying(other, "", "", "").Look(t.Context(), "c1"); provider.KindOf(err) != provider.NotFound {
		t.Errorf("%+v, %v", s, err)
	}
}

// FuzzSession: nothing breaks the reading of a checkout, and nonsense is never
// a payment (R19, R20).
func FuzzSession(f *testing.F) {
	for _, s := range []string{paidCheckout, `{}`, `null`, `[]`, strings.Replace(paidCheckout, `"PAID"`, `"SETTLED"`, 1),
		strings.Replace(paidCheckout, "25.1", "-25.1", 1), strings.Replace(paidCheckout, "25.1", "1e400", 2), strings.Replace(paidCheckout, `"t1"`, `""`, 2),
		strings.Replace(paidCheckout, `"SUCCESSFUL"`, `"FAILED"`, 1), strings.Replace(paidCheckout, "countersign-", "", 1)} {
		f.Add(s, fullTransaction)
	}
	f.Fuzz(func(t *testing.T, checkout, transaction string) {
		c := saying(checkout, "["+checkout+"]", transaction, "")
		s, err := c.Look(context.Background(), "c1")
		if err == nil {
			sound(t, s, checkout+transaction)
		}
		found, err := c.Find(context.Background(), "k_1")
		if err != nil {
			return
		}
		if sound(t, found, checkout+transaction); found.Reference != "k_1" {
			t.Fatalf("found another: %+v", found)
		}
	})
}

// FuzzEvents: nothing breaks the reading of the history, and what it tells is
// whole (R19, R20, R23).
func FuzzEvents(f *testing.F) {
	f.Add(historyPage, paidCheckout, fullTransaction, "")
	f.Add(`{"items":[]}`, `{}`, `{}`, "sumup1.")
	f.Add(strings.Replace(historyPage, "PAYMENT", "CHARGE_BACK", 1), paidCheckout, fullTransaction, "sumup1.e30")
	f.Add(historyPage, "", fullTransaction, "sumup1.eyJzaW5jZSI6IjE5OTktMTItMzFUMjM6MzA6MDBaIn0")
	f.Fuzz(func(t *testing.T, history, checkout, transaction, cursor string) {
		page, err := saying(checkout, "["+checkout+"]", transaction, history).Events(context.Background(), cursor, 10)
		if err != nil {
			if len(page.Events) > 0 || page.Cursor != "" {
				t.Fatalf("an error and a page: %+v, %v", page, err)
			}
			return
		}
		if page.Cursor == "" {
			t.Fatal("a page without a cursor would begin anew")
		}
		for _, e := range page.Events {
			if e.ID == "" || !provider.KnownEvent(e.Type) || (e.Refund != nil) != (e.Type == provider.EventRefund) || (e.Dispute != nil) != (e.Type == provider.EventDispute) {
				t.Fatalf("half an event: %+v", e)
			}
			switch {
			case e.Refund != nil && (e.Refund.Payment == "" || e.Refund.Amount < 0):
				t.Fatalf("half a refund: %+v", e.Refund)
			case e.Dispute != nil && (e.Dispute.Payment == "" || e.Dispute.Amount < 0):
				t.Fatalf("half a dispute: %+v", e.Dispute)
			case e.Refund == nil && e.Dispute == nil && e.Session.Status != provider.Unknown:
				sound(t, e.Session, history+checkout+transaction)
			}
		}
	})
}

// FuzzParse: whoever sends whatever, all that comes of it is a hint.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"event_type":"CHECKOUT_STATUS_CHANGED","id":"c1"}`, `{}`, `null`, `{"id":7}`, `{"event_type":"x","id":"c1"}`,
		`{"id":"e1","event_type":"checkout.status.updated","payload":{"checkout_id":"c1","status":"FAILED"},"timestamp":"2024-09-12T12:43:24.818+00:00"}`} {
		f.Add([]byte(s))
	}
	c := sumup.New(config(nil))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.Parse(http.Header{}, body, time.Now())
		if err != nil && (len(events) > 0 || provider.KindOf(err) != provider.Forged) {
			t.Fatalf("%+v, %v", events, err)
		}
		for _, e := range events {
			if want := (provider.Event{Type: provider.EventHint, Session: provider.Session{ID: e.Session.ID}}); e != want || e.Session.ID == "" {
				t.Fatalf("more than a hint: %+v", e)
			}
		}
	})
}
