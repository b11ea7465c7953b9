package desk_test

import (
	"slices"
	"testing"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/store"
)

// R20: staff read why a client got no page, in the provider's words; a payment
// that failed is another matter.
func TestR20StepsSayWhyThereIsNoPage(t *testing.T) {
	s := open(t)
	refused := s.visit(20)
	o, err := s.Begin(refused.Token)
	s.must(err)
	jobs, _, err := s.DueJobs(10)
	s.must(err)
	at := slices.IndexFunc(jobs, func(j store.Task[desk.Job]) bool { return j.Value.Checkout == o.Checkout })
	_, _, err = s.TakeJob(jobs[at].ID, time.Minute)
	s.must(err)
	s.must(s.NotCreated(jobs[at].ID, o.Checkout, "the amount is too small"))
	declined := s.visit(2500)
	s.says(s.opened(declined), provider.Failed, "e1")
	for _, c := range []struct {
		of        desk.Step
		kind, why string
	}{{s.lastStep(refused), "refused", "the amount is too small"}, {s.lastStep(declined), "failed", ""}} {
		if c.of.Kind != c.kind || c.of.Why != c.why {
			t.Errorf("%+v, want %s %q", c.of, c.kind, c.why)
		}
	}
}

func (s salon) lastStep(v visit.Visit) desk.Step {
	s.t.Helper()
	steps, err := s.Steps(boss, v.ID)
	s.must(err)
	if len(steps) == 0 {
		s.t.Fatal("nothing has happened")
	}
	return steps[len(steps)-1]
}
