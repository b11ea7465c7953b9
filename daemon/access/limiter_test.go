package access_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/daemon/access"

	"pgregory.net/rapid"
)

const window = 15 * time.Minute

func epoch() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// R39: free tries, then waits that double, then nothing until a window has passed.
func TestR39GuessingIsSlowedThenStopped(t *testing.T) {
	l, now := access.NewLimiter(3, 7, window), epoch()
	for n, want := range []time.Duration{0, 0, 1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, window} {
		if wait := l.Allow("pin", now); wait != 0 {
			t.Fatalf("before failure %d: wait %s", n+1, wait)
		}
		l.Fail("pin", now)
		if wait := l.Allow("pin", now); wait != want {
			t.Errorf("after failure %d: wait %s, want %s", n+1, wait, want)
		}
		if want < window {
			now = now.Add(want)
		}
	}
	if wait := l.Allow("pin", now.Add(window-time.Second)); wait != time.Second {
		t.Errorf("at the window's end: wait %s", wait)
	}
	if wait := l.Allow("pin", now.Add(window)); wait != 0 {
		t.Errorf("after the window: wait %s", wait)
	}
	if wait := l.Allow("other", now); wait != 0 {
		t.Errorf("another key: wait %s", wait)
	}
}

func TestR39RightGuessForgives(t *testing.T) {
	l, now := access.NewLimiter(1, 3, window), epoch()
	l.Fail("pin", now)
	l.Reset("pin")
	if wait := l.Allow("pin", now); wait != 0 {
		t.Errorf("wait %s", wait)
	}
}

// R41: a clock that jumps back must not lock the reception out until it is that late again.
func TestR41ClockSetBack(t *testing.T) {
	l, now := access.NewLimiter(1, 2, window), epoch()
	l.Fail("pin", now)
	l.Fail("pin", now)
	back := now.AddDate(-1, 0, 0)
	if wait := l.Allow("pin", back); wait != window {
		t.Errorf("wait %s, want %s", wait, window)
	}
	if wait := l.Allow("pin", back.Add(window)); wait != 0 {
		t.Errorf("a window later: wait %s", wait)
	}
}

// R39: guesses that come at once get no further than one after the other.
func TestR39TryCountsBeforeTheGuess(t *testing.T) {
	l, now := access.NewLimiter(3, 10, window), epoch()
	var in atomic.Int64
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if l.Try("pin", now) == 0 {
				in.Add(1)
			}
		})
	}
	group.Wait()
	if in.Load() != 3 {
		t.Errorf("%d of 50 got in, want the 3 free ones", in.Load())
	}
}

// R39: in any stretch of a window, however somebody times it, no more than max guesses get in,
// and an honest person who waits as told is let in.
func TestR39GuessesPerWindowAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.IntRange(0, 5).Draw(t, "free")
		most := rapid.IntRange(max(1, free), 12).Draw(t, "max")
		l, now := access.NewLimiter(free, most, window), epoch()
		var guesses []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(window/4)).Draw(t, "pause")))
			wait := l.Allow("pin", now)
			if wait < 0 || wait > window {
				t.Fatalf("wait %s", wait)
			}
			if wait > 0 && rapid.Bool().Draw(t, "obeys") {
				if now = now.Add(wait); l.Allow("pin", now) != 0 {
					t.Fatal("who waited as told was not let in")
				}
			}
			if l.Try("pin", now) == 0 {
				guesses = append(guesses, now)
			}
			if len(guesses) > most && unbroken(guesses[len(guesses)-most-1:]) {
				t.Fatalf("%d guesses without a window between", most+1)
			}
		}
	})
}

// unbroken reports whether the guesses have no gap of a window among them.
func unbroken(guesses []time.Time) bool {
	for i := 1; i < len(guesses); i++ {
		if guesses[i].Sub(guesses[i-1]) >= window {
			return false
		}
	}
	return true
}

// R39: addresses by the thousand neither fill the memory nor free the one that is stopped.
func TestR39FloodOfKeys(t *testing.T) {
	l, now := access.NewLimiter(1, 3, window), epoch()
	for range 3 {
		l.Fail("attacked", now)
	}
	for i := range 5000 {
		l.Fail(fmt.Sprintf("address %d", i), now.Add(time.Duration(i)*time.Millisecond))
	}
	if wait := l.Allow("attacked", now.Add(time.Minute)); wait != window-time.Minute {
		t.Errorf("wait %s", wait)
	}
	if wait := l.Allow("address 0", now); wait != 0 {
		t.Error("the oldest of the flood is still remembered: the memory isn't bounded")
	}
	if wait := l.Allow("address 4999", now.Add(5*time.Second-time.Millisecond)); wait == 0 {
		t.Error("the newest is forgotten")
	}
}

// R39: what a stranger sends as a key is not what is kept of it.
func TestR39LongKeys(t *testing.T) {
	l, now := access.NewLimiter(1, 3, window), epoch()
	long := strings.Repeat("x", 60_000)
	before := heap()
	for i := range 4096 {
		l.Fail(long+fmt.Sprint(i), now)
	}
	if after := heap(); after > before+8<<20 {
		t.Errorf("the heap grew by %d MB", (after-before)>>20)
	}
	if l.Allow(long+"0", now) == 0 || l.Allow(long, now) != 0 {
		t.Error("long keys are mixed up")
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
