package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Faults are the ways the sandbox misbehaves on demand. The numbers are
// chances from 0 (never) to 1 (always), drawn from the injected randomness.
// None of them loses an event: the event log stays the truth.
type Faults struct {
	Delay               time.Duration // events and webhooks come up to this much later
	Drop                float64       // a webhook never comes
	Repeat              float64       // events come again: twice in a page, overlapping pages, webhooks repeated
	Reorder             float64       // events of a page are shuffled, a webhook is overtaken
	TimeoutAfterSuccess float64       // the request is carried out, and the answer is lost
	TimeoutBefore       float64       // the request is lost
	Hang                bool          // lost means silence until the caller gives up, not a closed connection
	Error500            float64       // 500, and every second time after carrying the request out
	RateLimit           float64       // 429
	RetryAfter          time.Duration // sent with 429 when not zero
	FailCreates         float64       // POST sessions is refused
	RefuseRefunds       float64       // POST refunds is refused
	PendRefunds         float64       // a refund stays pending until somebody settles it
	Garbage             float64       // the answer can't be read
	OddEvents           float64       // a page holds an event of a type nobody knows
	OddStatus           float64       // a session looked up is in a state nobody knows
	RefuseReceipts      float64       // POST receipts is refused
}

// faultsJSON is Faults on the wire: durations in milliseconds.
type faultsJSON struct {
	Delay               int64   `json:"delay_ms"`
	Drop                float64 `json:"drop"`
	Repeat              float64 `json:"repeat"`
	Reorder             float64 `json:"reorder"`
	TimeoutAfterSuccess float64 `json:"timeout_after_success"`
	TimeoutBefore       float64 `json:"timeout_before"`
	Hang                bool    `json:"hang"`
	Error500            float64 `json:"error_500"`
	RateLimit           float64 `json:"rate_limit"`
	RetryAfter          int64   `json:"retry_after_ms"`
	FailCreates         float64 `json:"fail_creates"`
	RefuseRefunds       float64 `json:"refuse_refunds"`
	PendRefunds         float64 `json:"pend_refunds"`
	Garbage             float64 `json:"garbage"`
	OddEvents           float64 `json:"odd_events"`
	OddStatus           float64 `json:"odd_status"`
	RefuseReceipts      float64 `json:"refuse_receipts"`
}

// MarshalJSON writes durations in milliseconds.
func (f Faults) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultsJSON{
		f.Delay.Milliseconds(), f.Drop, f.Repeat, f.Reorder, f.TimeoutAfterSuccess, f.TimeoutBefore, f.Hang,
		f.Error500, f.RateLimit, f.RetryAfter.Milliseconds(), f.FailCreates,
		f.RefuseRefunds, f.PendRefunds, f.Garbage, f.OddEvents, f.OddStatus, f.RefuseReceipts,
	})
}

// UnmarshalJSON reads durations in milliseconds and refuses chances that are
// none.
func (f *Faults) UnmarshalJSON(b []byte) error {
	var w faultsJSON
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	chances := []float64{w.Drop, w.Repeat, w.Reorder, w.TimeoutAfterSuccess, w.TimeoutBefore, w.Error500,
		w.RateLimit, w.FailCreates, w.RefuseRefunds, w.PendRefunds, w.Garbage, w.OddEvents, w.OddStatus, w.RefuseReceipts}
	for _, p := range chances {
		if p < 0 || p > 1 {
			return fmt.Errorf("a chance is from 0 to 1, not %v", p)
		}
	}
	const day = 24 * 3600 * 1000
	if w.Delay < 0 || w.Delay > day || w.RetryAfter < 0 || w.RetryAfter > day {
		return fmt.Errorf("a time is from 0 ms to a day")
	}
	*f = Faults{
		time.Duration(w.Delay) * time.Millisecond, w.Drop, w.Repeat, w.Reorder, w.TimeoutAfterSuccess,
		w.TimeoutBefore, w.Hang, w.Error500, w.RateLimit, time.Duration(w.RetryAfter) * time.Millisecond,
		w.FailCreates, w.RefuseRefunds, w.PendRefunds, w.Garbage, w.OddEvents, w.OddStatus, w.RefuseReceipts,
	}
	return nil
}

// dice decide about faults. They are apart from the ids' randomness, so that
// a run can be repeated from the same seed.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(seed io.Reader) (*dice, error) {
	var b [32]byte
	if _, err := io.ReadFull(seed, b[:]); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	return &dice{r: rand.New(rand.NewChaCha8(b))}, nil
}

func (d *dice) chance(p float64) bool {
	if p <= 0 {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Float64() < p
}

// below is from 0 to n-1; 0 if n is not positive.
func (d *dice) below(n int64) int64 {
	if n <= 0 {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Int64N(n)
}

// weather lets the faults at an API handler.
func (s *Server) weather(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f := s.Faults()
		switch d := s.dice; {
		case d.chance(f.TimeoutBefore):
			_, _ = io.Copy(io.Discard, r.Body)
			s.vanish(r, f.Hang)
		case d.chance(f.RateLimit):
			if f.RetryAfter > 0 {
				w.Header().Set("Retry-After", strconv.FormatInt(int64((f.RetryAfter+time.Second-1)/time.Second), 10))
			}
			refuse(w, &refusal{http.StatusTooManyRequests, "rate_limited", "Too many requests."})
		case d.chance(f.Error500):
			if d.below(2) == 1 {
				next(unheard{http.Header{}}, r)
			}
			refuse(w, &refusal{http.StatusInternalServerError, "internal", "Something went wrong here."})
		case d.chance(f.TimeoutAfterSuccess):
			next(unheard{http.Header{}}, r)
			s.vanish(r, f.Hang)
		case d.chance(f.Garbage):
			next(unheard{http.Header{}}, r)
			_, _ = io.WriteString(w, "<html>502 Bad Gateway")
		default:
			next(w, r)
		}
	}
}

// vanish ends a request without an answer.
func (s *Server) vanish(r *http.Request, hang bool) {
	if hang {
		select {
		case <-r.Context().Done():
		case <-s.closing.Done():
		}
	}
	panic(http.ErrAbortHandler)
}

// unheard takes an answer nobody will get.
type unheard struct{ h http.Header }

func (u unheard) Header() http.Header         { return u.h }
func (u unheard) Write(b []byte) (int, error) { return len(b), nil }
func (u unheard) WriteHeader(int)             {}
