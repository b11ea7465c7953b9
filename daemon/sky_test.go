package daemon_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"countersign/daemon/provider/providertest"
)

// sky is the weather on the way to a vendor and back. What it does to a
// request follows from the seed, the request and the moment alone, so that a
// seed's day is the same however goroutines take turns.
type sky struct {
	seed uint64
	base http.RoundTripper

	mu  sync.Mutex
	now weather
}

// weather are chances from 0 to 1, of which one at most comes true.
type weather struct {
	Lost, Unanswered, Silent, Broken, BrokenAfter, Limited, Garbled, GarbledAfter float64
	Delay                                                                         time.Duration // each request takes up to this much longer
}

func (s *sky) set(now weather) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

func (s *sky) fair() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now == weather{}
}

// dice are those of one request.
func (s *sky) dice(r *http.Request) *rand.Rand {
	h := fnv.New64a()
	_ = binary.Write(h, binary.LittleEndian, []int64{int64(s.seed), time.Now().UnixNano()})
	_, _ = fmt.Fprint(h, r.Method, r.URL)
	return rand.New(rand.NewPCG(h.Sum64(), s.seed))
}

// RoundTrip lets the weather at a request.
func (s *sky) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	now := s.now
	s.mu.Unlock()
	if now == (weather{}) {
		return s.base.RoundTrip(r)
	}
	dice := s.dice(r)
	if now.Delay > 0 {
		if err := sleepOn(r.Context(), time.Duration(dice.Int64N(int64(now.Delay)))); err != nil {
			return nil, err
		}
	}
	chance := dice.Float64()
	for _, turn := range []struct {
		chance float64
		storm  providertest.Storm
	}{
		{now.Lost, providertest.Unreachable}, {now.Unanswered, providertest.LostAnswer}, {now.Silent, providertest.Silence},
		{now.Broken, providertest.Answer(http.StatusInternalServerError, "", "<html>oops")},
		{now.Limited, providertest.Answer(http.StatusTooManyRequests, "Retry-After: 3", "{}")},
		{now.Garbled, providertest.Answer(http.StatusOK, "", "<html>welcome to the hotel")},
		{now.GarbledAfter, providertest.Rewrite("{", "<")}, {now.BrokenAfter, brokenAfter},
	} {
		if chance -= turn.chance; chance < 0 {
			return turn.storm(s.base, r)
		}
	}
	return s.base.RoundTrip(r)
}

// brokenAfter carries the request out and says that it broke.
func brokenAfter(base http.RoundTripper, r *http.Request) (*http.Response, error) {
	res, err := base.RoundTrip(r)
	if err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return providertest.Answer(http.StatusInternalServerError, "", "<html>oops")(nil, r.Clone(r.Context()))
	}
	return res, err
}

func sleepOn(ctx context.Context, d time.Duration) error {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return nil
	}
}

// rough is a weather of a day, fair in one of three.
func rough(rng *rand.Rand) (now weather) {
	if rng.IntN(3) == 0 {
		return weather{}
	}
	for _, chance := range []*float64{&now.Lost, &now.Unanswered, &now.Silent, &now.Broken, &now.BrokenAfter, &now.Limited, &now.Garbled, &now.GarbledAfter} {
		*chance = float64(rng.IntN(2)) * rng.Float64() * 0.2
	}
	now.Delay = time.Duration(rng.IntN(2)*rng.IntN(5)) * time.Second
	return now
}

// mail carries webhooks: some are lost for good, which a vendor takes for
// delivered, and some come twice.
type mail struct {
	base http.RoundTripper
	may  func(body string) bool // be lost; nil: any

	mu           sync.Mutex
	rng          *rand.Rand
	lose, repeat float64
	lost         []string
}

func (m *mail) set(lose, repeat float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lose, m.repeat = lose, repeat
}

// swallowed tells whether a webhook that says something was lost for good.
func (m *mail) swallowed(words string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, body := range m.lost {
		if strings.Contains(body, words) {
			return true
		}
	}
	return false
}

// RoundTrip carries a webhook, or says it did.
func (m *mail) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	body := string(raw)
	send := func() (*http.Response, error) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(strings.NewReader(body))
		return m.base.RoundTrip(again)
	}
	m.mu.Lock()
	lose, repeat := m.rng.Float64() < m.lose && (m.may == nil || m.may(body)), m.rng.Float64() < m.repeat
	if lose {
		m.lost = append(m.lost, body)
	}
	m.mu.Unlock()
	if lose {
		return providertest.Answer(http.StatusOK, "", "[accepted]")(nil, r.Clone(r.Context()))
	}
	if repeat {
		if first, err := send(); err == nil {
			_ = first.Body.Close()
		}
	}
	return send()
}
