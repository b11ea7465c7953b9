package display

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Presence is what is known of a paired display at this moment.
type Presence struct {
	Device        Device
	Online        bool
	LastSeen      time.Time
	Kind          string    // of the scene it has painted since it connected; empty: none yet
	Visit         string    // of that scene
	ShownAt       time.Time // when it said so
	Behind        bool      // it is there, and hasn't painted what it is to show now
	Width, Height int       // of its screen, in CSS pixels; 0: not told
	Build         string    // of its page; "": not told
	Outdated      bool      // its page is of another version of the daemon
	Contested     time.Time // when it was last found open in two places; zero if not in the last minutes
}

// Presence lists the paired displays the hub has heard from since it started,
// by name. It never waits for the Source.
func (h *Hub) Presence() []Presence {
	now := time.Now()
	var list []Presence
	for _, s := range h.known() {
		if p := s.presence(now); p.Device.ID != "" {
			p.Outdated = p.Online && s.outdated(h.assets.build)
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b Presence) int {
		return cmp.Or(cmp.Compare(a.Device.Name, b.Device.Name), cmp.Compare(a.Device.ID, b.Device.ID))
	})
	return list
}

// known are all stations, connected or not.
func (h *Hub) known() []*station {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*station, 0, len(h.stations))
	for _, s := range h.stations {
		list = append(list, s)
	}
	return list
}

// outdated tells whether the page said that it is of another build.
func (s *station) outdated(build string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.build != "" && s.build != build
}

// presence is the station as others may see it.
func (s *station) presence(now time.Time) Presence {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := Presence{Device: s.device, LastSeen: s.lastSeen, Width: s.width, Height: s.height, Build: s.build}
	p.Online, p.Contested = s.online(now), s.contested(now)
	p.Behind = p.Online && s.current().seq != s.painted
	for _, f := range s.frames {
		if p.Online && s.attentive(now) && s.painted != 0 && f.seq == s.painted {
			p.Kind, p.Visit, p.ShownAt = f.scene.Kind, f.scene.Visit, s.shownAt
		}
	}
	return p
}

// online reports whether the display is there; the caller holds s.mu.
func (s *station) online(now time.Time) bool {
	return s.conn != nil || now.Sub(s.polledAt) < polledFor
}

// AwaitShown returns the displays of a desk as soon as one of them has painted
// the newest QR scene of that visit, or as they are when ctx ends or another
// visit has taken its place. Call it after the commit that shows the visit: it looks for itself what is to be
// shown first, so an acknowledgement of an older frame of the same visit
// (another amount) doesn't count.
func (h *Hub) AwaitShown(ctx context.Context, desk, visit string) []Presence {
	h.moment.Add(1)
	for _, s := range h.known() {
		if s.id() != "" {
			_, _ = h.look(s, h.woken()) // a scene that can't be read isn't painted, which is the answer
		}
	}
	h.markAll()
	for {
		h.mu.Lock()
		acked := h.acked // taken before looking, so that none falls in between
		h.mu.Unlock()
		if h.painted(desk, visit) || h.overtaken(desk, visit) {
			return h.atDesk(desk)
		}
		select {
		case <-ctx.Done():
			return h.atDesk(desk)
		case <-acked:
		}
	}
}

// painted reports whether a display of the desk shows the newest frame, and it
// is this visit's code.
func (h *Hub) painted(desk, visit string) bool {
	return slices.ContainsFunc(h.known(), func(s *station) bool { return s.shows(desk, visit) })
}

// overtaken reports whether a display of the desk is to show another visit now:
// then nobody need wait for this one.
func (h *Hub) overtaken(desk, visit string) bool {
	return slices.ContainsFunc(h.known(), func(s *station) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		f := s.current()
		return s.online(time.Now()) && f.device.Desk == desk && f.scene.Visit != "" && f.scene.Visit != visit
	})
}

// shows is painted for one display.
func (s *station) shows(desk, visit string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.current()
	now := time.Now()
	return s.online(now) && s.attentive(now) && f.seq != 0 && f.seq == s.painted && f.device.Desk == desk && f.scene.Kind == QR && f.scene.Visit == visit
}

// atDesk are the displays of one desk.
func (h *Hub) atDesk(desk string) []Presence {
	return slices.DeleteFunc(h.Presence(), func(p Presence) bool { return p.Device.Desk != desk })
}
