// Package providertest is the suite every provider's adapter passes, with the
// weather that providers have. A new adapter's test is one call of Run with a
// Rig around the provider's sandbox or a stand-in with its behaviour.
package providertest

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
)

// Rig is an adapter with the provider behind it, and the hands that a client
// has there. A hand that is nil leaves out the tests that need it.
type Rig struct {
	Provider provider.Provider
	Weather  *Weather // between the two

	Pay, PayLater, Decline func(session string) // on the hosted page
	Late                   time.Duration        // until PayLater is paid

	Disorder func(on bool) // events repeat, overlap and come shuffled
	Odd      func(on bool) // events of a type nobody knows get in between
	Hook     *Hook         // needed if the provider has webhooks

	Pend, Refuse func(on bool)                      // refunds that are asked for from now on
	Settle       func(refund string, arrived bool)  // ends one that is pending
	Dashboard    func(payment string, amount int64) // refunds there, where no key is given

	Dispute func(payment string, amount int64) (dispute string) // the client's bank wants it back
	Decide  func(dispute string, won bool)

	Paid func() map[string]int64 // the provider's own list: what each payment took

	PaidWord   string // how the provider spells that a session is paid; "" is "paid"
	EndedAlike bool   // a session that was cancelled can't be told from one that expired
	Overlaps   bool   // events are read again for a while, since the provider may list one late
	Retries    bool   // a page whose payment was declined can be paid until it dies
	Latest     bool   // the list says how things are now, and not how they were in between
	Unopened   bool   // no event tells that a session was made
	Retold     bool   // several events tell one state of a dispute

	Unnamed      bool                    // a look-up doesn't tell by which payment a session was paid: its webhook does
	TakenFirst   bool                    // a bank takes what it disputes before that is decided
	RefundsLater bool                    // refunds are taken in unseen, and only a webhook tells how they end
	Back         func() map[string]int64 // the provider's own list: what of each payment went back; needed with RefundsLater

	Restart func() provider.Provider // the adapter anew, which has forgotten all that the old one knew
}

// Hook makes the provider's webhooks. One without a Sign isn't signed, and may
// be no more than a hint.
type Hook struct {
	Secret    string
	Body      func(session string) []byte // tells the newest event of a session
	Sign      func(secret string, at time.Time, body []byte) http.Header
	Elsewhere func(body []byte) []byte // the same event of another account

	Sent func() [][]byte // all of them so far, oldest first; needed where nothing lists the events
	// Seal signs the body itself, and Bare takes that away; nil where the
	// headers that Sign makes are all there is.
	Seal     func(secret string, body []byte) []byte
	Bare     func(body []byte) []byte
	Timeless bool // the signature is good for ever: repeats are told by their id
	Fields   bool // the signature is over fields, in whatever JSON they stand
}

// seal makes a body a webhook, signed at a time.
func (h *Hook) seal(secret string, at time.Time, body []byte) (http.Header, []byte) {
	if h.Seal != nil {
		body = h.Seal(secret, body)
	}
	return h.Sign(secret, at, body), body
}

// Run runs the suite. open is called once a test, inside its synctest bubble,
// and cleans up with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Rig) {
	groups := []map[string]func(*testing.T, Rig){
		sessionTests(), moneyTests(), moodTests(), disputeTests(), eventTests(), weatherTests(), hookTests(),
	}
	for _, tests := range groups {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { test(t, open(t)) })
			})
		}
	}
}

// sample is a good request; n tells apart those of one test.
func sample(n string) provider.Request {
	return provider.Request{
		Key: "key-" + n, Reference: "ref-" + n, Amount: 2500, Currency: "EUR", Title: "Your visit", Language: "en",
		Lines:     []provider.Line{{Name: "Haircut", Quantity: 1, Amount: 2500}},
		ReturnURL: "https://salon.example/p/x?paid", CancelURL: "https://salon.example/p/x",
		ExpiresAt: time.Now().Add(time.Hour).Truncate(time.Second),
	}
}

func mustCreate(t *testing.T, r Rig, n string) provider.Session {
	t.Helper()
	s, err := r.Provider.Create(t.Context(), sample(n))
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return s
}

// mustPay creates a session and pays it.
func mustPay(t *testing.T, r Rig, n string) provider.Session {
	t.Helper()
	s := mustCreate(t, r, n)
	r.Pay(s.ID)
	s = mustBe(t, r, s.ID, provider.Paid)
	if r.Unnamed {
		s.Payment = named(t, r, s.ID)
	}
	return s
}

// same tells whether two words of a session agree. Where only the webhook
// names the payment, one of them may leave it out.
func (r Rig) same(a, b provider.Session) bool {
	if r.Unnamed && (a.Payment == "" || b.Payment == "") {
		a.Payment, b.Payment = "", ""
	}
	return a == b
}

func mustBe(t *testing.T, r Rig, session string, want provider.Status) provider.Session {
	t.Helper()
	s, err := r.Provider.Look(t.Context(), session)
	if err != nil {
		t.Fatalf("Look: %v", err)
	}
	if s.Status != want {
		t.Fatalf("the session is %q, want %q", s.Status, want)
	}
	return s
}

// mustEnd wants a session to be closed unpaid, as want tells, if the provider
// tells it apart.
func mustEnd(t *testing.T, r Rig, got, want provider.Status) {
	t.Helper()
	if r.EndedAlike && (got == provider.Cancelled || got == provider.Expired) {
		return
	}
	if got != want {
		t.Fatalf("the session is %q, want %q", got, want)
	}
}

func wantKind(t *testing.T, what string, err error, want provider.ErrorKind) {
	t.Helper()
	if got := provider.KindOf(err); got != want {
		t.Errorf("%s: %v (%v), want %v", what, got, err, want)
	}
}
