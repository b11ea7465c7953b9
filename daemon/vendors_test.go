package daemon_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"countersign/daemon/provider/adyen/adyentest"
	"countersign/daemon/provider/stripe/stripetest"
	"countersign/daemon/provider/sumup/sumuptest"
)

// The stand-ins of vendors, each with its weather: staff set them up by what
// they type, and the adapters ask them at the vendors' own addresses.

// vendor puts a stand-in at an address, behind a weather.
func (w *world) vendor(host string, h http.Handler, seed uint64) (s *sky, stop func()) {
	s = &sky{seed: seed, base: w.net.client().Transport}
	w.skies[host] = s
	return s, w.serve(host, h)
}

// post carries a vendor's webhooks; run delivers them until the end.
func (w *world) post(seed uint64) *mail {
	return &mail{base: w.net.client().Transport, rng: rand.New(rand.NewPCG(seed, 2))}
}

func (w *world) delivers(run func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { run(ctx) })
	return func() { cancel(); running.Wait() }
}

func withStripe(w *world, seed uint64) *company {
	_, c := stripeOf(w, seed)
	return c
}

// withStripeLinks is Stripe where codes carry the links that it hosts (R37).
func withStripeLinks(w *world, seed uint64) *company {
	s, c := stripeOf(w, seed)
	c.follow, c.offers = s.Follow, s.Offers
	return c
}

func stripeOf(w *world, seed uint64) (*stripetest.Server, *company) {
	const key, secret = "rk_live_51KeyOfTheSalonThatNobodyReads", "whsec_WordOfTheWebhookThatNobodyReads"
	m := w.post(seed)
	s := stripetest.New(stripetest.Options{Key: key, Secret: secret, Account: "acct_1Salon", Live: true, Seed: seed,
		HookURL: "http://countersign/hooks/stripe", HTTP: &http.Client{Transport: m}})
	above, stop := w.vendor("api.stripe.com", s.Handler(), seed)
	end := w.delivers(s.Run)
	faults := stripetest.Faults{}
	return s, &company{
		name: "stripe", kind: "stripe", typed: map[string]string{"key": key, "webhook": secret}, secrets: []string{key, secret},
		hook: &letters{secret: secret, body: last(s.Webhooks), seal: func(secret string, at time.Time, body []byte) (http.Header, []byte) {
			return stripetest.Sign(secret, at, body), body
		}, elsewhere: [2]string{`{`, `{"account":"acct_1Elsewhere",`}, mode: [2]string{`"livemode":true`, `"livemode":false`}},
		pay: s.Pay, payLater: s.PayLater, decline: s.Fail,
		refund: func(payment string, amount int64) error {
			s.Sell(amount, "eur")
			return s.RefundByHand(payment, amount)
		},
		settle: s.Settle, decide: s.Decide,
		dispute: func(payment string, amount int64) error { _, err := s.Dispute(payment, amount); return err },
		book: func() (b book) {
			for _, p := range s.Payments() {
				b.takings = append(b.takings, taking{id: p.ID, session: p.Session, amount: p.Amount, back: p.Back, lost: p.Lost, disputed: p.Disputed})
			}
			b.refunds, b.disputes = s.Waiting()
			return b
		},
		misbehave: func(rng *rand.Rand) {
			faults = stripetest.Faults{}
			if rng != nil {
				faults = stripetest.Faults{Delay: late(rng), Disorder: rng.IntN(2) == 0, Odd: rng.IntN(2) == 0, Pend: rng.IntN(3) == 0, Refuse: rng.IntN(5) == 0}
			}
			s.SetFaults(faults)
			above.stir(m, rng)
		},
		calm: func() bool { return above.fair() },
		end:  func() { end(); stop() },
	}
}

func withSumUp(w *world, seed uint64) *company {
	const key = "sup_sk_KeyOfTheSalonThatNobodyReads"
	s := sumuptest.New(sumuptest.Options{Key: key, Merchant: "MH4H92C7", Live: true})
	above, stop := w.vendor("api.sumup.com", s, seed)
	does := func(do func(string)) func(string) error { return func(id string) error { do(id); return nil } }
	return &company{
		name: "sumup", kind: "sumup", typed: map[string]string{"key": key, "merchant": "MH4H92C7"}, secrets: []string{key},
		pay: does(s.Pay), payLater: does(s.PayLater), decline: does(s.Decline),
		refund:  func(payment string, amount int64) error { s.Sell(amount); s.Dashboard(payment, amount); return nil },
		settle:  func(refund string, arrived bool) error { s.Settle(refund, arrived); return nil },
		dispute: func(payment string, amount int64) error { s.Dispute(payment, amount); return nil },
		decide:  func(dispute string, won bool) error { s.Decide(dispute, won); return nil },
		book: func() (b book) {
			for _, t := range s.Takings() {
				b.takings = append(b.takings, taking{id: t.ID, session: t.Checkout, amount: t.Amount, back: t.Back, lost: t.Lost, disputed: t.Disputed})
			}
			b.refunds, b.disputes = s.Waiting()
			return b
		},
		misbehave: func(rng *rand.Rand) {
			one := func(in int) bool { return rng != nil && rng.IntN(in) == 0 }
			s.Disorder(one(2))
			s.Odd(one(2))
			s.Pend(one(3))
			s.Refuse(one(5))
			s.Lazy(one(3))
			above.stir(nil, rng)
		},
		calm: func() bool { return above.fair() },
		end:  func() { stop(); s.Close() },
	}
}

func withAdyen(w *world, seed uint64) *company {
	const key, hmac = "AQEKeyOfTheSalonThatNobodyReads", "44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056"
	m := w.post(seed)
	// Only the word of a payment may be lost for good: Adyen lists nothing, and a
	// look-up tells of payments alone.
	m.may = func(body string) bool {
		return strings.Contains(body, `"AUTHORISATION"`) && strings.Count(body, `"eventCode"`) == 1
	}
	s := adyentest.New(adyentest.Options{Key: key, Account: "SalonECOM", HMAC: hmac, Seed: seed,
		HookURL: "http://countersign/hooks/adyen-test", HTTP: &http.Client{Transport: m}})
	above, stop := w.vendor("checkout-test.adyen.com", s.Handler(), seed)
	end := w.delivers(s.Run)
	return &company{
		name: "adyen-test", kind: "adyen", typed: map[string]string{"key": key, "account": "SalonECOM", "hmac": hmac}, secrets: []string{key, hmac},
		hook: &letters{secret: hmac, fields: true, body: last(s.Webhooks), seal: func(secret string, _ time.Time, body []byte) (http.Header, []byte) {
			return http.Header{}, adyentest.Seal(secret, body)
		}, elsewhere: [2]string{"SalonECOM", "SalonElsewhere"}, mode: [2]string{`"live":"false"`, `"live":"true"`}},
		pay: s.Pay, payLater: s.PayLater, decline: s.Decline,
		refund: s.RefundByHand, settle: s.Settle, decide: s.Decide,
		dispute: func(payment string, amount int64) error { _, err := s.Dispute(payment, amount); return err },
		book: func() (b book) {
			for _, p := range s.Payments() {
				b.takings = append(b.takings, taking{id: p.ID, session: p.Link, amount: p.Amount, back: p.Back, lost: p.Lost, disputed: p.Disputed,
					silent: m.swallowed(`"` + p.ID + `"`)})
			}
			b.refunds, b.disputes = s.Waiting()
			return b
		},
		misbehave: func(rng *rand.Rand) {
			f := adyentest.Faults{}
			if rng != nil {
				f = adyentest.Faults{Delay: late(rng), Disorder: rng.IntN(2) == 0, Odd: rng.IntN(2) == 0, Pend: rng.IntN(3) == 0, Refuse: rng.IntN(5) == 0}
			}
			s.SetFaults(f)
			above.stir(m, rng)
		},
		calm: func() bool { return above.fair() },
		end:  func() { end(); stop() },
	}
}

// late is how much later webhooks leave, and events are listed.
func late(rng *rand.Rand) time.Duration {
	return time.Duration(rng.IntN(2)*rng.IntN(90)) * time.Second
}

// stir makes another weather, and another post if there is one; without dice
// everything is fair again.
func (s *sky) stir(m *mail, rng *rand.Rand) {
	now, lose, repeat := weather{}, 0.0, 0.0
	if rng != nil {
		now, lose, repeat = rough(rng), float64(rng.IntN(2))*rng.Float64(), float64(rng.IntN(2))*rng.Float64()
	}
	s.set(now)
	if m != nil {
		m.set(lose, repeat)
	}
}

// last is the newest webhook of a page.
func last(all func(session string) [][]byte) func(session string) []byte {
	return func(session string) []byte {
		bodies := all(session)
		return bodies[len(bodies)-1]
	}
}
