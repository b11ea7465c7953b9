package display

import (
	"regexp"
	"slices"
	"time"
)

// lease is how long a page shows a code after the daemon's last word, and so
// how long a page's last word says what is on the glass.
const lease = 6 * time.Second

// keptPages is how many pages that lost their place are remembered by name, so
// that one which is still open is told again.
const keptPages = 8

// pageForm is how a page names itself: at random, anew whenever it is loaded.
var pageForm = regexp.MustCompile(`^[a-z0-9]{4,32}$`)

// hold gives the display to a page, unless a newer one took it before: then it
// is still open beside that one, which staff are told of. A page that doesn't
// name itself is let be. The socket of the page that loses it is returned.
func (s *station) hold(page string, now time.Time) (loser *conn, held bool) {
	if !pageForm.MatchString(page) {
		return nil, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if page == s.page {
		return nil, true
	}
	if slices.Contains(s.pages, page) {
		if s.device.ID != "" {
			s.twice = now
		}
		return nil, false
	}
	if s.conn != nil && s.conn.page != page {
		loser = s.conn
	}
	s.give(page)
	return loser, true
}

// seat makes c the live socket of the display, unless its page lost the display
// to a newer one while it was cut off: then the newer one is let be, and c has
// yet to be told. The socket that loses the place is returned.
func (s *station) seat(c *conn, now time.Time) (loser *conn, held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.page != "" && slices.Contains(s.pages, c.page) {
		return nil, false
	}
	loser = s.conn
	s.conn, s.lastSeen = c, now
	s.give(c.page)
	return loser, true
}

// give notes which page has the display from now on. What was painted before
// was painted by another, or before that one lost its connection. The caller
// holds s.mu.
func (s *station) give(page string) {
	if s.page != "" && s.page != page {
		s.pages = append(s.pages, s.page)
		s.pages = s.pages[max(0, len(s.pages)-keptPages):]
	}
	s.page, s.painted, s.shownAt = page, 0, time.Time{}
}

// voice is who speaks for a display: a page, over a socket or, without one,
// with polls.
type voice struct {
	conn *conn
	page string // as it names itself; "": it doesn't
}

// believed tells whether it is the page that has the display who speaks. A poll
// that names no page is believed only while there is nobody else. The caller
// holds s.mu.
func (s *station) believed(v voice) bool {
	return v.page == s.page && (v.conn == s.conn || v.conn == nil && v.page != "")
}

// attentive reports whether the page spoke so lately that what it has painted
// is still there; the caller holds s.mu.
func (s *station) attentive(now time.Time) bool { return now.Sub(s.lastSeen) < lease }
