package confirm_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen"
	"countersign/daemon/provider/adyen/adyentest"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/relay"
	"countersign/daemon/visit"
)

// street is a house whose company is Adyen: look-ups tell that a link was
// paid, webhooks tell by which payment, and how refunds end.
type street struct {
	*house
	adyen *adyentest.Server
}

// inStreet runs a test with everything at work: the relay, the polls, and the
// company's webhooks, unless deaf, over HTTP.
func inStreet(t *testing.T, f adyentest.Faults, deaf bool, test func(t *testing.T, s *street)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		const key = "44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056"
		s := &street{}
		hook := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if err := s.intake.Hook(r.Context(), "p", r.Header, body); deaf || err != nil {
				http.Error(w, "no", http.StatusServiceUnavailable)
				return
			}
			_, _ = io.WriteString(w, "[accepted]")
		})
		if deaf {
			hook = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusNotFound) }
		}
		s.adyen = adyentest.New(adyentest.Options{Key: "key", Account: "Salon", HMAC: key, HookURL: "http://salon.test/hooks/p",
			HTTP: &http.Client{Transport: providertest.Serve(t, hook)}, Seed: 7})
		s.adyen.SetFaults(f)
		client := adyen.New(adyen.Config{Base: "http://adyen.test/v71", Key: "key", Account: "Salon", HMAC: key,
			HTTP: &http.Client{Transport: providertest.Serve(t, s.adyen.Handler())}})
		s.house = alone(t, map[string]provider.Provider{"p": client})
		t.Cleanup(func() { s.stop(); s.stop = func() {}; s.verify() })
		s.listen()
		s.runs(func(ctx context.Context) { s.adyen.Run(ctx) })
		s.runs(func(ctx context.Context) { s.must(relay.New(s.Desk, zerolog.Nop()).Run(ctx)) })
		synctest.Wait()
		test(t, s)
	})
}

// runs keeps something going until the test is over.
func (s *street) runs(do func(context.Context)) {
	ctx, stop := context.WithCancel(s.t.Context())
	var running sync.WaitGroup
	running.Go(func() { do(ctx) })
	before := s.stop
	s.stop = func() { stop(); running.Wait(); before() }
}

// begins is a client on a link's page.
func (s *street) begins() (visit.Visit, visit.Checkout) {
	s.t.Helper()
	v, _, err := s.CreateVisit(boss, visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
	s.must(err)
	_, err = s.Begin(v.Token)
	s.must(err)
	time.Sleep(time.Second)
	c, err := s.LastCheckout(v.ID)
	s.must(err)
	if c.Session == "" {
		s.t.Fatalf("not created: %+v", c)
	}
	return v, c
}

// R18, R20, R23: whatever comes first, and however often, every payment is
// booked once, is known by Adyen's name of it, and goes back when it is told.
func TestR18AdyenTellsInTwoWords(t *testing.T) {
	for name, f := range map[string]adyentest.Faults{
		"webhooks first": {},
		"look-ups first": {Delay: time.Minute},
		"in any order":   {Delay: time.Second, Disorder: true, Odd: true},
	} {
		t.Run(name, func(t *testing.T) {
			inStreet(t, f, false, func(t *testing.T, s *street) {
				var visits []visit.Visit
				for i := range 12 {
					v, c := s.begins()
					visits = append(visits, v)
					do := s.adyen.Pay
					if i%3 == 0 {
						do = s.adyen.PayLater
					}
					s.must(do(c.Session))
					time.Sleep(time.Duration(i) * time.Second)
				}
				time.Sleep(10 * time.Minute)
				paid := s.adyen.Paid()
				for _, v := range visits {
					e := s.booked(v, 1)[0]
					if paid[e.ProviderPayment] != 2500 || len(e.Flags) > 0 {
						t.Errorf("booked %+v, Adyen has %v", e, paid)
					}
					delete(paid, e.ProviderPayment)
					_, err := s.RefundPayment(boss, e.ID, desk.Giving{Amount: 1000, Reason: "a crooked fringe"}, desk.Key{})
					s.must(err)
				}
				if len(paid) > 0 {
					t.Errorf("not booked: %v", paid)
				}
				time.Sleep(10 * time.Minute)
				for _, v := range visits {
					if v, err := s.Visit(boss, v.ID); err != nil || v.Refunded != 1000 {
						t.Errorf("refunded %d, %v", v.Refunded, err)
					}
				}
				if got := fmt.Sprint(s.adyen.Back()); strings.Count(got, ":1000") != len(visits) {
					t.Errorf("Adyen gave back %s", got)
				}
			})
		})
	}
}

// R20, R23: where no webhook arrives, payments are booked by look-ups; a
// refund needs Adyen's name of the payment, and says so.
func TestR23AdyenWithoutWebhooks(t *testing.T) {
	inStreet(t, adyentest.Faults{}, true, func(t *testing.T, s *street) {
		v, c := s.begins()
		s.must(s.adyen.Pay(c.Session))
		time.Sleep(time.Minute)
		e := s.booked(v, 1)[0]
		if e.ProviderPayment != "" {
			t.Fatalf("who named it? %+v", e)
		}
		r, err := s.RefundPayment(boss, e.ID, desk.Giving{Amount: 1000, Reason: "a crooked fringe"}, desk.Key{})
		s.must(err)
		time.Sleep(time.Minute)
		if r, err = s.RefundOf(r.ID); err != nil || r.State != desk.RefundDenied || !strings.Contains(r.Why, "webhook") {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
