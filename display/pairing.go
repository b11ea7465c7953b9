package display

import (
	"errors"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	// codeLife is how long a pairing code can be claimed.
	codeLife = 10 * time.Minute
	// codeMargin: a code is renewed this long before its end, so that nobody
	// starts typing one that is about to die; the old one stays good meanwhile.
	codeMargin = 30 * time.Second
	// maxCodes bounds what strangers can make the hub remember, and codesFrom
	// what one address can. Sockets are admitted in smaller numbers than either,
	// so that one which is there finds room among codes that nobody asks after.
	maxCodes  = 512
	codesFrom = 24
	// askedWithin is how long ago a display that shows its code asked for it at
	// most: sockets ask at every heartbeat, and so do polls.
	askedWithin = 15 * time.Second

	codeLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	codeLength  = 6
)

// pairing is a code on a screen that waits for staff to claim it.
type pairing struct {
	Code    string
	key     string    // hash of the display's key
	from    string    // the address that asked for it
	asked   time.Time // when its display did so last
	Expires time.Time
}

// errCrowded: as many displays wait to be paired as can.
var errCrowded = errors.New("too many displays wait to be paired")

// pairings are the codes now valid. Nothing of them is stored: after a restart
// a display simply shows a new one.
type pairings struct {
	mu     sync.Mutex
	rand   io.Reader
	byCode map[string]pairing
	byKey  map[string]string // the newest code of a key
}

func newPairings(rand io.Reader) *pairings {
	return &pairings{rand: rand, byCode: make(map[string]pairing), byKey: make(map[string]string)}
}

// issue is the code a display shows now: the one it has, so that a reconnect
// in mid-typing changes nothing, or a new one when that is nearly over. A code
// that is on a screen is never given up for another: then it is errCrowded.
func (p *pairings) issue(key, from string, now time.Time) (pairing, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if have, ok := p.byCode[p.byKey[key]]; ok && now.Before(have.Expires.Add(-codeMargin)) {
		have.asked = now
		p.byCode[have.Code] = have
		return have, nil
	}
	if !p.room(key, from, now) {
		return pairing{}, errCrowded
	}
	for {
		code, err := randomCode(p.rand)
		if err != nil {
			return pairing{}, err
		}
		if _, taken := p.byCode[code]; taken {
			continue
		}
		made := pairing{Code: code, key: key, from: from, asked: now, Expires: now.Add(codeLife)}
		p.byCode[code], p.byKey[key] = made, code
		return made, nil
	}
}

// room makes room for one more code: it forgets what is over and, when the
// table is full or the address has many, the one that nobody has asked after
// for longest. A display that renews its code has room.
func (p *pairings) room(key, from string, now time.Time) bool {
	var idle, theirs pairing
	own := 0
	for _, each := range p.byCode {
		if !now.Before(each.Expires) {
			p.drop(each)
			continue
		}
		if idle.Code == "" || each.asked.Before(idle.asked) {
			idle = each
		}
		if each.from != from {
			continue
		}
		own++
		if theirs.Code == "" || each.asked.Before(theirs.asked) {
			theirs = each
		}
	}
	switch {
	case own >= codesFrom:
		idle = theirs
	case len(p.byCode) < maxCodes:
		return true
	}
	if last, ok := p.byCode[p.byKey[key]]; ok {
		idle = last // nobody starts typing it any more
	} else if now.Sub(idle.asked) < askedWithin {
		return false
	}
	p.drop(idle)
	return true
}

// drop forgets one code, and its key if this was the newest.
func (p *pairings) drop(gone pairing) {
	delete(p.byCode, gone.Code)
	if p.byKey[gone.key] == gone.Code {
		delete(p.byKey, gone.key)
	}
}

// claim takes a code, once, and every other code of the same display with it.
func (p *pairings) claim(code string, now time.Time) (key string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.byCode[normalCode(code)]
	if !ok || !now.Before(found.Expires) {
		return "", false
	}
	for _, each := range p.byCode {
		if each.key == found.key {
			p.drop(each)
		}
	}
	return found.key, true
}

// normalCode accepts a code as people type it: small letters, spaces, dashes.
func normalCode(code string) string {
	if len(code) > 4*codeLength {
		return ""
	}
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(code))
}

// randomCode draws six of 31 characters that can't be taken for one another.
// Bytes beyond a multiple of 31 are thrown away, so all are equally likely.
func randomCode(rand io.Reader) (string, error) {
	code := make([]byte, 0, codeLength)
	var b [1]byte
	for len(code) < codeLength {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return "", err
		}
		if int(b[0]) < 256/len(codeLetters)*len(codeLetters) {
			code = append(code, codeLetters[int(b[0])%len(codeLetters)])
		}
	}
	return string(code), nil
}
