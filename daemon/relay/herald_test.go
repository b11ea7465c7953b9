package relay_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/store"
)

// R41: events arrive in order, once each while all is well, signed, and only
// those that were asked for, from the moment that they were.
func TestR41EventsArriveInOrder(t *testing.T) {
	inCircle(t, func(t *testing.T, c *circle) {
		c.happens(3)
		visits, which := c.joins("crm.example")
		payments, _ := c.joins("books.example", desk.PaymentBooked)
		c.work()
		c.happens(25)
		took, asked := visits.got()
		inOrder(t, took, 25)
		if len(asked) != 25 {
			t.Errorf("%d attempts", len(asked))
		}
		changes, err := c.Changes(0, 0)
		c.must(err)
		for _, m := range took {
			e := changes[m.Data.Seq-1]
			if e.Seq != m.Data.Seq || e.Value.Type != m.Type || !e.Value.At.Equal(m.Timestamp) || string(e.Value.Data.Visit) != m.Data.Visit {
				t.Errorf("%+v is not event %+v", m, e)
			}
		}
		if took, _ := payments.got(); len(took) != 0 {
			t.Errorf("%+v was not asked for", took)
		}
		if s := c.subscriber(which); s.Feed.Delivered.IsZero() || c.waiting(which) != 0 || len(c.messages(which, desk.MessageDelivered)) != 25 {
			t.Errorf("%+v", s.Feed)
		}
	})
}

// R41: with the power cut at any commit, on either side of it, no event is
// lost or out of order, and one that comes again has its id.
func TestR41EventsOverPowerCuts(t *testing.T) {
	for _, side := range []store.Stage{store.BeforeCommit, store.AfterCommit} {
		for n := 1; n <= 9; n++ {
			inCircle(t, func(t *testing.T, c *circle) {
				r, which := c.joins("crm.example")
				c.happens(3)
				c.halt()
				left := n
				c.fault = func(at store.Stage) error {
					if at != side || left == 0 {
						return nil
					}
					if left--; left == 0 {
						return errCut
					}
					return nil
				}
				c.start()
				c.work()
				time.Sleep(time.Minute)
				r.got()
				c.halt()
				c.fault = nil
				c.start()
				c.work()
				time.Sleep(time.Hour)
				took, _ := r.got()
				first := map[string]uint64{}
				var once []heard
				for _, m := range took {
					if seq, again := first[m.ID]; again && seq == m.Data.Seq {
						continue
					}
					first[m.ID], once = m.Data.Seq, append(once, m)
				}
				inOrder(t, once, 3)
				if c.waiting(which) != 0 {
					t.Errorf("cut %d/%v: %d still wait", n, side, c.waiting(which))
				}
			})
		}
	}
}

// A receiver that is dead holds up no other, is asked gently, one message at a
// time, and gets all in order once it is back.
func TestR41DeadReceiverBesideLiveOne(t *testing.T) {
	inCircle(t, func(t *testing.T, c *circle) {
		dead, which := c.joins("dead.example")
		live, _ := c.joins("live.example")
		dead.set(func(_ http.ResponseWriter, _ heard) bool { time.Sleep(time.Minute); return false })
		c.work()
		for range 20 {
			c.happens(2)
			time.Sleep(time.Hour)
		}
		took, _ := live.got()
		inOrder(t, took, 40)
		for i, m := range took {
			if m.At.Sub(m.Timestamp) > time.Second {
				t.Errorf("message %d took %s", i, m.At.Sub(m.Timestamp))
			}
		}
		_, asked := dead.got()
		if len(asked) < 20 || len(asked) > 60 {
			t.Errorf("%d attempts in 20 hours", len(asked))
		}
		for _, m := range asked {
			if m.ID != asked[0].ID {
				t.Error("others were tried as well")
			}
		}
		if s := c.subscriber(which); s.Feed.Problem != desk.OutcomeTimeout || s.Trouble(time.Now()) != desk.TroubleFailing || c.waiting(which) != 40 {
			t.Errorf("%+v, %d wait", s.Feed, c.waiting(which))
		}
		dead.set(nil)
		time.Sleep(2 * time.Hour)
		took, _ = dead.got()
		inOrder(t, took, 40)
		if s := c.subscriber(which); s.Feed.Failures != 0 || s.Trouble(time.Now()) != "" {
			t.Errorf("%+v", s.Feed)
		}
	})
}

// After three days an event is given up; staff are told once, and can send it
// again under its id.
func TestR41ThreeDaysThenFailed(t *testing.T) {
	inCircle(t, func(t *testing.T, c *circle) {
		r, which := c.joins("crm.example")
		r.set(refuses(http.StatusBadGateway))
		c.work()
		c.happens(30)
		time.Sleep(71 * time.Hour)
		if failed := c.messages(which, desk.MessageFailed); len(failed) != 0 || c.waiting(which) != 30 {
			t.Errorf("given up early: %d, %d wait", len(failed), c.waiting(which))
		}
		time.Sleep(3 * time.Hour)
		_, asked := r.got()
		failed := c.messages(which, desk.MessageFailed)
		if len(failed) != 30 || c.waiting(which) != 0 || c.subscriber(which).Trouble(time.Now()) != desk.TroubleGivenUp {
			t.Fatalf("%d failed, %d wait", len(failed), c.waiting(which))
		}
		if m := failed[0]; m.Outcome != desk.OutcomeStatus || m.Status != http.StatusBadGateway {
			t.Errorf("%+v", m)
		}
		last, err := c.LastChange()
		c.must(err)
		if last-asked[0].Data.Seq > 40 {
			t.Errorf("%d pieces of news", last-asked[0].Data.Seq)
		}
		time.Sleep(24 * time.Hour)
		if _, now := r.got(); len(now) != len(asked) {
			t.Errorf("%d attempts after all was given up", len(now)-len(asked))
		}
		r.set(nil)
		c.must(c.SendFailedAgain(boss, which))
		time.Sleep(time.Minute)
		took, _ := r.got()
		inOrder(t, took, 30)
		if took[0].ID != asked[0].ID || c.subscriber(which).Trouble(time.Now()) != "" {
			t.Errorf("%s, then %s; %+v", asked[0].ID, took[0].ID, c.subscriber(which).Feed)
		}
	})
}

// A receiver that is gone is asked no more; staff are told, and when it is on
// again it gets what happens from then on.
func TestR41GoneTurnsOff(t *testing.T) {
	inCircle(t, func(t *testing.T, c *circle) {
		r, which := c.joins("crm.example")
		r.set(refuses(http.StatusGone))
		c.work()
		c.happens(3)
		time.Sleep(time.Hour)
		_, asked := r.got()
		if s := c.subscriber(which); len(asked) != 1 || s.On || s.Trouble(time.Now()) != desk.TroubleGone {
			t.Errorf("%d attempts, %+v", len(asked), s)
		}
		r.set(nil)
		c.must(c.SwitchSubscriber(boss, which, true))
		c.happens(2)
		took, _ := r.got()
		inOrder(t, took, 2)
	})
}

// One message that is refused, however often, holds up the others for minutes
// only; it is tried by itself for three days.
func TestR41OneRefusedMessage(t *testing.T) {
	inCircle(t, func(t *testing.T, c *circle) {
		r, which := c.joins("crm.example")
		c.work()
		c.happens(1)
		first, _ := r.got()
		bad := first[0].Data.Seq + 1
		r.set(func(w http.ResponseWriter, m heard) bool {
			if m.Data.Seq == bad {
				w.WriteHeader(http.StatusBadRequest)
			}
			return m.Data.Seq != bad
		})
		c.happens(5)
		time.Sleep(10 * time.Minute)
		if took, _ := r.got(); len(took) != 5 {
			t.Errorf("%d arrived", len(took))
		}
		if s := c.subscriber(which); c.waiting(which) != 1 || s.Feed.Failures != 0 {
			t.Errorf("%d wait, %+v", c.waiting(which), s.Feed)
		}
		time.Sleep(74 * time.Hour)
		took, asked := r.got()
		inOrder(t, took, 5)
		if failed := c.messages(which, desk.MessageFailed); len(failed) != 1 || failed[0].Status != http.StatusBadRequest || len(asked) > 150 {
			t.Errorf("%+v after %d attempts", failed, len(asked))
		}
	})
}

// A test that staff send while an event fails is tried right after it, and
// waits for nothing else: they stand before the page that tells its outcome.
func TestR41TestBesideAFailingEvent(t *testing.T) {
	for want, takesTests := range map[desk.MessageState]bool{desk.MessageDelivered: true, desk.MessageFailed: false} {
		inCircle(t, func(t *testing.T, c *circle) {
			r, which := c.joins("crm.example")
			c.work()
			r.set(func(w http.ResponseWriter, m heard) bool {
				time.Sleep(2 * time.Second)
				if takesTests && m.Type == desk.TestMessage {
					return true
				}
				w.WriteHeader(http.StatusInternalServerError)
				return false
			})
			c.happens(3)
			time.Sleep(time.Second) // the first event is under way
			test, err := c.SendTest(boss, which)
			c.must(err)
			time.Sleep(3*time.Second + time.Millisecond)
			synctest.Wait()
			if test, err = c.MessageByID(boss, test.ID); err != nil || test.State != want || test.Attempts != 1 {
				t.Errorf("%+v, %v", test, err)
			}
			if _, asked := r.got(); len(asked) > 3 {
				t.Errorf("asked %d times", len(asked))
			}
		})
	}
}

// Only 2xx is an arrival: redirects aren't followed, Retry-After is respected,
// and an endless answer is cut off.
func TestR41Answers(t *testing.T) {
	inCircle(t, func(t *testing.T, c *circle) {
		r, which := c.joins("crm.example")
		other, _ := c.joins("other.example", desk.PaymentBooked)
		c.work()
		r.set(func(w http.ResponseWriter, _ heard) bool {
			w.Header().Set("Location", "https://other.example/")
			w.WriteHeader(http.StatusPermanentRedirect)
			return false
		})
		c.happens(1)
		time.Sleep(time.Second)
		if _, asked := other.got(); len(asked) != 0 || c.subscriber(which).Feed.Problem != desk.OutcomeRedirect {
			t.Errorf("%d redirected, %+v", len(asked), c.subscriber(which).Feed)
		}
		r.set(func(w http.ResponseWriter, _ heard) bool {
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusTooManyRequests)
			return false
		})
		time.Sleep(time.Minute)
		_, before := r.got()
		time.Sleep(115 * time.Minute)
		if _, asked := r.got(); len(asked) != len(before) {
			t.Errorf("asked %d times too early", len(asked)-len(before))
		}
		r.set(func(w http.ResponseWriter, _ heard) bool {
			_, _ = w.Write([]byte(strings.Repeat("no secrets of ours ", 1<<14)))
			return true
		})
		time.Sleep(6 * time.Minute)
		took, _ := r.got()
		inOrder(t, took, 1)
		if strings.Contains(c.log.String(), "example") || strings.Contains(c.log.String(), "whsec") || strings.Contains(c.log.String(), "no secrets") {
			t.Errorf("the log names the receiver: %s", c.log)
		}
	})
}
