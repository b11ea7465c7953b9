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
	if s.page != "" {
		s.pages = append(s.pages, s.page)
		s.pages = s.pages[max(0, len(s.pages)-keptPages):]
	}
	if s.conn != nil && s.conn.page != "" && s.conn.page != page {
		loser = s.conn
	}
	s.page, s.painted, s.shownAt = page, 0, time.Time{}
	return loser, true
}

// attentive reports whether the page spoke so lately that what it has painted
// is still there; the caller holds s.mu.
func (s *station) attentive(now time.Time) bool { return now.Sub(s.lastSeen) < lease }
