package web_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/rs/zerolog"

	"countersign/web"
)

// R39: one address gets so many answers a minute, then 429 with a word on when
// to come back; another address doesn't notice.
func TestR39EveryRateIsHeld(t *testing.T) {
	s := open(t)
	handler := web.New(s.d, web.Options{})
	ask := func(method, path, from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Host, r.RemoteAddr = "localhost", from+":1"
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	for _, x := range []struct {
		method, path string
		rate         int
	}{
		{http.MethodPost, "/desk/signin", 240},
		{http.MethodPost, "/hooks/sandbox", 1200},
		{http.MethodGet, "/q/front/status", 6000},
		{http.MethodGet, "/api/v1/visits", 30_000},
	} {
		answered, w := 0, ask(x.method, x.path, "192.0.2.1")
		for ; answered < 2*x.rate+1 && w.Header().Get("X-RateLimit-Remaining") != "0"; answered++ {
			w = ask(x.method, x.path, "192.0.2.1")
		}
		w = ask(x.method, x.path, "192.0.2.1")
		wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
		if w.Code != http.StatusTooManyRequests || err != nil || wait < 1 || wait > 60 || !strings.Contains(w.Body.String(), `"too_many_requests"`) {
			t.Errorf("%s after %d: %d, Retry-After %q, %.100s", x.path, answered, w.Code, w.Header().Get("Retry-After"), w.Body)
		}
		if answered > 2*x.rate || answered < x.rate/2 {
			t.Errorf("%s: %d answers in a minute, want %d", x.path, answered, x.rate)
		}
		if w := ask(x.method, x.path, "192.0.2.2"); w.Code == http.StatusTooManyRequests {
			t.Errorf("%s: another address is stopped, too", x.path)
		}
	}
}

// A handler that panics is our own fault: it is answered as such and logged
// with its stack, and the daemon goes on.
func TestPanicIsAnswered(t *testing.T) {
	s := open(t)
	var log notebook
	handler := web.New(s.d, web.Options{Log: zerolog.New(&log)})
	handler.(chi.Router).Get("/breaks", func(http.ResponseWriter, *http.Request) { panic(errors.New("a secret of ours")) })
	handler.(chi.Router).Get("/breaks/late", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		panic("too late to say so")
	})
	server := httptest.NewServer(handler)
	defer server.Close()
	for path, want := range map[string]int{"/breaks": http.StatusInternalServerError, "/breaks/late": http.StatusAccepted, "/healthz": http.StatusOK} {
		got, err := http.Get(server.URL + path)
		s.must(err)
		var text bytes.Buffer
		_, err = text.ReadFrom(got.Body)
		s.must(errors.Join(err, got.Body.Close()))
		if got.StatusCode != want {
			t.Errorf("%s: %d %s", path, got.StatusCode, &text)
		}
		if want == http.StatusInternalServerError && (got.Header.Get("Content-Type") != "application/problem+json" ||
			!strings.Contains(text.String(), `"internal"`) || strings.Contains(text.String(), "secret")) {
			t.Errorf("%s: %s %s", path, got.Header, &text)
		}
	}
	for _, want := range []string{"a secret of ours", "too late to say so", "throttle_test.go", `"status":500`, "/breaks"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %q:\n%s", want, &log)
		}
	}
}
