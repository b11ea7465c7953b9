package daemon

import (
	"net/http"
	"sync"
	"time"
)

// witness hears by the way what time it is elsewhere: every answer over HTTP
// has a date.
type witness struct {
	base http.RoundTripper // nil is the usual one

	mu   sync.Mutex
	told *time.Duration
}

// RoundTrip makes the call.
func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	base := w.base
	if base == nil {
		base = http.DefaultTransport
	}
	asked := time.Now()
	res, err := base.RoundTrip(r)
	if err != nil {
		return res, err
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		// A date has no fraction of a second, and the answer took a while: the
		// middle of both is nearest.
		skew := date.Add(time.Second / 2).Sub(asked.Add(time.Since(asked) / 2))
		w.mu.Lock()
		w.told = &skew
		w.mu.Unlock()
	}
	return res, nil
}

// skew is how far their clock is before ours, nil if none was heard.
func (w *witness) skew() *time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told
}
