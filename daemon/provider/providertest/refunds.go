package providertest

import (
	"testing"
	"time"

	"countersign/daemon/provider"
)

func moneyTests() map[string]func(*testing.T, Rig) {
	return map[string]func(*testing.T, Rig){
		"R23 refund in parts":         refundParts,
		"R23 refund too much":         refundTooMuch,
		"R23 refund again, same key":  refundAgain,
		"R23 refund of what isn't":    refundNothing,
		"R23 refund in another money": refundOther,
		"R23 two refunds alike":       refundAlike,
		"R23 refund lost, restarted":  refundRestarted,
	}
}

func refundOf(s provider.Session, key string, amount int64) provider.RefundRequest {
	return provider.RefundRequest{
		Key: key, Session: s.ID, Payment: s.Payment, Amount: amount, Currency: s.Currency, Reason: "as agreed",
	}
}

// refunded asks for a refund, and again for a while where it can't be made right
// now: some providers take no two alike shortly after each other.
func refunded(t *testing.T, r Rig, q provider.RefundRequest) (got provider.Refund, err error) {
	t.Helper()
	for range 5 { // as the daemon does
		if got, err = r.Provider.Refund(t.Context(), q); provider.KindOf(err) != provider.Unavailable {
			break
		}
		time.Sleep(time.Minute)
	}
	return got, err
}

func refundParts(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	for key, amount := range map[string]int64{"a": 1000, "b": 1500} {
		got, err := r.Provider.Refund(t.Context(), refundOf(s, key, amount))
		if err != nil {
			t.Fatalf("refund %s: %v", key, err)
		}
		if got.ID == "" || got.Amount != amount || got.Currency != "EUR" || got.Payment != s.Payment {
			t.Errorf("refund %s: %+v", key, got)
		}
		wantMade(t, r, "refund "+key, got, nil)
	}
	wantNoRefund(t, r, "a cent more", refundOf(s, "c", 1))
	mustBe(t, r, s.ID, provider.Paid) // given back is not unpaid
}

func refundTooMuch(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	wantNoRefund(t, r, "more than was paid", refundOf(s, "a", 2501))
	for _, amount := range []int64{0, -100} {
		_, err := r.Provider.Refund(t.Context(), refundOf(s, "b", amount))
		wantKind(t, "no amount", err, provider.Refused)
	}
	got, err := r.Provider.Refund(t.Context(), refundOf(s, "d", 2500))
	wantMade(t, r, "all of it, after refusals", got, err)
}

func refundAgain(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	first, err := r.Provider.Refund(t.Context(), refundOf(s, "a", 2000))
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Provider.Refund(t.Context(), refundOf(s, "a", 2000))
	if err != nil || again.ID != first.ID {
		t.Errorf("again: %+v, %v, first %+v", again, err, first)
	}
	_, err = r.Provider.Refund(t.Context(), refundOf(s, "a", 100))
	wantKind(t, "the key with another amount", err, provider.Refused)
	rest, err := r.Provider.Refund(t.Context(), refundOf(s, "b", 500))
	wantMade(t, r, "the rest", rest, err)
}

func refundNothing(t *testing.T, r Rig) {
	s := mustCreate(t, r, "1")
	_, err := r.Provider.Refund(t.Context(), refundOf(s, "a", 100))
	if k := provider.KindOf(err); k != provider.Refused && k != provider.NotFound {
		t.Errorf("refund of an unpaid session: %v", err)
	}
}

func refundOther(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	q := refundOf(s, "a", 100)
	q.Currency = "USD"
	wantNoRefund(t, r, "dollars of a payment in euros", q)
}

// refundAlike: two of one amount are two, and neither is the other's.
func refundAlike(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	first, err := r.Provider.Refund(t.Context(), refundOf(s, "a", 1000))
	if err != nil {
		t.Fatal(err)
	}
	second, err := refunded(t, r, refundOf(s, "b", 1000))
	if err != nil || second.ID == first.ID {
		t.Errorf("second: %+v, %v, first %+v", second, err, first)
	}
	if again, err := r.Provider.Refund(t.Context(), refundOf(s, "a", 1000)); err != nil || again.ID != first.ID {
		t.Errorf("again: %+v, %v, first %+v", again, err, first)
	}
	wantNoRefund(t, r, "more than the rest", refundOf(s, "c", 501))
}

// refundRestarted: an answer is lost and the program ends; what it asks for
// again when it is back has happened, or hasn't, and happens once.
func refundRestarted(t *testing.T, r Rig) {
	if r.Restart == nil {
		return
	}
	s := mustPay(t, r, "1")
	for i, storm := range []Storm{LostAnswer, Unreachable} {
		q := refundOf(s, []string{"a", "b"}[i], 600)
		q.Asked = time.Now()
		r.Weather.Set(Changing(storm))
		_, err := r.Provider.Refund(t.Context(), q)
		wantKind(t, "refund", err, provider.Unclear)
		r.Weather.Set(nil)
		r.Provider, q.Again = r.Restart(), true
		for range 20 { // as the daemon does
			time.Sleep(time.Minute)
			if _, err = r.Provider.Refund(t.Context(), q); provider.KindOf(err) != provider.Unclear {
				break
			}
		}
		if err != nil {
			t.Fatalf("refund %s: %v", q.Key, err)
		}
	}
	wantNoRefund(t, r, "more than the rest", refundOf(s, "c", 1301))
	got, err := r.Provider.Refund(t.Context(), refundOf(s, "d", 1300))
	wantMade(t, r, "the rest", got, err)
}
