package sandbox_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
)

// TestChaosLosesNothing lets every fault at a salon that keeps to the port's
// rules, and wants both sides to agree on the money in the end (R18, R20,
// R35): every payment heard of, none twice, no session made twice.
func TestChaosLosesNothing(t *testing.T) {
	for seed := range byte(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := options()
				o.Rand = rand.NewChaCha8([32]byte{seed, 1})
				salon{open(t, o), rand.New(rand.NewPCG(uint64(seed), 2))}.day(t)
			})
		})
	}
}

type salon struct {
	*house
	rand *rand.Rand
}

func (s salon) day(t *testing.T) {
	s.SetFaults(sandbox.Faults{
		Delay: 5 * time.Minute, Repeat: .4, Reorder: .4, TimeoutAfterSuccess: .2, TimeoutBefore: .2, Hang: s.rand.IntN(2) == 0,
		Error500: .2, RateLimit: .2, RetryAfter: 3 * time.Second, Garbage: .2, OddEvents: .3,
	})
	heard, cursor := map[string]int64{}, ""
	for i := range 12 {
		x := s.insist(t, i)
		s.visit(t, x.ID)
		cursor = s.poll(t, cursor, heard)
		time.Sleep(time.Duration(s.rand.IntN(600)) * time.Second)
	}
	time.Sleep(25 * time.Hour)
	for range 20 {
		cursor = s.poll(t, cursor, heard)
	}
	took := took(t, s.house)
	for id, amount := range took {
		if heard[id] != amount {
			t.Errorf("took %d with %s, we heard of %d", amount, id, heard[id])
		}
	}
	if len(heard) != len(took) || len(took) == 0 {
		t.Errorf("took %v, heard %v", took, heard)
	}
}

// visit does what clients do with a page.
func (s salon) visit(t *testing.T, session string) {
	switch s.rand.IntN(6) {
	case 0: // never opens it
	case 1:
		must(t)(s.Decline(session))
	case 2:
		must(t)(s.PayLater(session))
	default:
		must(t)(s.Pay(session))
		must(t)(s.Pay(session))
	}
}

// insist creates a session as the port says: after Unclear it looks first.
func (s salon) insist(t *testing.T, n int) provider.Session {
	t.Helper()
	q := request()
	q.Key, q.Reference, q.ExpiresAt = fmt.Sprint("k", n), fmt.Sprint("r", n), time.Now().Add(20*time.Hour)
	for range 200 {
		x, err := s.client.Create(t.Context(), q)
		if err == nil {
			return x
		}
		if provider.KindOf(err) == provider.Refused {
			t.Fatalf("refused: %v", err)
		}
		if x, err := s.client.Find(t.Context(), q.Reference); err == nil {
			return x
		}
		time.Sleep(time.Second)
	}
	t.Fatal("never got a session")
	return provider.Session{}
}

// poll reads what there is; a page counts only if it came whole.
func (s salon) poll(t *testing.T, cursor string, heard map[string]int64) string {
	t.Helper()
	for range 50 {
		p, err := s.client.Events(t.Context(), cursor, 4)
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for _, e := range p.Events {
			if e.Type == provider.EventPaid {
				heard[e.Session.Payment] = e.Session.Amount
			}
		}
		if cursor = p.Cursor; !p.More {
			return cursor
		}
	}
	return cursor
}
