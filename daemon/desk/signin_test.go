package desk_test

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
)

func (s salon) hires(name string) desk.Staff {
	s.t.Helper()
	one, err := s.SaveStaff(boss, desk.StaffDraft{Name: name, Role: access.Receptionist, PIN: "4711", Active: true})
	s.must(err)
	return one
}

func TestPINGuessingIsSlowed(t *testing.T) { // R38, R39
	s := open(t)
	eva := s.hires("Eva")
	if _, err := s.SignIn(eva.ID, "4711", "tablet"); err != nil {
		t.Fatal(err)
	}
	slowed := false
	for range 20 {
		_, err := s.SignIn(eva.ID, "0000", "tablet")
		slowed = slowed || codeOf(err) == "too_many_requests"
	}
	if !slowed {
		t.Error("twenty guesses were let through")
	}
}

// R39: a device that guesses without end is stopped; each of those it guesses
// at signs in all the while, at a tablet of her own.
func TestR39OneDeviceLocksNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		tried := 0
		for _, name := range []string{"Eva", "Ida", "Ola"} {
			one := s.hires(name)
			for second := range 20 * 60 {
				if _, err := s.SignIn(one.ID, "0000", "a stranger's"); codeOf(err) == "unauthenticated" {
					tried++
				}
				if second%300 == 299 {
					if _, err := s.SignIn(one.ID, "4711", "tablet"); err != nil {
						t.Errorf("%s, with the right PIN, after %d s: %v", name, second, err)
					}
				}
				time.Sleep(time.Second)
			}
		}
		if tried > 5*12 {
			t.Errorf("%d guesses of one device in an hour", tried)
		}
	})
}

// R39: many devices together get no further at one person than the person's
// own bound.
func TestR39ManyDevicesAtOnePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		eva, tried := s.hires("Eva"), 0
		for i := range 200 {
			if _, err := s.SignIn(eva.ID, "0000", "device "+strconv.Itoa(i)); codeOf(err) == "unauthenticated" {
				tried++
			}
			time.Sleep(time.Second)
		}
		if tried > 24 {
			t.Errorf("%d guesses were let through", tried)
		}
		_, err := s.SignIn(eva.ID, "4711", "one more")
		if f := fault.From(err); f == nil || f.Code != "too_many_requests" || f.RetryAfter <= 0 {
			t.Errorf("a guesser with a new device: %v", err)
		}
	})
}

// R39: guesses made at once get no further than one after the other.
func TestR39GuessesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		eva := s.hires("Eva")
		var let atomic.Int64
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := s.SignIn(eva.ID, "0000", "tablet"); codeOf(err) == "unauthenticated" {
					let.Add(1)
				}
			})
		}
		all.Wait()
		if let.Load() != 4 {
			t.Errorf("%d of 50 were let in, want the 4 free ones", let.Load())
		}
	})
}

// R39: names that aren't anybody's are one and the same to the limiter.
func TestR39NamesOfNobodyAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		eva, let := s.hires("Eva"), 0
		for i := range 200 {
			who := id.Staff("s_" + strconv.Itoa(i))
			if i%2 == 0 {
				who = id.Staff(strings.Repeat("x", 60000) + strconv.Itoa(i))
			}
			if _, err := s.SignIn(who, "0000", "device "+strconv.Itoa(i)); codeOf(err) == "unauthenticated" {
				let++
			}
		}
		if let > 24 {
			t.Errorf("%d names were tried", let)
		}
		if _, err := s.SignIn(eva.ID, "4711", "tablet"); err != nil {
			t.Error("guessing at nobody stopped somebody:", err)
		}
	})
}

// R38: two programs of one name are told apart in the audit log, and neither's
// secret is in it.
func TestR38AuditNamesTheToken(t *testing.T) {
	s := open(t)
	acts := map[string]bool{}
	for range 2 {
		secret, err := s.CreateToken(boss, "crm", access.All(), 0)
		s.must(err)
		crm, err := s.TokenActor(secret)
		s.must(err)
		s.must(s.SaveLocation(crm, desk.DefaultLocation()))
		lines, err := s.AuditLog(boss, 0, 100)
		s.must(err)
		made, used := lines[len(lines)-2].Value, lines[len(lines)-1].Value
		if used.Token == "" || used.Name != "crm" || !strings.Contains(string(made.Detail), `"`+used.Token+`"`) || strings.Contains(secret, used.Token) {
			t.Errorf("made %s, used by %q %q", made.Detail, used.Name, used.Token)
		}
		acts[used.Token] = true
	}
	if len(acts) != 2 {
		t.Errorf("tokens %v", acts)
	}
}
