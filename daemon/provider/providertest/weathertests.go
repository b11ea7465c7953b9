package providertest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"countersign/daemon/provider"
)

func weatherTests() map[string]func(*testing.T, Rig) {
	return map[string]func(*testing.T, Rig){
		"create lost after success, then found":   createLost,
		"refund lost after success, then once":    refundLost,
		"unreachable":                             unreachable,
		"silence ends":                            silence,
		"the caller's deadline counts":            deadline,
		"rate limited, with a time":               rateLimited(http.StatusTooManyRequests, "Retry-After: 7", 7*time.Second),
		"rate limited, without a time":            rateLimited(http.StatusTooManyRequests, "", 0),
		"rate limited, with nonsense":             rateLimited(http.StatusTooManyRequests, "Retry-After: soon", 0),
		"unavailable, with a time":                rateLimited(http.StatusServiceUnavailable, "Retry-After: 60", time.Minute),
		"500":                                     broken(Answer(http.StatusInternalServerError, "", `{"error":{"text":"boom"}}`)),
		"502 with a page":                         broken(Answer(http.StatusBadGateway, "", "<html>")),
		"garbage":                                 broken(Answer(http.StatusOK, "", "<html>welcome to the hotel")),
		"an empty object":                         broken(Answer(http.StatusOK, "", "{}")),
		"null":                                    broken(Answer(http.StatusOK, "", "null")),
		"an empty body":                           broken(Answer(http.StatusOK, "", "")),
		"a redirect":                              broken(Answer(http.StatusFound, "Location: https://hotel.example/", "")),
		"a body without end":                      broken(Endless),
		"a body that stalls":                      broken(Stall),
		"a certificate nobody trusts":             broken(Untrusted),
		"an unknown status is never a payment":    oddStatus,
		"refused by the account":                  unauthorized,
		"R35 a lost page of events is read again": pageLost,
	}
}

func createLost(t *testing.T, r Rig) {
	r.Weather.Set(LostAnswer)
	_, err := r.Provider.Create(t.Context(), sample("1"))
	wantKind(t, "create", err, provider.Unclear)
	r.Weather.Set(nil)
	look := func() (provider.Session, error) { return r.Provider.Find(t.Context(), "ref-1") }
	if !r.Provider.Can().Find {
		look = func() (provider.Session, error) { return r.Provider.Create(t.Context(), sample("1")) }
	}
	s, err := look()
	if err != nil || s.Status != provider.Open || s.Amount != 2500 {
		t.Fatalf("found %+v, %v", s, err)
	}
	if again := mustCreate(t, r, "1"); again.ID != s.ID {
		t.Errorf("the key made a second session")
	}
}

func refundLost(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	r.Weather.Set(Changing(LostAnswer))
	_, err := r.Provider.Refund(t.Context(), refundOf(s, "a", 2000))
	wantKind(t, "refund", err, provider.Unclear)
	r.Weather.Set(nil)
	if got, err := r.Provider.Refund(t.Context(), refundOf(s, "a", 2000)); err != nil || got.Amount != 2000 {
		t.Fatalf("again: %+v, %v", got, err)
	}
	wantNoRefund(t, r, "more than the rest", refundOf(s, "b", 501))
}

func unreachable(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	r.Weather.Set(Unreachable)
	callAll(t, r, s, func(what string, money bool, err error) {
		wantKind(t, what, err, lostKind(money))
	})
}

// lostKind is what a call without an answer is: money may have moved.
func lostKind(money bool) provider.ErrorKind {
	if money {
		return provider.Unclear
	}
	return provider.Unavailable
}

// callAll makes every call once. money marks those that make something.
func callAll(t *testing.T, r Rig, s provider.Session, check func(what string, money bool, err error)) {
	t.Helper()
	ctx := t.Context()
	_, err := r.Provider.Create(ctx, sample("other"))
	check("create", true, err)
	_, err = r.Provider.Refund(ctx, refundOf(s, "other", 100))
	check("refund", true, err)
	_, err = r.Provider.Look(ctx, s.ID)
	check("look", false, err)
	if r.Provider.Can().Find {
		_, err = r.Provider.Find(ctx, s.Reference)
		check("find", false, err)
	}
	if r.Provider.Can().Cancel {
		_, err = r.Provider.Cancel(ctx, s.ID)
		check("cancel", false, err)
	}
	if r.Provider.Can().Events {
		_, err = r.Provider.Events(ctx, "", 10)
		check("events", false, err)
	}
}

func silence(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	r.Weather.Set(Silence)
	start := time.Now()
	callAll(t, r, s, func(what string, money bool, err error) {
		wantKind(t, what, err, lostKind(money))
		if waited := time.Since(start); waited > 2*time.Minute {
			t.Errorf("%s waited %v", what, waited)
		}
		start = time.Now()
	})
}

func deadline(t *testing.T, r Rig) {
	r.Weather.Set(Silence)
	ctx, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	start := time.Now()
	_, err := r.Provider.Create(ctx, sample("1"))
	wantKind(t, "create", err, provider.Unclear)
	if waited := time.Since(start); waited > 2*time.Second {
		t.Errorf("waited %v, with a second to go", waited)
	}
}

func rateLimited(status int, header string, want time.Duration) func(*testing.T, Rig) {
	return func(t *testing.T, r Rig) {
		s := mustPay(t, r, "1")
		r.Weather.Set(Answer(status, header, `{"error":{"text":"slow down"}}`))
		callAll(t, r, s, func(what string, _ bool, err error) {
			wantKind(t, what, err, provider.Unavailable)
			e, ok := err.(*provider.Error)
			if !ok || e.RetryAfter != want {
				t.Errorf("%s: %v, want to wait %v", what, err, want)
			}
		})
	}
}

// broken is a provider whose answer tells nothing, not even that nothing
// happened.
func broken(s Storm) func(*testing.T, Rig) {
	return func(t *testing.T, r Rig) {
		paid := mustPay(t, r, "1")
		r.Weather.Set(s)
		callAll(t, r, paid, func(what string, money bool, err error) {
			if what == "find" && provider.KindOf(err) == provider.NotFound {
				t.Errorf("nonsense read as no session: %v", err)
			}
			wantKind(t, what, err, lostKind(money))
		})
		r.Weather.Set(nil)
		mustBe(t, r, paid.ID, provider.Paid)
	}
}

func oddStatus(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	word := r.PaidWord
	if word == "" {
		word = "paid"
	}
	r.Weather.Set(Rewrite(`"`+word+`"`, `"settled_elsewhere"`))
	got := mustBe(t, r, s.ID, provider.Unknown)
	if got.ID != s.ID || got.Status.Closed() {
		t.Errorf("%+v", got)
	}
	if !r.Provider.Can().Find {
		return
	}
	if got, err := r.Provider.Find(t.Context(), s.Reference); err != nil || got.Status != provider.Unknown {
		t.Errorf("find: %+v, %v", got, err)
	}
}

func unauthorized(t *testing.T, r Rig) {
	s := mustPay(t, r, "1")
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict} {
		r.Weather.Set(Answer(status, "", `{"error":{"text":"no"}}`))
		callAll(t, r, s, func(what string, _ bool, err error) {
			wantKind(t, what, err, provider.Refused)
		})
	}
}

func pageLost(t *testing.T, r Rig) {
	if !r.Provider.Can().Events {
		return
	}
	s := mustPay(t, r, "1")
	r.Weather.Set(LostAnswer)
	_, err := r.Provider.Events(t.Context(), "", 10)
	wantKind(t, "events", err, provider.Unavailable)
	r.Weather.Set(nil)
	events, _ := drain(t, r, "", 10)
	if len(types(events, s.ID)) == 0 {
		t.Error("the lost page's events are gone")
	}
}
