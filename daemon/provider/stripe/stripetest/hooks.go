package stripetest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"countersign/daemon/provider/providertest"
)

// send has a webhook leave, as the faults have it.
func (s *Server) send(at time.Time, body []byte, session string) {
	var dice *rand.Rand
	if s.faults.Disorder {
		dice = s.dice
	}
	s.mail.Put(session, body, at.Add(s.faults.Delay), dice)
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
func (s *Server) Webhooks(session string) [][]byte {
	s.pass()
	return s.mail.Left(session, time.Now())
}

// Run delivers webhooks until ctx ends, signed when they leave. One that isn't
// accepted comes again.
func (s *Server) Run(ctx context.Context) {
	if s.opt.HookURL == "" {
		return
	}
	s.mail.Deliver(ctx, s.pass, func(ctx context.Context, body []byte) bool {
		_, ok := providertest.Post(ctx, s.opt.HTTP, s.opt.HookURL, Sign(s.opt.Secret, time.Now(), body), body)
		return ok
	})
}

// pass lets happen what has been due until now.
func (s *Server) pass() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happen(time.Now())
}
