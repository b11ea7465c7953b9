package desk_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
)

// subscribes adds other software that wants types of events, none for all.
func (s salon) subscribes(name string, types ...string) id.Subscriber {
	s.t.Helper()
	x, err := s.NewSubscriber(boss, "https://"+name+".example/hooks", types)
	s.must(err)
	_, err = s.AddSubscriber(boss, x)
	s.must(err)
	return x.ID
}

// tries makes one attempt to send, with an answer.
func (s salon) tries(which id.Subscriber, a desk.Answer) (desk.Outbound, bool) {
	s.t.Helper()
	out, ok, err := s.TakeMessage(which, time.Minute)
	s.must(err)
	if ok {
		s.must(s.MessageEnded(which, out.Message.ID, a, func(int) time.Duration { return time.Hour }))
	}
	return out, ok
}

func (s salon) subscriber(which id.Subscriber) desk.Subscriber {
	s.t.Helper()
	all, err := s.Subscribers(boss)
	s.must(err)
	for _, x := range all {
		if x.ID == which {
			return x
		}
	}
	s.t.Fatal("no receiver", which)
	return desk.Subscriber{}
}

// The body of a message is fixed: receivers read it, and its bytes are signed.
func TestMessageBodyIsFixed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		which := s.subscribes("crm", desk.PaymentBooked)
		v := s.visit(2500)
		p, err := s.TakePayment(boss, v.ID, desk.Taking{Method: "cash", Amount: 2500}, desk.Key{})
		s.must(err)
		out, ok := s.tries(which, desk.Answer{Outcome: desk.OutcomeDelivered})
		want := fmt.Sprintf(`{"type":"payment.booked","timestamp":"2000-01-01T00:00:00Z","data":{"visit":%q,"payment":%q,"amount":2500,"currency":"EUR","seq":%d}}`,
			v.ID, p.ID, out.Message.Seq)
		if string(out.Body) != want || !ok {
			t.Errorf("%s, want\n%s", out.Body, want)
		}
		test, err := s.SendTest(boss, which)
		s.must(err)
		out, _ = s.tries(which, desk.Answer{Outcome: desk.OutcomeDelivered})
		if want := `{"type":"webhook.test","timestamp":"2000-01-01T00:00:00Z","data":{"seq":0}}`; string(out.Body) != want || out.Message.ID != test.ID {
			t.Errorf("%s, want\n%s", out.Body, want)
		}
	})
}

// R38: only who may change settings sets up other software, and each act is in
// the audit log.
func TestR38SubscribersNeedTheRight(t *testing.T) {
	s := open(t)
	which := s.subscribes("crm")
	clerk := access.Actor{Name: "Eva", Rights: access.Manager.Rights()}
	acts := []struct {
		name string
		act  func(a access.Actor) error
	}{
		{"receiver.change", func(a access.Actor) error { return s.ChangeSubscriber(a, which, "https://b.example/", nil) }},
		{"receiver.test", func(a access.Actor) error { _, err := s.SendTest(a, which); return err }},
		{"receiver.renew_secret", func(a access.Actor) error { return s.SecretRenewed(a, which) }},
		{"receiver.send_failed_again", func(a access.Actor) error { return s.SendFailedAgain(a, which) }},
		{"receiver.forget_failed", func(a access.Actor) error { return s.ForgetFailed(a, which) }},
		{"receiver.off", func(a access.Actor) error { return s.SwitchSubscriber(a, which, false) }},
		{"receiver.on", func(a access.Actor) error { return s.SwitchSubscriber(a, which, true) }},
		{"receiver.remove", func(a access.Actor) error { return s.RemoveSubscriber(a, which) }},
	}
	for _, x := range acts {
		s.refused(x.act(clerk), "forbidden")
		s.must(x.act(boss))
		lines, err := s.AuditLog(boss, 0, 0)
		s.must(err)
		last := lines[len(lines)-1].Value
		if last.Act != x.name || !strings.Contains(string(last.Detail), string(which)) || strings.Contains(string(last.Detail), "whsec") {
			t.Errorf("%s: the audit log says %s %s", x.name, last.Act, last.Detail)
		}
		if x.name != "receiver.remove" {
			continue
		}
		s.refused(x.act(boss), "receiver_not_found")
	}
	_, err := s.NewSubscriber(clerk, "https://c.example/", nil)
	s.refused(err, "forbidden")
	_, err = s.Subscribers(clerk)
	s.refused(err, "forbidden")
}

// What can't be a receiver is refused with the field that is wrong, and nothing is kept.
func TestSubscribersThatAreRefused(t *testing.T) {
	s := open(t)
	first := s.subscribes("crm", desk.VisitChanged)
	for url, types := range map[string][]string{"https://crm.example/hooks": nil, "http://b.example": nil, "https://10.0.0.1/": nil, "": nil,
		"https://b.example": {"visit.exploded"}, "https://x:y@b.example": nil} {
		_, err := s.NewSubscriber(boss, url, types)
		s.refused(err, "validation")
	}
	s.refused(s.ChangeSubscriber(boss, first, "http://crm.example", nil), "validation")
	for n := 1; n < 20; n++ {
		s.subscribes(fmt.Sprintf("crm%d", n))
	}
	_, err := s.NewSubscriber(boss, "https://one-more.example", nil)
	s.refused(err, "too_many_receivers")
	s.must(s.ChangeSubscriber(boss, first, "https://other.example", desk.EventTypes()))
	if x := s.subscriber(first); x.URL != "https://other.example" || x.Types != nil {
		t.Errorf("%+v", x)
	}
}

// An answer that comes after the receiver was changed, or that belongs to an
// attempt before, counts for nothing; and there is one attempt at a time.
func TestAnswersThatComeTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		which := s.subscribes("crm", desk.VisitChanged)
		s.visit(2500)
		out, ok, err := s.TakeMessage(which, time.Minute)
		s.must(err)
		if _, again, err := s.TakeMessage(which, time.Minute); !ok || again || err != nil {
			t.Errorf("taken %t, and again %t, %v", ok, again, err)
		}
		s.must(s.ChangeSubscriber(boss, which, "https://other.example", []string{desk.VisitChanged}))
		s.must(s.MessageEnded(which, out.Message.ID, desk.Answer{Outcome: desk.OutcomeGone}, nil))
		if x := s.subscriber(which); !x.On {
			t.Error("turned off by the address before")
		}
		next, ok := s.tries(which, desk.Answer{Outcome: desk.OutcomeDelivered})
		if !ok || next.Message.ID != out.Message.ID || next.Subscriber.URL != "https://other.example" {
			t.Errorf("%+v", next)
		}
		s.must(s.RemoveSubscriber(boss, which))
		s.must(s.MessageEnded(which, out.Message.ID, desk.Answer{Outcome: desk.OutcomeDelivered}, nil))
	})
}

// R41: ten thousand events that wait cost no memory and little of the file;
// given up, no more than a bounded list of them is kept, for a month.
func TestR41ManyWaitingAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		which := s.subscribes("crm", desk.SyncChanged)
		for range 10_000 {
			s.must(s.SyncChanged())
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range 5 {
			if _, ok := s.tries(which, desk.Answer{Outcome: desk.OutcomeUnreachable}); !ok {
				t.Fatal("nothing waits")
			}
			time.Sleep(2 * time.Hour)
		}
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 20<<20 {
			t.Errorf("five attempts took %d bytes", grown)
		}
		if n, err := s.Waiting(boss, which); err != nil || n != desk.MostWaiting {
			t.Errorf("%d wait, %v", n, err)
		}
		time.Sleep(72 * time.Hour)
		pages := 0
		for ; pages < 100; pages++ {
			if due, _, err := s.DueFeeds(); err != nil || len(due) == 0 {
				break
			}
			s.tries(which, desk.Answer{Outcome: desk.OutcomeUnreachable})
			time.Sleep(2 * time.Hour)
		}
		list, err := s.Messages(boss, which, desk.MessageFailed, 1000)
		s.must(err)
		if x := s.subscriber(which); len(list) != 200 || x.Feed.GivenUp < 10_000 || pages > 60 || x.Trouble(time.Now()) != desk.TroubleGivenUp {
			t.Errorf("%d kept of %d, in %d steps", len(list), x.Feed.GivenUp, pages)
		}
		time.Sleep(31 * 24 * time.Hour)
		for more := true; more; {
			more, err = s.Tidy()
			s.must(err)
		}
		list, err = s.Messages(boss, which, desk.MessageFailed, 1000)
		if x := s.subscriber(which); err != nil || len(list) != 0 || x.Feed.GivenUp != 0 || x.Feed.Cursor == 0 {
			t.Errorf("%d kept after a month, %+v, %v", len(list), x.Feed, err)
		}
	})
}

// Turned off, nothing waits; what was on its way is given up, and on again it
// begins with what happens then. A message can be sent again as long as its
// event is known.
func TestSwitchedOffAndSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		which := s.subscribes("crm", desk.VisitChanged)
		s.visit(1000)
		done, _ := s.tries(which, desk.Answer{Outcome: desk.OutcomeDelivered})
		s.must(s.SendAgain(boss, which, done.Message.ID))
		s.must(s.SwitchSubscriber(boss, which, false))
		s.refused(s.SendAgain(boss, which, done.Message.ID), "receiver_off")
		s.visit(1000)
		if n, err := s.Waiting(boss, which); err != nil || n != 0 {
			t.Errorf("%d wait for one that is off, %v", n, err)
		}
		s.must(s.SwitchSubscriber(boss, which, true))
		if out, ok := s.tries(which, desk.Answer{Outcome: desk.OutcomeDelivered}); ok {
			t.Errorf("%+v was sent, which happened before", out.Message)
		}
		s.must(s.SendAgain(boss, which, done.Message.ID))
		again, ok := s.tries(which, desk.Answer{Outcome: desk.OutcomeDelivered})
		if !ok || again.Message.ID != done.Message.ID || string(again.Body) != string(done.Body) {
			t.Errorf("%s, then %s", done.Body, again.Body)
		}
		other := s.subscribes("books")
		s.refused(s.SendAgain(boss, other, done.Message.ID), "message_not_found")
		time.Sleep(61 * 24 * time.Hour)
		for more := true; more; {
			var err error
			more, err = s.Tidy()
			s.must(err)
		}
		s.visit(1000)
		_, err := s.Tidy()
		s.must(err)
		s.refused(s.SendAgain(boss, which, done.Message.ID), "message_gone")
	})
}
