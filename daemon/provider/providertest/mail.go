package providertest

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Mail is the webhooks of a vendor's stand-in, on their way and delivered. The
// zero Mail is empty.
type Mail struct {
	mu      sync.Mutex
	letters []*letter
}

// letter is a webhook: what it says, of what, and how often it was tried.
type letter struct {
	body  []byte
	about string
	due   time.Time
	tries int
	done  bool
}

// Put has a webhook leave at a time; with dice it does so out of turn, and twice.
func (m *Mail) Put(about string, body []byte, due time.Time, dice *rand.Rand) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := &letter{body: body, about: about, due: due}
	m.letters = append(m.letters, l)
	if dice != nil {
		l.due = l.due.Add(time.Duration(dice.IntN(30)) * time.Second)
		again := *l
		again.due = l.due.Add(time.Duration(dice.IntN(60)) * time.Second)
		m.letters = append(m.letters, &again)
	}
}

// Last is the body that was put last, nil if there is none.
func (m *Mail) Last() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.letters) == 0 {
		return nil
	}
	return m.letters[len(m.letters)-1].body
}

// Left are the bodies of those that have left by now, oldest first; about keeps
// those of one thing, unless it is empty.
func (m *Mail) Left(about string, now time.Time) (bodies [][]byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := slices.Clone(m.letters)
	slices.SortStableFunc(left, func(a, b *letter) int { return a.due.Compare(b.due) })
	for _, l := range left {
		if !l.due.After(now) && (about == "" || l.about == about) {
			bodies = append(bodies, l.body)
		}
	}
	return bodies
}

// Deliver posts webhooks until ctx ends. happen is called before each look for
// what is due. One that isn't accepted comes again.
func (m *Mail) Deliver(ctx context.Context, happen func(), post func(ctx context.Context, body []byte) bool) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			happen()
			for _, l := range m.due(time.Now()) {
				ok := post(ctx, l.body)
				m.mu.Lock()
				l.tries++
				l.done = ok
				l.due = time.Now().Add(min(time.Duration(l.tries)*10*time.Second, 10*time.Minute))
				m.mu.Unlock()
			}
		}
	}
}

func (m *Mail) due(now time.Time) (list []*letter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.letters {
		if !l.done && !l.due.After(now) {
			list = append(list, l)
		}
	}
	return list
}

// Post sends a JSON body with a header, nil for http.DefaultClient, and returns
// what came back; it is false for no answer, and for one that isn't 2xx.
func Post(ctx context.Context, hc *http.Client, to string, header http.Header, body []byte) (said string, ok bool) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return "", false
	}
	if header != nil {
		r.Header = header
	}
	r.Header.Set("Content-Type", "application/json")
	if hc == nil {
		hc = http.DefaultClient
	}
	res, err := hc.Do(r)
	if err != nil {
		return "", false
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
	return string(text), res.StatusCode/100 == 2
}
