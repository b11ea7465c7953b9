package access

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// firstWait follows the first failure that isn't free; each further one doubles it.
	firstWait = time.Second
	// maxKeys bounds what a stranger who changes his address can make us remember.
	maxKeys = 4096
)

// Limiter slows down and then stops guessing (R39): of a PIN, a token, a pairing code, a short
// code. A key (a staff member, a device, an address) has some tries free, then waits that double,
// and after max failures none until a whole window has passed without one.
//
// It keeps nothing on disk: a restart forgives, and an attacker can't cause one.
type Limiter struct {
	free, max int
	window    time.Duration

	mu   sync.Mutex
	keys map[mark]tally
}

// mark stands for a key. A key may be what a stranger sent: of any length, and
// nobody's business to be kept.
type mark [sha256.Size]byte

func markOf(key string) mark { return sha256.Sum256([]byte(key)) }

// tally is what is known of one key. Wall time is kept, so a clock set back is met in settle.
type tally struct {
	fails int
	last  time.Time
}

// NewLimiter gives each key free tries, and stops it for the window after max failures.
func NewLimiter(free, max int, window time.Duration) *Limiter {
	return &Limiter{free: free, max: max, window: window, keys: map[mark]tally{}}
}

// Allow returns how long the key has to wait before its next try: 0 means go ahead. It counts
// nothing, so tries that overlap are all let in: where a try is slow (a PIN's hash), use Try.
func (l *Limiter) Allow(key string, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wait(l.settle(markOf(key), now), now)
}

// Fail counts a wrong guess.
func (l *Limiter) Fail(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(markOf(key), now)
}

// Try is Allow and, if that lets the key in, Fail, in one step: the try counts as wrong until
// Reset says otherwise. However many come at once, no more get in than one after the other would.
func (l *Limiter) Try(key string, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := markOf(key)
	if wait = l.wait(l.settle(k, now), now); wait == 0 {
		l.count(k, now)
	}
	return wait
}

// Reset forgets a key, after a right guess.
func (l *Limiter) Reset(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.keys, markOf(key))
}

// settle returns the tally as of now: nothing once a window has passed, and no failure later than
// now. Without the latter, a clock set back a year would lock the reception out for a year (R41).
func (l *Limiter) settle(key mark, now time.Time) tally {
	t, ok := l.keys[key]
	switch {
	case !ok:
		return tally{}
	case now.Sub(t.last) >= l.window:
		delete(l.keys, key)
		return tally{}
	case t.last.After(now):
		t.last = now
		l.keys[key] = t
	}
	return t
}

func (l *Limiter) wait(t tally, now time.Time) time.Duration {
	return max(0, l.pause(t.fails)-now.Sub(t.last))
}

// pause is how long a key rests after its n-th failure.
func (l *Limiter) pause(n int) time.Duration {
	switch {
	case n >= l.max:
		return l.window
	case n < l.free || n == 0:
		return 0
	}
	d := firstWait
	for range n - l.free {
		if d *= 2; d >= l.window {
			return l.window
		}
	}
	return min(d, l.window)
}

func (l *Limiter) count(key mark, now time.Time) {
	t := l.settle(key, now)
	if t.fails == 0 && len(l.keys) >= maxKeys {
		l.evict(now)
	}
	l.keys[key] = tally{fails: min(t.fails+1, max(l.max, l.free)), last: now}
}

// evict makes room: what has lapsed, else the key with the fewest failures, the longest ago. So
// a flood of fresh keys pushes out itself, not the one that is being stopped.
func (l *Limiter) evict(now time.Time) {
	var victim mark
	var weakest tally
	for key, t := range l.keys {
		if now.Sub(t.last) >= l.window {
			delete(l.keys, key)
			continue
		}
		if weakest.fails == 0 || t.fails < weakest.fails || t.fails == weakest.fails && t.last.Before(weakest.last) {
			victim, weakest = key, t
		}
	}
	if len(l.keys) >= maxKeys {
		delete(l.keys, victim)
	}
}
