package sandbox

import (
	"net/http"
	"slices"
	"time"

	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
	"countersign/store"
)

const (
	defaultLife = time.Hour      // of a session that names no expiry
	longestLife = 24 * time.Hour // that may be asked for
)

// check says what is wrong with a request, in the order of the fields.
func (r *wireRequest) check(now time.Time) error {
	_, err := money.ParseCurrency(r.Currency)
	switch {
	case r.Reference == "" || len(r.Reference) > 200:
		return invalid("reference: 1 to 200 bytes")
	case r.Amount <= 0 || r.Amount > money.Max:
		return invalid("amount: more than zero, in minor units")
	case err != nil:
		return invalid("currency: an ISO 4217 code")
	case len(r.Title) > 2000 || len(r.Language) > 35 || len(r.Lines) > 100:
		return invalid("title, language or lines: too long")
	case !hosted.IsPage(r.ReturnURL) || !hosted.IsPage(r.CancelURL):
		return invalid("return_url and cancel_url: http or https addresses")
	case r.ExpiresAt != nil && (!r.ExpiresAt.After(now) || r.ExpiresAt.After(now.Add(longestLife))):
		return invalid("expires_at: within the next 24 hours")
	}
	return nil
}

// create makes a session, or finds the one made with the key before. print
// tells whether the key comes with the same request.
func (s *Server) create(key, print string, r wireRequest) (x session, err error) {
	id, err := s.newID("ss")
	if err != nil {
		return session{}, err
	}
	err = s.db.Update(func(tx *store.Tx) error {
		old, ok, err := s.book.sessions.First(tx, s.book.byKey, key)
		if err != nil {
			return err
		}
		if ok {
			x = old
			return sameRequest(old.Print, print)
		}
		if err := r.check(tx.Now()); err != nil {
			return err
		}
		x = newSession(id, key, print, r, tx.Now())
		if err := s.book.sessions.Put(tx, x); err != nil {
			return err
		}
		if err := s.book.timers.Add(tx, "expire:"+x.ID, x.ExpiresAt, timer{x.ID, "expire"}); err != nil {
			return err
		}
		return s.emit(tx, wireEvent{Type: provider.EventOpen, Session: s.wire(&x, tx.Now())})
	})
	return x, err
}

func newSession(id, key, print string, r wireRequest, now time.Time) session {
	x := session{
		ID: id, Key: key, Print: print, Reference: r.Reference, Amount: r.Amount, Currency: r.Currency,
		Title: r.Title, Language: r.Language, Lines: r.Lines, ReturnURL: r.ReturnURL, CancelURL: r.CancelURL,
		Status: provider.Open, Created: now, ExpiresAt: now.Add(defaultLife),
	}
	if r.ExpiresAt != nil {
		x.ExpiresAt = r.ExpiresAt.UTC()
	}
	return x
}

func sameRequest(old, print string) error {
	if old != print {
		return &refusal{http.StatusConflict, "idempotency_mismatch", "This key was used for another request."}
	}
	return nil
}

// change is the one way a session moves: move changes x and names the event
// that tells it, or leaves both alone.
func (s *Server) change(id string, move func(tx *store.Tx, x *session) (string, error)) (x session, err error) {
	err = s.db.Update(func(tx *store.Tx) error {
		var ok bool
		x, ok, err = s.book.sessions.Get(tx, id)
		if err != nil {
			return err
		}
		if !ok {
			return unknown("session")
		}
		told, err := move(tx, &x)
		if err != nil || told == "" {
			return err
		}
		if err := s.book.sessions.Put(tx, x); err != nil {
			return err
		}
		return s.emit(tx, wireEvent{Type: told, Session: s.wire(&x, tx.Now())})
	})
	return x, err
}

// pay takes the money once: whoever comes second finds it paid.
func (s *Server) pay(id string) (session, error) {
	payment, err := s.newID("pay")
	if err != nil {
		return session{}, err
	}
	return s.change(id, func(tx *store.Tx, x *session) (string, error) {
		if !x.payable(tx.Now()) {
			return "", nil
		}
		return s.take(tx, x, payment)
	})
}

// take books the session's amount as received.
func (s *Server) take(tx *store.Tx, x *session, payment string) (string, error) {
	x.Status, x.Payment, x.PaidAt, x.Reason = provider.Paid, payment, tx.Now(), ""
	return provider.EventPaid, s.book.payments.Put(tx, Payment{
		ID: payment, Session: x.ID, Reference: x.Reference, Amount: x.Amount, Currency: x.Currency, PaidAt: x.PaidAt,
	})
}

// payLater is a client who committed, with money that comes by itself.
func (s *Server) payLater(id string) (session, error) {
	return s.change(id, func(tx *store.Tx, x *session) (string, error) {
		if !x.payable(tx.Now()) {
			return "", nil
		}
		x.Status = provider.Processing
		return provider.EventProcessing, s.book.timers.Add(tx, "pay:"+x.ID, tx.Now().Add(s.opt.Late), timer{x.ID, "pay"})
	})
}

func (s *Server) decline(id string) (session, error) {
	return s.change(id, func(tx *store.Tx, x *session) (string, error) {
		if !x.payable(tx.Now()) {
			return "", nil
		}
		x.Status, x.Reason = provider.Failed, "declined"
		return provider.EventFailed, nil
	})
}

// cancel closes what can still be closed. Money that is there or on its way
// stays: the answer says so.
func (s *Server) cancel(id string) (session, error) {
	return s.change(id, func(tx *store.Tx, x *session) (string, error) {
		if !x.payable(tx.Now()) {
			return "", nil
		}
		x.Status = provider.Cancelled
		return provider.EventCancelled, nil
	})
}

// ring is a timer going off.
func (s *Server) ring(t timer) (session, error) {
	payment, err := s.newID("pay")
	if err != nil {
		return session{}, err
	}
	return s.change(t.Session, func(tx *store.Tx, x *session) (string, error) {
		switch {
		case t.Do == "pay" && x.Status == provider.Processing:
			return s.take(tx, x, payment)
		case t.Do == "expire" && x.status(tx.Now()) == provider.Expired && x.Status == provider.Open:
			x.Status = provider.Expired
			return provider.EventExpired, nil
		}
		return "", nil
	})
}

// payAnyway pays whatever the session's state and amount: money that comes
// late, twice or in a wrong amount, as real companies manage to.
func (s *Server) payAnyway(id string, amount int64, currency string) (session, error) {
	payment, err := s.newID("pay")
	if err != nil {
		return session{}, err
	}
	return s.change(id, func(tx *store.Tx, x *session) (string, error) {
		x.Amount, x.Currency = amount, currency
		return s.take(tx, x, payment)
	})
}

func (s *Server) look(id string) (x session, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		var ok bool
		x, ok, err = s.book.sessions.Get(tx, id)
		if err == nil && !ok {
			return unknown("session")
		}
		return err
	})
	return x, err
}

// find lists the sessions with a reference, the newest first.
func (s *Server) find(reference string) (found []session, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		for x, err := range s.book.sessions.Where(tx, s.book.byReference, reference) {
			if err != nil {
				return err
			}
			found = append(found, x)
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b session) int { return b.Created.Compare(a.Created) })
	return found, err
}

// wire is what the company says of a session at a moment.
func (s *Server) wire(x *session, now time.Time) *wireSession {
	return &wireSession{
		ID: x.ID, Account: s.opt.Account, Reference: x.Reference, URL: s.publicURL() + "/sandbox/pay/" + x.ID,
		Payment: x.Payment, Status: string(x.status(now)), Amount: x.Amount, Currency: x.Currency,
		PaidAt: timePtr(x.PaidAt), ExpiresAt: x.ExpiresAt, Reason: x.Reason,
	}
}
