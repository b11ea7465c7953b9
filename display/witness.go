package display

import (
	"context"
	"time"
)

const (
	// witnessEvery is how often the hub looks who is there.
	witnessEvery = time.Second
	// goneAfter is how long a display must be away to count as gone: one that
	// loads its page again is back before.
	goneAfter = 3 * time.Second
	// turnsEvery bounds what one display on a bad network makes everybody hear.
	turnsEvery = 10 * time.Second
)

// face is how a display looks to staff, the better the higher.
type face int

const (
	away  face = iota
	there      // connected
	lit        // and it has painted what it was sent, and goes on speaking
)

// witness tells the Source who came and who went, until ctx ends. It looks
// rather than being told, since nothing happens when a display that polls
// doesn't poll again.
func (h *Hub) witness(ctx context.Context) {
	tick := time.NewTicker(witnessEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, s := range h.known() {
			if device, online, ok := s.turned(time.Now()); ok {
				h.src.Turned(device, online)
			}
		}
	}
}

// turned tells whether the Source is to hear of the display now. What is worse
// than it was told before has to last, unless the page has been silent for a
// lease already; what is better is told at once.
func (s *station) turned(now time.Time) (d Device, online, tell bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, twice := s.face(now), !s.contested(now).IsZero()
	if f == s.told && twice == s.warned || s.device.ID == "" {
		s.since = time.Time{}
		return Device{}, false, false
	}
	if s.since.IsZero() {
		s.since = now
	}
	if f < s.told && now.Sub(s.since) < goneAfter && s.attentive(now) || now.Sub(s.toldAt) < turnsEvery {
		return Device{}, false, false
	}
	s.told, s.warned, s.toldAt, s.since = f, twice, now, time.Time{}
	return s.device, f > away, true
}

// face is how the display looks now; the caller holds s.mu.
func (s *station) face(now time.Time) face {
	switch {
	case !s.online(now):
		return away
	case s.painted == 0, !s.attentive(now):
		return there
	}
	return lit
}
