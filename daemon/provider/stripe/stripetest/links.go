package stripetest

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

type link struct {
	id, currency, success string
	amount                int64
	active                bool
	limit, completed      int64
	meta, intentMeta      map[string]string
}

func (s *Server) createLink(f url.Values, _ string, _ time.Time) (any, error) {
	amount, currency, err := total(f)
	if err != nil {
		return nil, err
	}
	l := &link{id: s.name("plink_", 24), currency: currency, amount: amount, active: true, limit: number(f, "restrictions[completed_sessions][limit]"),
		success: f.Get("after_completion[redirect][url]"), meta: under(f, "metadata"), intentMeta: under(f, "payment_intent_data[metadata]")}
	if l.limit <= 0 {
		l.limit = 1 << 40
	}
	s.links[l.id] = l
	return s.linkWords(l), nil
}

func (s *Server) updateLink(f url.Values, id string, _ time.Time) (any, error) {
	l := s.links[id]
	if l == nil {
		return nil, missing("payment_link", id)
	}
	if f.Get("active") != "" {
		l.active = f.Get("active") == "true" && l.completed < l.limit
	}
	return s.linkWords(l), nil
}

func (s *Server) readLink(_ url.Values, id string, _ time.Time) (any, error) {
	l := s.links[id]
	if l == nil {
		return nil, missing("payment_link", id)
	}
	return s.linkWords(l), nil
}

// Links are the links that open a page.
func (s *Server) Links() (active []string) {
	_ = s.hand(func(time.Time) error {
		for _, l := range s.links {
			if l.active {
				active = append(active, l.id)
			}
		}
		return nil
	})
	return active
}

// Offers are the addresses of the links that open a page, and what each asks for.
func (s *Server) Offers() map[string]int64 {
	active := map[string]int64{}
	_ = s.hand(func(time.Time) error {
		for _, l := range s.links {
			if l.active {
				active[l.url()] = l.amount
			}
		}
		return nil
	})
	return active
}

func (l *link) url() string { return "https://buy.stripe.com/" + l.id[len("plink_"):] }

// Follow is Open by a link's address, as a phone does it.
func (s *Server) Follow(url string) (made string, err error) {
	which := ""
	_ = s.hand(func(time.Time) error {
		for _, l := range s.links {
			if l.url() == url {
				which = l.id
			}
		}
		return nil
	})
	return s.Open(which)
}

// TakeDown is a link being deactivated at the dashboard; its pages live on.
func (s *Server) TakeDown(id string) error {
	return s.hand(func(now time.Time) error {
		_, err := s.updateLink(url.Values{"active": {"false"}}, id, now)
		return err
	})
}

// Open is a client opening a link: it makes a page, if the link is active.
func (s *Server) Open(id string) (made string, err error) {
	err = s.hand(func(now time.Time) error {
		l := s.links[id]
		if l == nil || !l.active {
			return fmt.Errorf("stripetest: the link %s is not active", id)
		}
		x := &session{id: s.name(s.prefix("cs_"), 40), status: "open", payment: "unpaid", currency: l.currency, amount: l.amount, link: l.id,
			created: now.Unix(), expires: now.Add(24 * time.Hour).Unix(), success: l.success, meta: l.meta, intentMeta: l.intentMeta}
		s.sessions = append(s.sessions, x)
		made = x.id
		return nil
	})
	return made, err
}

func (s *Server) prefix(kind string) string {
	if s.opt.Live {
		return kind + "live_"
	}
	return kind + "test_"
}

func missing(kind, id string) error {
	return &refused{http.StatusNotFound, "resource_missing", kind, "No such " + kind + ": '" + id + "'"}
}
