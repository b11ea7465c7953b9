package confirm

import (
	"errors"
	"slices"
	"strings"
	"time"

	"countersign/daemon/provider"
)

// blip is how long reading may fail before anybody is told: a request that is
// lost now and then is nobody's business.
const blip = 10 * time.Second

// Causes lists why a provider isn't read.
func Causes() []string { return []string{CauseUnreachable, CauseKeys, CauseStorage} }

// Why a provider isn't read, for programs and for the tablet's words.
const (
	CauseUnreachable = "unreachable" // it can't be reached, or is out of order
	CauseKeys        = "keys"        // it no longer takes our keys, or we can't read them
	CauseStorage     = "storage"     // what it says can't be stored here
)

// State is how reading a provider goes.
type State struct {
	Provider string    `json:"provider"`
	Synced   bool      `json:"synced"`
	LastOK   time.Time `json:"last_ok"`
	// Lag is how many seconds ago that was; -1: never.
	Lag int64 `json:"lag_seconds"`
	// LastHook is when its last webhook came since the start; zero: none did.
	LastHook time.Time `json:"last_webhook,omitzero"`
	Cause    string    `json:"cause,omitempty"`
	Problem  string    `json:"problem,omitempty"` // the same in a person's words

	failing time.Time // since when it fails
}

// States returns how reading goes, by provider's name.
func (in *Intake) States() []State {
	names, _ := in.desk.Providers()
	in.mu.Lock()
	defer in.mu.Unlock()
	now := time.Now()
	list := make([]State, 0, len(in.states))
	for _, s := range in.states {
		if !slices.Contains(names, s.Provider) { // a reader that is about to end has noted once more
			continue
		}
		if s.Lag = -1; !s.LastOK.IsZero() {
			s.Lag = int64(now.Sub(s.LastOK) / time.Second)
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b State) int { return strings.Compare(a.Provider, b.Provider) })
	return list
}

// hooked keeps when a genuine webhook came.
func (in *Intake) hooked(name string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	s := in.states[name]
	s.Provider, s.LastHook = name, time.Now().UTC()
	in.states[name] = s
}

// note keeps how reading goes, and tells the screens when that changes.
func (in *Intake) note(name string, err error) {
	at := time.Now().UTC()
	in.mu.Lock()
	was := in.states[name]
	now := State{Provider: name, Synced: was.Synced || err == nil, LastOK: was.LastOK, LastHook: was.LastHook}
	if err == nil {
		now.LastOK = at
	} else {
		if now.failing = was.failing; now.failing.IsZero() {
			now.failing = at
		}
		if !was.Synced || at.Sub(now.failing) >= blip {
			now.Cause = cause(err)
			now.Problem = wordsOf(now.Cause)
		}
	}
	in.states[name] = now
	in.mu.Unlock()
	in.desk.SetShut(name, now.Cause == CauseKeys)
	if was.Cause != now.Cause || was.Synced != now.Synced {
		if err := in.desk.SyncChanged(); err != nil {
			in.log.Error().Err(err).Msg("sync not announced")
		}
	}
}

// cause tells why confirmations don't come in.
func cause(err error) string {
	if provider.KindOf(err) == provider.Refused {
		return CauseKeys
	}
	if _, theirs := errors.AsType[*provider.Error](err); theirs {
		return CauseUnreachable
	}
	return CauseStorage
}

func wordsOf(cause string) string {
	switch cause {
	case CauseKeys:
		return "The payment provider doesn't accept our keys. Please enter them again under Set up, Payments."
	case CauseUnreachable:
		return "The payment provider can't be reached. Confirmations will come in as soon as it can."
	}
	return "What the payment provider says can't be stored on this computer. Please look at its disk."
}
