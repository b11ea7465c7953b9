package relay

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/webhook"
)

// Staff are told what they can do something about: a wrong name, a certificate,
// a program that isn't running.
func TestWhyNothingArrived(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	late, cancel := context.WithCancel(t.Context())
	cancel()
	ask := func(ctx context.Context, private bool, address string) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := webhook.NewClient(private).Do(r)
		if err == nil {
			res.Body.Close()
		}
		return err
	}
	for want, err := range map[desk.Outcome]error{
		desk.OutcomeCertificate: ask(t.Context(), true, secure.URL),
		desk.OutcomeUnreachable: ask(t.Context(), true, closed.URL),
		desk.OutcomePrivate:     ask(t.Context(), false, plain.URL),
		desk.OutcomeUnknownHost: &url.Error{Op: "Post", Err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}},
		desk.OutcomeTimeout:     &url.Error{Op: "Post", Err: context.DeadlineExceeded},
	} {
		if got := unanswered(err); err == nil || got != want {
			t.Errorf("%v is %s, want %s", err, got, want)
		}
	}
	if err := ask(t.Context(), true, "https://"+plain.Listener.Addr().String()); unanswered(err) != desk.OutcomeCertificate && unanswered(err) != desk.OutcomeUnreachable {
		t.Errorf("http where https was wanted: %v", err)
	}
	if got := unanswered(ask(late, true, plain.URL)); got != desk.OutcomeUnreachable {
		t.Errorf("ended: %s", got)
	}
}

// Retry-After is seconds or a date, and never more than a day of it; attempts
// are five seconds to an hour apart.
func TestPaceAndWishes(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"": 0, "x": 0, "-5": 0, "120": 2 * time.Minute, "999999999999": 24 * time.Hour,
		now.Add(time.Hour).Format(http.TimeFormat): time.Hour, now.Add(-time.Hour).Format(http.TimeFormat): 0, now.AddDate(1, 0, 0).Format(http.TimeFormat): 24 * time.Hour} {
		if got := wanted(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
	for failures, most := range map[int]time.Duration{1: 8 * time.Second, 3: 31 * time.Second, 15: time.Hour, 1000: time.Hour} {
		if d := pace(failures); d <= 0 || d > most || failures > 14 && d < 25*time.Minute {
			t.Error(fmt.Sprint("after ", failures, " failures: ", d))
		}
	}
}
