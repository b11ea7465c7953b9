package outcall_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
	"countersign/daemon/provider/providertest"
)

func caller(base http.RoundTripper) *outcall.Caller {
	return &outcall.Caller{Base: "https://vendor.example/v1", Client: outcall.NoRedirect(&http.Client{Transport: base}), Timeout: time.Second,
		Sign: func(h http.Header) { h.Set("X-Key", "secret") }, Secrets: []string{"secret", ""},
		Refusal: func(_ int, body []byte) outcall.Refusal {
			text := string(body)
			return outcall.Refusal{Text: text, Theirs: strings.HasPrefix(text, "vendor"), InProgress: text == "vendor: busy"}
		}}
}

// R20: what an answer means for the money.
func TestWhatAnswersMean(t *testing.T) {
	for _, try := range []struct {
		status      int
		body        string
		look, money provider.ErrorKind
	}{
		{200, `{"a":1}`, 0, 0}, {201, `{}`, 0, 0}, {200, `<html>`, provider.Unavailable, provider.Unclear},
		{404, "vendor: nobody", provider.NotFound, provider.NotFound}, {404, "<html>", provider.Unavailable, provider.Unavailable},
		{400, "no", provider.Refused, provider.Refused}, {409, "vendor: busy", provider.Unavailable, provider.Unclear},
		{408, "", provider.Unavailable, provider.Unavailable}, {302, "", provider.Unavailable, provider.Unclear},
		{429, "", provider.Unavailable, provider.Unavailable}, {503, "", provider.Unavailable, provider.Unavailable},
		{500, "", provider.Unavailable, provider.Unclear}, {200, strings.Repeat(" ", outcall.Limit+1), provider.Unavailable, provider.Unclear},
	} {
		w := providertest.NewWeather(nil)
		w.Set(providertest.Answer(try.status, "Location: https://hotel.example/", try.body))
		for money, want := range map[bool]provider.ErrorKind{false: try.look, true: try.money} {
			err := caller(w).Do(t.Context(), outcall.Call{Method: http.MethodPost, Path: "/x", Body: 1, Money: money}, &struct{}{})
			if provider.KindOf(err) != want {
				t.Errorf("%d %.20s, money %v: %v, want %v", try.status, try.body, money, err, want)
			}
		}
	}
}

// R35: an answer about one thing doesn't keep the vendor from being asked for
// others; what it says to whoever has the key, and silence, do.
func TestHowMuchAnswersMean(t *testing.T) {
	for _, try := range []struct {
		storm providertest.Storm
		want  provider.Extent
	}{
		{providertest.Unreachable, provider.OfAll},
		{providertest.Answer(302, "", ""), provider.OfAll},
		{providertest.Answer(401, "", "vendor: who?"), provider.OfAll},
		{providertest.Answer(403, "", "vendor: not you"), provider.OfAll},
		{providertest.Answer(429, "", "vendor: slowly"), provider.OfAll},
		{providertest.Answer(503, "Retry-After: 1", ""), provider.OfAll},
		{providertest.Answer(200, "", "<html>"), provider.OfOne},
		{providertest.Answer(404, "", "vendor: nobody"), provider.OfOne},
		{providertest.Answer(422, "", "vendor: no"), provider.OfOne},
		{providertest.Answer(404, "", "<html>"), provider.OfEither},
		{providertest.Answer(500, "", "vendor: oh"), provider.OfEither},
	} {
		w := providertest.NewWeather(nil)
		w.Set(try.storm)
		err := caller(w).Do(t.Context(), outcall.Call{Method: http.MethodGet, Path: "/x"}, &struct{}{})
		if got := provider.ExtentOf(err); got != try.want {
			t.Errorf("%v: %v, want %v", err, got, try.want)
		}
	}
}

// R39: neither a secret nor an address is in an error.
func TestErrorsHoldNoSecret(t *testing.T) {
	w := providertest.NewWeather(nil)
	for _, storm := range []providertest.Storm{providertest.Unreachable, providertest.Answer(400, "", "the key secret is no good"),
		providertest.Answer(302, "Location: https://secret.example/", "secret")} {
		w.Set(storm)
		err := caller(w).Do(t.Context(), outcall.Call{Method: http.MethodGet, Path: "/x"}, &struct{}{})
		if s := fmt.Sprintf("%v %+v", err, err); strings.Contains(s, "secret") || strings.Contains(s, "vendor.example") {
			t.Errorf("%s", s)
		}
	}
}
