package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"countersign/store"
)

const (
	hookTimeout  = 10 * time.Second
	hookAttempts = 12 // over about a day
)

// hookClient does not follow redirects: a signed body is for one address.
func hookClient(c *http.Client) *http.Client {
	hc := http.Client{}
	if c != nil {
		hc = *c
	}
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &hc
}

// deliver sends every webhook that is due, one at a time.
func (s *Server) deliver(ctx context.Context) (next time.Time, err error) {
	for ctx.Err() == nil {
		address := s.hookURL()
		if address == "" {
			return time.Time{}, nil
		}
		id, next, err := s.nextHook()
		if err != nil || id == "" {
			return next, err
		}
		if err := s.attempt(ctx, id, address); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, nil
}

func (s *Server) nextHook() (id string, next time.Time, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		due, err := s.book.hooks.Due(tx, 1)
		if err != nil {
			return err
		}
		if len(due) > 0 {
			id = due[0].ID
			return nil
		}
		next, _, err = s.book.hooks.Next(tx)
		return err
	})
	return id, next, err
}

// attempt sends one webhook once. The attempt and the time of the next one
// are stored before: a crash in between can't make it hot-loop.
func (s *Server) attempt(ctx context.Context, id, address string) error {
	var d Delivery
	var ok bool
	err := s.db.Update(func(tx *store.Tx) error {
		task, took, err := s.book.hooks.Take(tx, id, tx.Now().Add(hookTimeout+time.Minute))
		if err != nil || !took {
			return err
		}
		if d, ok, err = s.book.deliveries.Get(tx, id); err != nil || !ok {
			return err
		}
		d.Attempts = task.Attempts
		return s.book.deliveries.Put(tx, d)
	})
	if err != nil || !ok {
		return err
	}
	if s.dice.chance(s.Faults().Drop) {
		d.State, d.Problem = deliveryDropped, "dropped on demand"
		return s.settle(d, time.Time{})
	}
	status, failure := s.post(ctx, address, d.Body)
	if ctx.Err() != nil && failure != nil {
		return nil // being closed is not the receiver's failure; the retry is stored
	}
	return s.record(d, status, failure)
}

// record stores the outcome of an attempt and decides about another one.
func (s *Server) record(d Delivery, status int, failure error) error {
	d.Status, d.Problem = status, ""
	switch {
	case failure == nil:
		d.State = deliveryDelivered
		d.Delivered++
		if d.Delivered < 3 && s.dice.chance(s.Faults().Repeat) {
			return s.settle(d, time.Now().Add(time.Second))
		}
		return s.settle(d, time.Time{})
	case d.Attempts >= hookAttempts:
		d.State, d.Problem = deliveryFailed, failure.Error()
		return s.settle(d, time.Time{})
	}
	d.Problem = failure.Error()
	return s.settle(d, time.Now().Add(s.backoff(d.Attempts)))
}

// backoff doubles from 5 s to 3 hours, with up to a quarter of jitter.
func (s *Server) backoff(attempts int) time.Duration {
	wait := min(5*time.Second<<min(attempts-1, 20), 3*time.Hour)
	return wait + time.Duration(s.dice.below(int64(wait/4)))
}

// settle stores a delivery, and when it is tried again; zero: never.
func (s *Server) settle(d Delivery, again time.Time) error {
	return s.db.Update(func(tx *store.Tx) error {
		if err := s.book.deliveries.Put(tx, d); err != nil {
			return err
		}
		if again.IsZero() {
			return s.book.hooks.Done(tx, d.Event)
		}
		return s.book.hooks.Fail(tx, d.Event, d.Problem, again)
	})
}

func (s *Server) post(ctx context.Context, address string, body []byte) (int, error) {
	ctx, stop := context.WithTimeout(ctx, hookTimeout)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(SignatureHeader, Sign(s.opt.Secret, time.Now(), body))
	res, err := s.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	// Read a little, so the connection can be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 4096))
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return res.StatusCode, fmt.Errorf("the receiver answered %d", res.StatusCode)
	}
	return res.StatusCode, nil
}
