package providertest

import (
	"testing"
	"time"

	"countersign/daemon/provider"
)

func sessionTests() map[string]func(*testing.T, Rig) {
	return map[string]func(*testing.T, Rig){
		"R10 create":                  create,
		"create again, same key":      createAgain,
		"same key, other request":     createOther,
		"two sessions are two":        createTwo,
		"refused requests":            createRefused,
		"look up":                     lookUp,
		"find by reference":           find,
		"cancel":                      cancel,
		"R15 cancel what is paid":     cancelPaid,
		"R10 expire":                  expire,
		"R11 expired is not paid":     payExpired,
		"R11 pay":                     pay,
		"pay twice is paid once":      payTwice,
		"pay late":                    payLate,
		"cancel what is processing":   cancelProcessing,
		"decline":                     decline,
		"what the provider has heard": abilities,
	}
}

func abilities(t *testing.T, r Rig) {
	if r.Provider.Name() == "" {
		t.Error("the provider has no name")
	}
	if can := r.Provider.Can(); can.Webhooks != (r.Hook != nil) {
		t.Errorf("Webhooks is %v, and the rig has a hook: %v", can.Webhooks, r.Hook != nil)
	}
}

func create(t *testing.T, r Rig) {
	want := sample("1")
	s := mustCreate(t, r, "1")
	switch {
	case s.ID == "" || s.URL == "":
		t.Errorf("no id or address: %+v", s)
	case s.Status != provider.Open:
		t.Errorf("status %q", s.Status)
	case s.Reference != want.Reference || s.Amount != want.Amount || s.Currency != want.Currency:
		t.Errorf("another session than asked for: %+v", s)
	case !s.ExpiresAt.Equal(want.ExpiresAt):
		t.Errorf("expires at %v, want %v", s.ExpiresAt, want.ExpiresAt)
	case !s.PaidAt.IsZero() || s.Payment != "":
		t.Errorf("paid before anybody paid: %+v", s)
	}
}

func createAgain(t *testing.T, r Rig) {
	first, request := mustCreate(t, r, "1"), sample("1")
	time.Sleep(time.Minute)
	again, err := r.Provider.Create(t.Context(), request)
	if err != nil {
		t.Fatalf("again: %v", err)
	}
	if first.ID != again.ID {
		t.Errorf("two sessions with one key: %s and %s", first.ID, again.ID)
	}
}

func createOther(t *testing.T, r Rig) {
	mustCreate(t, r, "1")
	other := sample("1")
	other.Amount = 9900
	_, err := r.Provider.Create(t.Context(), other)
	wantKind(t, "the key with another amount", err, provider.Refused)
}

func createTwo(t *testing.T, r Rig) {
	if a, b := mustCreate(t, r, "1"), mustCreate(t, r, "2"); a.ID == b.ID || a.URL == b.URL {
		t.Errorf("one session for two keys: %+v", a)
	}
}

func createRefused(t *testing.T, r Rig) {
	for name, spoil := range map[string]func(*provider.Request){
		"no amount":       func(q *provider.Request) { q.Amount = 0 },
		"negative amount": func(q *provider.Request) { q.Amount = -1 },
		"no currency":     func(q *provider.Request) { q.Currency = "" },
		"odd currency":    func(q *provider.Request) { q.Currency = "€" },
		"past expiry":     func(q *provider.Request) { q.ExpiresAt = time.Now().Add(-time.Hour) },
		"no way back":     func(q *provider.Request) { q.ReturnURL = "" },
	} {
		q := sample(name)
		spoil(&q)
		_, err := r.Provider.Create(t.Context(), q)
		wantKind(t, name, err, provider.Refused)
	}
}

func lookUp(t *testing.T, r Rig) {
	s := mustCreate(t, r, "1")
	if got := mustBe(t, r, s.ID, provider.Open); got != s {
		t.Errorf("looked up %+v, created %+v", got, s)
	}
	_, err := r.Provider.Look(t.Context(), "no-such/session?")
	wantKind(t, "an unknown session", err, provider.NotFound)
}

func find(t *testing.T, r Rig) {
	if !r.Provider.Can().Find {
		_, err := r.Provider.Find(t.Context(), mustCreate(t, r, "1").Reference)
		wantKind(t, "what can't be looked for", err, provider.NotFound)
		return
	}
	_, err := r.Provider.Find(t.Context(), "ref-1")
	wantKind(t, "a reference not used", err, provider.NotFound)
	s := mustCreate(t, r, "1")
	mustCreate(t, r, "2")
	got, err := r.Provider.Find(t.Context(), "ref-1")
	if err != nil || got != s {
		t.Errorf("found %+v, %v, created %+v", got, err, s)
	}
}

func cancel(t *testing.T, r Rig) {
	if !r.Provider.Can().Cancel {
		return
	}
	s := mustCreate(t, r, "1")
	for range 2 {
		got, err := r.Provider.Cancel(t.Context(), s.ID)
		if err != nil {
			t.Fatalf("Cancel: %v", err)
		}
		mustEnd(t, r, got.Status, provider.Cancelled)
	}
	r.Pay(s.ID)
	got, err := r.Provider.Look(t.Context(), s.ID)
	if err != nil {
		t.Fatalf("Look: %v", err)
	}
	mustEnd(t, r, got.Status, provider.Cancelled)
	_, err = r.Provider.Cancel(t.Context(), "nobody")
	wantKind(t, "an unknown session", err, provider.NotFound)
}

func cancelPaid(t *testing.T, r Rig) {
	if !r.Provider.Can().Cancel {
		return
	}
	s := mustPay(t, r, "1")
	got, err := r.Provider.Cancel(t.Context(), s.ID)
	if err != nil || !r.same(got, s) {
		t.Errorf("Cancel answered %+v, %v, the session is %+v", got, err, s)
	}
}

func expire(t *testing.T, r Rig) {
	s := mustCreate(t, r, "1")
	time.Sleep(59 * time.Minute)
	mustBe(t, r, s.ID, provider.Open)
	time.Sleep(2 * time.Minute)
	mustBe(t, r, s.ID, provider.Expired)
	if got, err := r.Provider.Cancel(t.Context(), s.ID); err != nil || got.Status != provider.Expired {
		t.Errorf("Cancel after it: %q, %v", got.Status, err)
	}
}

func payExpired(t *testing.T, r Rig) {
	s := mustCreate(t, r, "1")
	time.Sleep(61 * time.Minute)
	r.Pay(s.ID)
	if got := mustBe(t, r, s.ID, provider.Expired); got.Payment != "" {
		t.Errorf("a payment on a dead page: %+v", got)
	}
}

func pay(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	if s.Payment == "" || s.PaidAt.IsZero() || s.Amount != 2500 || s.Currency != "EUR" {
		t.Errorf("paid without saying what or when: %+v", s)
	}
	time.Sleep(2 * time.Hour)
	if later := mustBe(t, r, s.ID, provider.Paid); !r.same(later, s) {
		t.Errorf("paid changed from %+v to %+v", s, later)
	}
}

func payTwice(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	r.Pay(s.ID)
	if again := mustBe(t, r, s.ID, provider.Paid); again.Payment != s.Payment && !r.same(again, s) {
		t.Errorf("two payments: %s and %s", s.Payment, again.Payment)
	}
	if r.Paid != nil && len(r.Paid()) != 1 {
		t.Errorf("the provider took %v", r.Paid())
	}
}

func payLate(t *testing.T, r Rig) {
	if r.PayLater == nil {
		return
	}
	s := mustCreate(t, r, "1")
	r.PayLater(s.ID)
	if got := mustBe(t, r, s.ID, provider.Processing); !got.PaidAt.IsZero() {
		t.Errorf("processing, yet paid at %v", got.PaidAt)
	}
	time.Sleep(r.Late + time.Second)
	mustBe(t, r, s.ID, provider.Paid)
}

func cancelProcessing(t *testing.T, r Rig) {
	if r.PayLater == nil || !r.Provider.Can().Cancel {
		return
	}
	s := mustCreate(t, r, "1")
	r.PayLater(s.ID)
	got, err := r.Provider.Cancel(t.Context(), s.ID)
	if err != nil {
		t.Fatalf("Cancel: %v", err)
	}
	time.Sleep(r.Late + time.Second)
	// Either is right, as long as the answer and the end agree.
	want := provider.Cancelled
	if got.Status == provider.Processing {
		want = provider.Paid
	}
	mustBe(t, r, s.ID, want)
}

func decline(t *testing.T, r Rig) {
	if r.Decline == nil {
		return
	}
	s := mustCreate(t, r, "1")
	r.Decline(s.ID)
	if r.Retries {
		declineRetried(t, r, s)
		s = mustCreate(t, r, "2")
		r.Decline(s.ID)
		time.Sleep(62 * time.Minute)
	}
	if got := mustBe(t, r, s.ID, provider.Failed); got.Payment != "" || got.Reason == "" {
		t.Errorf("declined: %+v", got)
	}
}

// declineRetried: a page that can still be paid is open, whatever came of the
// first attempt: taken for dead, a second page would be made beside it.
func declineRetried(t *testing.T, r Rig, s provider.Session) {
	t.Helper()
	if got := mustBe(t, r, s.ID, provider.Open); got.Payment != "" || got.Reason == "" {
		t.Errorf("declined: %+v", got)
	}
	r.Pay(s.ID)
	mustBe(t, r, s.ID, provider.Paid)
}
