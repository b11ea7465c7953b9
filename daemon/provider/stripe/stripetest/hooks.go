package stripetest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// hook is a webhook: what it says, and how often it was tried to be sent.
type hook struct {
	body    []byte
	session string
	due     time.Time
	tries   int
	done    bool
}

func (s *Server) send(at time.Time, h *hook) {
	h.due = at.Add(s.faults.Delay)
	s.hooks = append(s.hooks, h)
	if s.faults.Disorder {
		h.due = h.due.Add(time.Duration(s.dice.IntN(30)) * time.Second)
		again := *h
		again.due = h.due.Add(time.Duration(s.dice.IntN(60)) * time.Second)
		s.hooks = append(s.hooks, &again)
	}
}

// Sign makes the header of a webhook that leaves at a time.
func Sign(secret string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(stamp + "."))
	m.Write(body)
	return http.Header{"Stripe-Signature": {"t=" + stamp + ",v1=" + hex.EncodeToString(m.Sum(nil)) + ",v0=00"}}
}

// Webhooks are the bodies of those that have left, oldest first; session keeps
// those of one session, unless it is empty.
func (s *Server) Webhooks(session string) (bodies [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.happen(now)
	left := slices.Clone(s.hooks)
	slices.SortStableFunc(left, func(a, b *hook) int { return a.due.Compare(b.due) })
	for _, h := range left {
		if !h.due.After(now) && (session == "" || h.session == session) {
			bodies = append(bodies, h.body)
		}
	}
	return bodies
}

// Run delivers webhooks until ctx ends. One that isn't accepted comes again.
func (s *Server) Run(ctx context.Context) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, h := range s.dueHooks() {
				ok := s.post(ctx, h.body)
				s.mu.Lock()
				h.tries++
				h.done = ok
				h.due = time.Now().Add(min(time.Duration(h.tries)*10*time.Second, 10*time.Minute))
				s.mu.Unlock()
			}
		}
	}
}

func (s *Server) dueHooks() (list []*hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.happen(now)
	for _, h := range s.hooks {
		if s.opt.HookURL != "" && !h.done && !h.due.After(now) {
			list = append(list, h)
		}
	}
	return list
}

// post sends a webhook, signed at this moment, and tells whether it was accepted.
func (s *Server) post(ctx context.Context, body []byte) bool {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opt.HookURL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header = Sign(s.opt.Secret, time.Now(), body)
	r.Header.Set("Content-Type", "application/json")
	client := s.opt.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(r)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 4096))
	return res.StatusCode/100 == 2
}
