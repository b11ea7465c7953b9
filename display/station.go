package display

import (
	"bytes"
	"sync"
	"time"
)

const (
	// polledFor is how long a display that polls counts as present.
	polledFor = 6 * time.Second
	// keptFrames is how many frames back an acknowledgement may still name:
	// a scene can be overtaken while its `shown` is on the way.
	keptFrames = 4
	// contestedFor is how long staff are told that a display was open in two
	// places: long enough to be read, and over when it no longer happens.
	contestedFor = 5 * time.Minute
)

// station is what the hub knows of one display, by the hash of its key. It
// outlives a display's connections, so that a reconnect keeps its numbers, but
// only while the device is paired or connected.
type station struct {
	key, hash string
	from      string // the address that it was first heard from

	// reading is held while the Source is read and the result numbered, so
	// that a higher number is never an older truth. Nothing that answers a
	// person waits for it, and it is never taken under mu or Hub.mu.
	reading sync.Mutex
	board   *board // of the desk it stood at when it was read last; under reading

	mu       sync.Mutex
	conn     *conn // the live socket; newest wins
	device   Device
	frames   []frame // the newest last
	painted  uint64  // seq acknowledged since the last connect; 0: none
	reported uint64  // seq the Source was told of, across connects
	shownAt  time.Time
	lastSeen time.Time
	polledAt time.Time
	noted    time.Time // when the Source was last told Seen
	told     face      // how the Source last heard that it looks
	toldAt   time.Time
	since    time.Time // when it began to look otherwise; zero: it doesn't
	twice    time.Time // when it was last found open in two places
	warned   bool      // the Source last heard that it is
	width    int
	height   int
	build    string
	page     string    // that holds the display, as it names itself; "": none did
	pages    []string  // that held it before, the latest last
	flash    time.Time // until when a poll is told to flash the name
}

// current is the newest frame read.
func (s *station) current() frame {
	if len(s.frames) == 0 {
		return frame{}
	}
	return s.frames[len(s.frames)-1]
}

// look reads what this display should show now. An unchanged state keeps its
// number and bytes, so nothing is sent twice.
func (h *Hub) look(s *station, d demand) (frame, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	device, known, err := h.device(s, d)
	if err != nil {
		return frame{}, err
	}
	next := frame{device: device}
	if known {
		next.picture, err = h.picture(s, device, d)
	} else {
		next.device = Device{}
		next.picture, err = h.invitation(s)
	}
	if err != nil {
		return frame{}, err
	}
	return s.put(next, h.seq.Add), nil
}

// put makes next the station's current frame unless nothing changed, and
// returns the current one. A changed device (renamed, moved, revoked) is taken
// over even if it shows the same.
func (s *station) put(next frame, number func(uint64) uint64) frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.device = next.device
	now := s.current()
	if now.seq != 0 && now.device.ID == next.device.ID && (now.picture == next.picture || bytes.Equal(now.body, next.body)) {
		s.frames[len(s.frames)-1].device = next.device
		return s.current()
	}
	if !next.paired() {
		s.painted, s.shownAt = 0, time.Time{}
	}
	// The picture's own number won't do for a display that has seen a higher
	// one at another desk. Nor for a station without frames: the page may have
	// come back to it with numbers that were forgotten.
	if next.seq = next.picture.seq; now.seq == 0 || next.seq <= now.seq {
		next.seq = number(1)
	}
	if len(s.frames) == keptFrames {
		s.frames = s.frames[:copy(s.frames, s.frames[1:])]
	}
	s.frames = append(s.frames, next)
	return next
}

// shown takes a display's word that it painted a frame. It returns what the
// Source is to be told: each frame once, however often it is acknowledged.
func (s *station) shown(by voice, seq uint64, now time.Time) (p Painted, tell bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.believed(by) {
		return Painted{}, false
	}
	for _, f := range s.frames {
		if f.seq != seq || !f.paired() || f.device.ID != s.device.ID || seq < s.painted {
			continue
		}
		if s.painted != seq {
			s.painted, s.shownAt = seq, now
		}
		if tell = seq > s.reported; tell {
			s.reported = seq
		}
		return Painted{Device: f.device, Scene: f.scene, At: now}, tell
	}
	return Painted{}, false
}

// heard notes a sign of life, and tells whether it is one of the page that has
// the display.
func (s *station) heard(by voice, now time.Time) (believed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if believed = s.believed(by); believed {
		s.lastSeen = now
	}
	return believed
}

// contest notes that a page is still open whose place a newer one took: the
// display's key is in two places. A page that is loaded again, or that lost its
// connection, is gone by then and says nothing.
func (s *station) contest(c *conn, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.device.ID != "" && (s.conn != c || c.page != s.page) {
		s.twice = now
	}
}

// contested is when the display was last found open in two places, zero if that
// is long ago; the caller holds s.mu.
func (s *station) contested(now time.Time) time.Time {
	if now.Sub(s.twice) >= contestedFor {
		return time.Time{}
	}
	return s.twice
}

// built notes which version of the page speaks.
func (s *station) built(build string) {
	const longest = 64
	if build == "" || len(build) > longest {
		return
	}
	s.mu.Lock()
	s.build = build
	s.mu.Unlock()
}

// sized notes how large the screen says it is.
func (s *station) sized(width, height int) {
	const largest = 32768
	if width <= 0 || height <= 0 || width > largest || height > largest {
		return
	}
	s.mu.Lock()
	s.width, s.height = width, height
	s.mu.Unlock()
}

// note tells the Source that the device is there, once a minute at most unless
// it just came or went: the Source writes it down.
func (h *Hub) note(s *station, now time.Time, must bool) {
	s.mu.Lock()
	device := s.device.ID
	due := device != "" && (must || now.Sub(s.noted) >= time.Minute)
	if due {
		s.noted = now
	}
	s.mu.Unlock()
	if due {
		h.src.Seen(device, now)
	}
}
