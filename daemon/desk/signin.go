package desk

import (
	"time"

	"github.com/alexedwards/argon2id"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
)

// How many wrong PINs are free, and after how many a quarter of an hour passes
// without another. A person bears more than a device: else whoever guesses at
// one tablet would keep her from signing in at every other.
const (
	pinWindow    = 15 * time.Minute
	deviceFree   = 4
	deviceMost   = 12
	personFree   = deviceMost + 1
	personMost   = 2 * deviceMost
	nobodysGuess = "nobody" // the one key of all names that aren't somebody's
)

// Pass is what a session remembers of its sign-in.
type Pass struct {
	Staff id.Staff
	// PINs is which of the person's PINs opened it.
	PINs int64
}

// SignIn checks a PIN. Guessing is slowed and then stopped, by device and by
// staff member (R39); the answer is the same for a wrong name and a wrong PIN.
func (d *Desk) SignIn(who id.Staff, pin, device string) (Pass, error) {
	s, err := d.signer(who)
	if err != nil {
		return Pass{}, err
	}
	person := nobodysGuess
	if s.ID != "" {
		person = string(s.ID)
	}
	if wait := d.mayGuess(device, person, time.Now()); wait > 0 {
		return Pass{}, fault.New(fault.TooMany, "too_many_requests", "Too many wrong PINs. Please wait a moment.").After(wait)
	}
	right := false
	if s.Active && s.PINHash != "" && len(pin) <= 8 {
		right, err = argon2id.ComparePasswordAndHash(pin, s.PINHash)
	}
	if err != nil {
		return Pass{}, err
	}
	if !right {
		return Pass{}, fault.New(fault.Unauthenticated, "unauthenticated", "That PIN is not right.")
	}
	d.persons.Reset(person)
	d.devices.Reset(device)
	return Pass{Staff: s.ID, PINs: s.PINs}, nil
}

// signer finds who wants to sign in; nobody, if the id is none of ours.
func (d *Desk) signer(who id.Staff) (s Staff, err error) {
	if !who.Valid() {
		return Staff{}, nil
	}
	err = d.view(func(o *op) error {
		s, _, err = o.staff.Get(o.tx, who)
		return err
	})
	return s, err
}

// mayGuess returns how long a device has to wait before it may try a person's
// PIN. A try that isn't let in counts against nobody: what a stopped device
// goes on sending must not stop the person. One that is let in counts as wrong
// until it proves right, so guesses made at once don't slip through while the
// first hash is still being compared.
func (d *Desk) mayGuess(device, person string, now time.Time) time.Duration {
	if wait := d.persons.Allow(person, now); wait > 0 {
		return wait
	}
	if wait := d.devices.Try(device, now); wait > 0 {
		return wait
	}
	return d.persons.Try(person, now)
}

// StaffActor returns what the holder of a pass may do now, and false if they
// have left or have another PIN: a session doesn't outlive the right to have one.
func (d *Desk) StaffActor(p Pass) (a access.Actor, ok bool, err error) {
	err = d.view(func(o *op) error {
		s, found, err := o.staff.Get(o.tx, p.Staff)
		a = access.Actor{Staff: s.ID, Name: s.Name, Rights: s.Role.Rights()}
		ok = found && s.Active && s.PINs == p.PINs
		return err
	})
	return a, ok, err
}
