package keyless_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/keyless"
)

// bank is a vendor that takes no key: it makes every refund it is asked for,
// may lose the answer, lists it late, and has a clock of its own.
type bank struct {
	lag, ahead time.Duration
	made       []keyless.Made
	next       string // what becomes of the next request: "", "lost before", "lost after", "refused"
	blind      bool   // it answers no question
	silent     bool   // it doesn't answer the next one
	slow       time.Duration
}

func unclear() error { return provider.Errorf(provider.Unclear, "no answer") }

// Ask makes a refund.
func (b *bank) Ask(_ context.Context, r provider.RefundRequest) error {
	time.Sleep(b.slow)
	what := b.next
	b.next = ""
	switch what {
	case "lost before":
		return unclear()
	case "refused":
		return provider.Errorf(provider.Refused, "no")
	case "then silent":
		b.silent = true
	}
	id := fmt.Sprint(len(b.made) + 1)
	b.made = append(b.made, keyless.Made{At: time.Now().Add(b.ahead).Truncate(time.Millisecond),
		Refund: provider.Refund{ID: id, Payment: r.Payment, Amount: r.Amount, Currency: r.Currency, Status: provider.RefundSucceeded}})
	if what == "lost after" {
		return unclear()
	}
	return nil
}

// Refunds lists what was made long enough ago.
func (b *bank) Refunds(context.Context, provider.RefundRequest) (all []keyless.Made, err error) {
	if b.blind || b.silent {
		b.silent = false
		return nil, unclear()
	}
	for _, m := range b.made {
		if !time.Now().Add(b.ahead).Before(m.At.Add(b.lag)) {
			all = append(all, m)
		}
	}
	return all, nil
}

// Ahead is the vendor's clock, to the second.
func (b *bank) Ahead() time.Duration { return b.ahead.Truncate(time.Second) }

func want(key string, amount int64) provider.RefundRequest {
	return provider.RefundRequest{Key: key, Payment: "p", Amount: amount, Currency: "EUR", Asked: time.Now()}
}

// insist asks until it is clear, as the daemon does.
func insist(ctx context.Context, r *keyless.Refunds, b *bank, q provider.RefundRequest) (provider.Refund, error) {
	for range 30 {
		got, err := r.Refund(ctx, b, q)
		if provider.KindOf(err) != provider.Unclear {
			return got, err
		}
		q.Again = true
		time.Sleep(time.Minute)
	}
	return provider.Refund{}, unclear()
}

// R23: whatever is lost, however late it is listed, whenever the program is
// restarted and whatever the clocks say, each key gives back once.
func TestR23OncePerKey(t *testing.T) {
	for seed := range uint64(500) {
		synctest.Test(t, func(t *testing.T) { oncePerKey(t, rand.New(rand.NewPCG(seed, 7)), seed) })
	}
}

func oncePerKey(t *testing.T, dice *rand.Rand, seed uint64) {
	seconds := func(least, most int) time.Duration { return time.Duration(least+dice.IntN(most-least+1)) * time.Second }
	b := &bank{lag: seconds(0, 300), ahead: seconds(-4000, 4000)}
	r, keys, seen := keyless.New(time.Now()), 1+dice.IntN(6), map[string]string{}
	for i := range keys {
		q := want(fmt.Sprint(i), []int64{500, 500, 700}[dice.IntN(3)])
		for range dice.IntN(4) {
			b.next = []string{"lost before", "lost after"}[dice.IntN(2)]
			_, err := r.Refund(t.Context(), b, q)
			if err == nil {
				break // an earlier one was found
			}
			q.Again = true
			if dice.IntN(2) == 0 {
				time.Sleep(seconds(0, 30))
				r = keyless.New(time.Now())
			}
		}
		b.next = ""
		got, err := insist(t.Context(), r, b, q)
		if other, taken := seen[got.ID]; err != nil || taken || got.Amount != q.Amount {
			t.Fatalf("seed %d: key %s has %+v, %v; key %q's", seed, q.Key, got, err, other)
		}
		seen[got.ID] = q.Key
		time.Sleep(6 * time.Minute) // nobody gives back the same twice at once
	}
	if len(b.made) != keys {
		t.Fatalf("seed %d: %d refunds for %d keys", seed, len(b.made), keys)
	}
}

// R23: what may be another's refund is left to a person, and nothing is given
// back on a guess.
func TestR23DoubtIsAPersons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{}
		if _, err := keyless.New(time.Now()).Refund(t.Context(), b, want("a", 500)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		q := want("b", 500)
		b.next = "lost before"
		_, _ = keyless.New(time.Now()).Refund(t.Context(), b, q)
		q.Again = true
		if got, err := insist(t.Context(), keyless.New(time.Now()), b, q); provider.KindOf(err) != provider.Unclear {
			t.Errorf("%+v, %v", got, err)
		}
		if len(b.made) != 1 {
			t.Errorf("%d refunds", len(b.made))
		}
	})
}

// R23, R41: after a restart a refund that was booked as another key's is not
// taken for the one asked for, however near in time they were.
func TestR23AnothersRefundIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{}
		first, err := keyless.New(time.Now()).Refund(t.Context(), b, want("a", 500))
		if err != nil {
			t.Fatal(err)
		}
		q := want("b", 500)
		b.next = "lost before"
		if _, err := keyless.New(time.Now()).Refund(t.Context(), b, q); err == nil {
			t.Fatal("it was answered")
		}
		q.Again, q.Taken = true, []string{first.ID}
		got, err := insist(t.Context(), keyless.New(time.Now()), b, q)
		if err != nil || got.ID == first.ID || len(b.made) != 2 {
			t.Errorf("%+v, %v: %d refunds", got, err, len(b.made))
		}
	})
}

// R23: a refusal ends a key; a refusal to answer doesn't.
func TestR23Refusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, r := &bank{next: "refused"}, keyless.New(time.Now())
		_, err := r.Refund(t.Context(), b, want("a", 500))
		if provider.KindOf(err) != provider.Refused {
			t.Errorf("%v", err)
		}
		if got, err := r.Refund(t.Context(), b, want("a", 500)); err != nil || got.ID != "1" { // tried again at once
			t.Errorf("%+v, %v", got, err)
		}
		b.blind = true
		if _, err := r.Refund(t.Context(), b, want("b", 500)); provider.KindOf(err) != provider.Unclear || len(b.made) != 1 {
			t.Errorf("asked without looking: %v, %v", err, b.made)
		}
		if _, err := r.Refund(t.Context(), b, want("a", 600)); provider.KindOf(err) != provider.Refused {
			t.Errorf("another amount: %v", err)
		}
	})
}

// R23: many at once take turns, and none is lost or made twice.
func TestR23Together(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, r := &bank{slow: time.Second}, keyless.New(time.Now())
		ids := make(chan string, 20)
		for i := range 20 {
			go func() {
				got, err := r.Refund(t.Context(), b, want(fmt.Sprint(i%10), 100))
				if err != nil {
					t.Error(err)
				}
				ids <- got.ID
			}()
		}
		count := map[string]int{}
		for range 20 {
			count[<-ids]++
		}
		if len(b.made) != 10 || len(count) != 10 {
			t.Errorf("%d refunds, %v", len(b.made), count)
		}
	})
}

// R23: two keys of one amount that are under way side by side are two refunds,
// and what was made is never made again, however late it is listed.
func TestR23SideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, r := &bank{lag: 20 * time.Minute}, keyless.New(time.Now())
		one, two := want("a", 500), want("b", 500)
		b.next = "lost before"
		_, _ = r.Refund(t.Context(), b, one)
		if _, err := r.Refund(t.Context(), b, two); provider.KindOf(err) != provider.Unclear {
			t.Errorf("not listed yet: %v", err)
		}
		second, err := insist(t.Context(), r, b, two)
		if err != nil || len(b.made) != 1 {
			t.Fatalf("%+v, %v after %v", second, err, b.made)
		}
		first, err := insist(t.Context(), r, b, one)
		if err != nil || first.ID == second.ID || len(b.made) != 2 {
			t.Errorf("%+v and %+v, %v", first, second, err)
		}
	})
}

// R23: keys of one amount whose answers are lost turn by turn all end, and each
// with a refund of its own.
func TestR23Interleaved(t *testing.T) {
	for seed := range uint64(500) {
		synctest.Test(t, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 11))
			b, r := &bank{}, keyless.New(time.Now())
			keys := []provider.RefundRequest{want("a", 500), want("b", 500), want("c", 500), want("d", 700)}
			ids := map[string]string{}
			for step := 0; len(ids) < len(keys) && step < 500; step++ {
				q := &keys[dice.IntN(len(keys))]
				b.next = []string{"", "lost before", "lost after", "then silent"}[dice.IntN(4)]
				got, err := r.Refund(t.Context(), b, *q)
				if q.Again = true; err == nil {
					ids[q.Key] = got.ID
				}
				time.Sleep(time.Duration(dice.IntN(300)) * time.Second)
			}
			different := map[string]bool{}
			for _, id := range ids {
				different[id] = true
			}
			if len(different) != len(keys) || len(b.made) != len(keys) {
				t.Fatalf("seed %d: %v of %v", seed, ids, b.made)
			}
		})
	}
}
