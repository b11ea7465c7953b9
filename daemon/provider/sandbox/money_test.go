package sandbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
)

// paid is a session of 25 euros that was paid.
func (h *house) paid(t *testing.T) provider.Session {
	t.Helper()
	s, err := h.Pay(h.create(t).ID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *house) books(t *testing.T) sandbox.Payment {
	t.Helper()
	all, err := h.Payments()
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0]
}

// R23, R36: over HTTP somebody says how a pending refund and a dispute end,
// and what was said first stays.
func TestVerdictsOverHTTP(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.paid(t)
		h.SetFaults(sandbox.Faults{PendRefunds: 1})
		r, err := h.client.Refund(t.Context(), provider.RefundRequest{Key: "k", Session: s.ID, Payment: s.Payment, Amount: 500, Currency: "EUR"})
		if err != nil || h.books(t).Pending != 500 {
			t.Fatal(r, err, h.books(t))
		}
		var d struct{ ID, Status string }
		_, body := h.call(t, "POST", "/sandbox/v1/disputes", key, fmt.Sprintf(`{"payment":%q,"amount":2100,"reason":"unknown"}`, s.Payment))
		if err := json.Unmarshal([]byte(body), &d); err != nil || d.Status != provider.DisputeOpened {
			t.Fatal(body, err)
		}
		for _, try := range []struct {
			path   string
			status int
			says   string
		}{
			{"refunds/" + r.ID + "/perhaps", 404, "not_found"},
			{"refunds/nothing/succeed", 404, "not_found"},
			{"refunds/" + r.ID + "/succeed", 200, provider.RefundSucceeded},
			{"refunds/" + r.ID + "/fail", 200, provider.RefundSucceeded},
			{"disputes/nothing/win", 404, "not_found"},
			{"disputes/" + d.ID + "/draw", 404, "not_found"},
			{"disputes/" + d.ID + "/lose", 200, provider.DisputeLost},
			{"disputes/" + d.ID + "/win", 200, provider.DisputeLost},
		} {
			if res, body := h.call(t, "POST", "/sandbox/v1/"+try.path, key, ""); res.StatusCode != try.status || !strings.Contains(body, `"`+try.says+`"`) {
				t.Errorf("%s: %d %s", try.path, res.StatusCode, body)
			}
		}
		// More than was paid has gone: refunds ask, banks don't.
		if p := h.books(t); p.Refunded != 500 || p.Pending != 0 || p.Disputed != 2100 {
			t.Errorf("%+v", p)
		}
	})
}

// R23: a payment has one dispute at a time, and none after one that was lost.
func TestDisputesThatAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.paid(t)
		for body, want := range map[string]int{
			`{`: 400, `{"payment":"nobody"}`: 404,
			fmt.Sprintf(`{"payment":%q,"amount":2501}`, s.Payment):                          422,
			fmt.Sprintf(`{"payment":%q,"amount":-1}`, s.Payment):                            422,
			fmt.Sprintf(`{"payment":%q,"reason":%q}`, s.Payment, strings.Repeat("x", 2001)): 422,
		} {
			if res, _ := h.call(t, "POST", "/sandbox/v1/disputes", key, body); res.StatusCode != want {
				t.Errorf("%.60s: %d, want %d", body, res.StatusCode, want)
			}
		}
		for _, won := range []bool{true, false} {
			d, err := h.Dispute(s.Payment, 0, "")
			if err != nil || d.Amount != 2500 {
				t.Fatal(d, err)
			}
			if _, err := h.Dispute(s.Payment, 1, ""); err == nil {
				t.Error("a second one beside it")
			}
			if _, err := h.Decide(d.ID, won); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Dispute(s.Payment, 1, ""); err == nil {
			t.Error("one of money that the bank has")
		}
	})
}

// R23: a repeated key finds its refund, whatever the account takes by now.
func TestRefusedRefundsLetRepeatsThrough(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		s := h.paid(t)
		q := provider.RefundRequest{Key: "k", Session: s.ID, Payment: s.Payment, Amount: 500, Currency: "EUR"}
		first, err := h.client.Refund(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		h.SetFaults(sandbox.Faults{RefuseRefunds: 1})
		if again, err := h.client.Refund(t.Context(), q); err != nil || again != first {
			t.Errorf("%+v, %v", again, err)
		}
		q.Key = "other"
		_, err = h.client.Refund(t.Context(), q)
		wantKind(t, "another", err, provider.Refused)
	})
}
