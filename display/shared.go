package display

import (
	"sync"
	"sync/atomic"
	"time"
)

// sharedFor is how old a reading may be that a heartbeat takes over from
// another display: a lost wake-up costs so much more than a heartbeat at most.
const sharedFor = 100 * time.Millisecond

// shared is something that many displays want to know at once, and that is
// read for all of them together.
type shared[T any] struct {
	asked   atomic.Uint64 // by those who want a reading of their own
	reading sync.Mutex    // held while the Source is read
	last    atomic.Pointer[reading[T]]
}

// reading is what was read, and since when it holds: everything that was
// committed before the reading began is in it.
type reading[T any] struct {
	moment uint64 // wake-ups before it began
	asked  uint64
	begun  time.Time
	value  T
	err    error
}

// demand is how new a reading has to be.
type demand struct {
	moment uint64    // it began after so many wake-ups
	begun  time.Time // and not before this; zero: no matter when
	anew   bool      // and after it was asked for
}

// woken is the demand of a display that was woken: whatever was committed
// before the wake-up. The number is taken before anything is read.
func (h *Hub) woken() demand { return demand{moment: h.moment.Load()} }

// beating is the demand of a heartbeat, which is there for lost wake-ups.
func (h *Hub) beating() demand {
	return demand{moment: h.moment.Load(), begun: time.Now().Add(-sharedFor)}
}

// anew is the demand of one that has just come, or waits for a frame: it can
// count on no wake-up, since those before it went to others.
func (h *Hub) anew() demand { return demand{moment: h.moment.Load(), anew: true} }

// get returns the last reading if it is new enough, or reads. One that failed
// is shared as well: a store that is down is not asked by everybody.
func (s *shared[T]) get(d demand, moment *atomic.Uint64, read func() (T, error)) (T, error) {
	var asked uint64
	if d.anew {
		asked = s.asked.Add(1)
	}
	if r := s.last.Load(); r.meets(d, asked) {
		return r.value, r.err
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	if r := s.last.Load(); r.meets(d, asked) {
		return r.value, r.err
	}
	r := &reading[T]{moment: moment.Load(), asked: s.asked.Load(), begun: time.Now()}
	r.value, r.err = read()
	s.last.Store(r)
	return r.value, r.err
}

// meets tells whether a reading is new enough.
func (r *reading[T]) meets(d demand, asked uint64) bool {
	return r != nil && r.moment >= d.moment && r.asked >= asked && !r.begun.Before(d.begun)
}
