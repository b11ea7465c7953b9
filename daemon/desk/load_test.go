package desk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
)

// What waits is counted as it is: a checkout until its end is known, what staff
// have to deal with, and the jobs that failed apart.
func TestLoadCountsWhatWaits(t *testing.T) {
	s := open(t)
	page := s.opened(s.visit(2500))
	_, err := s.Begin(s.visit(1000).Token)
	s.must(err)
	jobs, _, err := s.DueJobs(10)
	s.must(err)
	s.must(s.PostponeJob(jobs[0].ID, "no answer", 0))
	got, err := s.Load()
	s.must(err)
	want := desk.Load{Open: map[string]int{"sandbox": 2}, Jobs: map[desk.JobKind]int{desk.JobCreate: 1}, Retried: map[desk.JobKind]int{desk.JobCreate: 1}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	page.Amount = 2400
	s.says(page, provider.Paid, "e_1")
	if got, err = s.Load(); err != nil || got.Open["sandbox"] != 1 || got.Attention != 1 {
		t.Errorf("after the payment of another amount: %+v, %v", got, err)
	}
}

// R18: a payment is counted once, under the way by which its word came first.
func TestBookedCountsOnceByWay(t *testing.T) {
	s := open(t)
	polled, hooked, looked := s.opened(s.visit(2500)), s.opened(s.visit(2500)), s.opened(s.visit(2500))
	for range 2 {
		s.says(polled, provider.Paid, "e_1")
		s.says(hooked, provider.Open, "e_2")
	}
	hooked.Status, looked.Status = provider.Paid, provider.Paid
	told := []provider.Event{{ID: "e_3", Type: provider.EventPaid, Session: hooked}}
	s.must(s.Confirm("sandbox", told, ""))
	s.must(s.Confirm("sandbox", told, "e_3"))
	s.must(s.Looked("sandbox", looked))
	s.must(s.Looked("sandbox", hooked))
	want := map[desk.Told]uint64{{Provider: "sandbox", Way: desk.Polled}: 1, {Provider: "sandbox", Way: desk.Hooked}: 1, {Provider: "sandbox", Way: desk.LookedUp}: 1}
	if d := cmp.Diff(want, s.Booked()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}
