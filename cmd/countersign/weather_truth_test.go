package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// leaseTime is how long a display may keep its code without a word.
	leaseTime = 6 * time.Second
	// paintTime is what a display may take from a frame's arrival to the glass, with
	// allowance for two cores that a dozen test binaries share.
	paintTime = 2 * time.Second
	// calmTime is how long after the last fault a display must be right: its longest
	// pause between two attempts, an attempt, and the paint.
	calmTime = 8*time.Second + paintTime
)

// fact is what the daemon says from a moment on: the link's token that the
// displays of the desk are to show, "" for no code. Between the two times it was
// on its way, and what was before may be said as well.
type fact struct {
	from, sure time.Time
	token      string
}

// truth is the daemon's story as its API told it.
type truth struct {
	mu    sync.Mutex
	facts []fact
	paid  map[string]time.Time // tokens that were paid at the company, and when
	due   map[string]int64     // what is to be paid behind a token, in minor units
}

func (tr *truth) note(f fact) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if n := len(tr.facts); n > 0 && tr.facts[n-1].token == f.token {
		return
	}
	tr.facts = append(tr.facts, f)
}

// said tells whether the daemon may have said a token's code at any time from a to b.
func (tr *truth) said(token string, a, b time.Time) bool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for i, f := range tr.facts {
		over := b.Add(time.Hour)
		if i+1 < len(tr.facts) {
			over = tr.facts[i+1].sure
		}
		if f.token == token && f.from.Before(b) && over.After(a) {
			return true
		}
	}
	return false
}

// only is the one thing that the daemon can have said from a to b.
func (tr *truth) only(a, b time.Time) (token string, one bool) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for i, f := range tr.facts {
		if f.sure.Before(a) && (i+1 == len(tr.facts) || tr.facts[i+1].from.After(b)) {
			return f.token, true
		}
	}
	return "", false
}

// read asks the daemon what the desk's displays are to show now.
func (w *weather) read(ctx context.Context) (token string, ok bool) {
	var desks struct {
		Desks []struct{ ID, Visit string }
	}
	if w.ask(ctx, http.MethodGet, "/api/v1/desks", nil, &desks) != http.StatusOK || len(desks.Desks) != 1 {
		return "", false
	}
	up := desks.Desks[0].Visit
	if up == "" {
		return "", true
	}
	var v saidVisit
	if w.ask(ctx, http.MethodGet, "/api/v1/visits/"+up, nil, &v) != http.StatusOK {
		return "", false
	}
	if v.LinkState != "active" || v.Due == 0 || v.Blocked != nil {
		return "", true
	}
	token, ok = w.link(ctx, up)
	if ok {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.due[token] = v.Due
	}
	return token, ok
}

// shot is one look at a display's glass: what was read off it, and when.
type shot struct {
	from, to      time.Time
	token         string
	amount        string        // as the page has it; "": none, or it changed meanwhile
	contact, news time.Time     // of the line, as the shot began
	lag           time.Duration // how old that was when it came; 0: there may be newer
	calm          time.Time     // since when nothing was wrong with this display
	stood         time.Time     // when it last went on after standing still
	picture       []byte
}

// hold holds a shot against the invariant: a code on the glass means that the
// daemon says so, or that the connection has been gone for under six seconds.
// In quiet times it also has to be there.
func (tr *truth) hold(s shot) (wrong string) {
	tr.mu.Lock()
	paid, was := tr.paid[s.token]
	due := tr.due[s.token]
	tr.mu.Unlock()
	asleep := s.from.Sub(s.stood) < paintTime
	switch {
	case s.token != "" && asleep:
		return ""
	case s.token != "" && s.from.Sub(s.contact) > leaseTime+paintTime:
		return fmt.Sprintf("shows %s, and has heard nothing for %v", s.token, s.from.Sub(s.contact))
	case s.token != "" && s.lag > leaseTime:
		return fmt.Sprintf("shows %s, and what it has heard last was %v old when it came", s.token, s.lag)
	case s.token != "" && s.amount != "" && digits(s.amount) != strconv.FormatInt(due, 10):
		return fmt.Sprintf("shows %s with %s, and %d is due", s.token, s.amount, due)
	case s.token != "" && !tr.said(s.token, s.news.Add(-200*time.Millisecond), s.to):
		return fmt.Sprintf("shows %s, which the daemon hasn't said since %v ago", s.token, s.from.Sub(s.news))
	case was && s.news.After(paid.Add(paintTime)):
		return fmt.Sprintf("shows %s, which was paid %v ago", s.token, s.from.Sub(paid))
	}
	want, one := tr.only(s.from.Add(-paintTime), s.to)
	if one && !asleep && s.from.Sub(s.calm) > calmTime && s.token != want {
		return fmt.Sprintf("shows %q, and all has been well for %v: it should show %q", s.token, s.from.Sub(s.calm), want)
	}
	return ""
}

// digits are those of an amount as people read it.
func digits(amount string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, amount)
}

// tokenOf is the link's token in what a code says.
func tokenOf(address string) string {
	return strings.ToLower(address[strings.LastIndex(address, "/")+1:])
}
