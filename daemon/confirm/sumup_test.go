package confirm_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sumup"
	"countersign/daemon/provider/sumup/sumuptest"
	"countersign/daemon/relay"
	"countersign/daemon/visit"
)

// lane is a house whose company is SumUp: its history tells of payments alone,
// and its refunds take no key.
type lane struct {
	*street
	sumup   *sumuptest.Server
	weather *providertest.Weather
}

// inLane runs a test with everything at work: the relay and the polls.
func inLane(t *testing.T, test func(t *testing.T, s *lane)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &lane{street: &street{}, sumup: sumuptest.New(sumuptest.Options{Key: "key", Merchant: "MH4H92C7"})}
		t.Cleanup(s.sumup.Close)
		s.weather = providertest.NewWeather(providertest.Serve(t, s.sumup))
		client := sumup.New(sumup.Config{Base: "http://sumup.test", Key: "key", Merchant: "MH4H92C7", HTTP: &http.Client{Transport: s.weather}})
		s.house = alone(t, map[string]provider.Provider{"p": client})
		t.Cleanup(func() { s.stop(); s.stop = func() {}; s.verify() })
		s.listen()
		s.runs(func(ctx context.Context) { s.must(relay.New(s.Desk, zerolog.Nop()).Run(ctx)) })
		synctest.Wait()
		test(t, s)
	})
}

// rough loses one answer in n, before or after the work is done.
func rough(n int64) providertest.Storm {
	var count atomic.Int64
	return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		switch i := count.Add(1); {
		case i%n == 0:
			return providertest.LostAnswer(base, r)
		case i%n == n/2:
			return providertest.Unreachable(base, r)
		}
		return base.RoundTrip(r)
	}
}

// R18, R20, R23: with a history that comes late and shuffled and answers that
// are lost, every payment is booked once, and every refund is made once.
func TestR18SumUpInRoughWeather(t *testing.T) {
	for name, f := range map[string]func(*lane){
		"fair":       func(*lane) {},
		"disorder":   func(s *lane) { s.sumup.Disorder(true) },
		"odd lines":  func(s *lane) { s.sumup.Odd(true) },
		"lost often": func(s *lane) { s.weather.Set(rough(5)) },
		"all":        func(s *lane) { s.sumup.Disorder(true); s.sumup.Odd(true); s.weather.Set(rough(7)) },
	} {
		t.Run(name, func(t *testing.T) {
			inLane(t, func(t *testing.T, s *lane) {
				time.Sleep(time.Minute)
				f(s)
				visits := s.evening()
				time.Sleep(2*time.Hour + 10*time.Minute)
				if paid := s.sumup.Payments(); len(visits) < 8 || len(paid) != len(visits) {
					t.Errorf("SumUp took %v of %d visits", paid, len(visits))
				}
				for i, v := range visits {
					s.givesBack(v, 1+i%2) // twice the same amount, for some
				}
				time.Sleep(3 * time.Hour)
				for i, v := range visits {
					entries := s.booked(v, 2+i%2)
					if back := s.sumup.Refunds(entries[0].ProviderPayment); len(back) != 1+i%2 {
						t.Errorf("SumUp gave back %v", back)
					}
				}
			})
		})
	}
}

// evening is clients who pay, some after their bank declined, and other sales
// between them.
func (s *lane) evening() map[int]visit.Visit {
	s.t.Helper()
	visits := map[int]visit.Visit{}
	for i := range 12 {
		v, c, ok := s.tries()
		if !ok {
			continue // the code says so, and the client opens it again
		}
		visits[i] = v
		if i%4 == 0 {
			s.sumup.Decline(c.Session)
			time.Sleep(10 * time.Second)
		}
		s.sumup.Pay(c.Session)
		s.sumup.Sell(450)
		time.Sleep(time.Duration(i) * time.Second)
	}
	return visits
}

// givesBack wants a visit to have been paid once, and asks for refunds of it.
func (s *lane) givesBack(v visit.Visit, times int) {
	s.t.Helper()
	e := s.booked(v, 1)[0]
	if s.sumup.Payments()[e.ProviderPayment] != 2500 || len(e.Flags) > 0 {
		s.t.Errorf("booked %+v", e)
	}
	for range times {
		_, err := s.RefundPayment(boss, e.ID, desk.Giving{Amount: 1000, Reason: "a crooked fringe"}, desk.Key{})
		// One whose answer was lost may be listed before it is known to be ours:
		// until then it holds its part twice, and staff are asked to wait.
		for tries := 0; err != nil && fault.From(err).Code == "amount_exceeds_refundable" && tries < 30; tries++ {
			time.Sleep(time.Minute)
			_, err = s.RefundPayment(boss, e.ID, desk.Giving{Amount: 1000, Reason: "a crooked fringe"}, desk.Key{})
		}
		s.must(err)
		time.Sleep(3 * time.Second)
	}
}

// tries is a client opening a link, as long as it takes.
func (s *lane) tries() (visit.Visit, visit.Checkout, bool) {
	s.t.Helper()
	v, _, err := s.CreateVisit(boss, visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
	s.must(err)
	_, err = s.Begin(v.Token)
	s.must(err)
	time.Sleep(20 * time.Second)
	c, err := s.LastCheckout(v.ID)
	s.must(err)
	return v, c, c.Session != "" && !c.Final()
}

// R10, R23, R35: what ends unpaid is learnt within minutes, and what happens at
// SumUp's own dashboard and at banks comes in.
func TestR35SumUpTellsTheRest(t *testing.T) {
	inLane(t, func(t *testing.T, s *lane) {
		paid, c := s.begins()
		lapsed, _ := s.begins()
		declined, d := s.begins()
		s.sumup.Pay(c.Session)
		s.sumup.Decline(d.Session)
		time.Sleep(10 * time.Second)
		e := s.booked(paid, 1)[0]
		s.sumup.Dashboard(e.ProviderPayment, 700)
		dispute := s.sumup.Dispute(e.ProviderPayment, 1000)
		time.Sleep(2 * time.Minute)
		if entries := s.booked(paid, 2); entries[1].Amount != 700 || entries[0].Flags[0] != ledger.Disputed {
			t.Errorf("%+v", entries)
		}
		s.sumup.Decide(dispute, false)
		time.Sleep(2 * time.Minute)
		if entries := s.booked(paid, 3); entries[1].Amount+entries[2].Amount != 1700 {
			t.Errorf("%+v", entries)
		}
		time.Sleep(time.Hour)
		for which, want := range map[id.Visit]visit.State{lapsed.ID: visit.Expired, declined.ID: visit.Failed} {
			if c, err := s.LastCheckout(which); err != nil || c.State != want {
				t.Errorf("%+v, %v, want %s", c, err, want)
			}
		}
	})
}
