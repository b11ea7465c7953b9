package display

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"countersign/display/qr"

	"github.com/rs/zerolog"
)

const (
	// maxStations bounds the displays remembered while they are away.
	maxStations = 512
	// leaveWithin is how long a stopping hub waits for sockets to say goodbye.
	leaveWithin = 5 * time.Second
)

// ErrStuck is what Run returns when a display's goroutine didn't end in time:
// a Source that never answers is the only way there.
var ErrStuck = errors.New("display: a display did not leave in time")

// Hub connects displays to a Source. Make it with NewHub, mount Handler, call
// Run for its lifetime and Wake after every commit.
type Hub struct {
	src      Source
	epoch    string
	rand     io.Reader
	log      zerolog.Logger
	public   func() string
	codes    *qr.Cache
	pairings *pairings
	assets   *assets
	seq      atomic.Uint64 // frames are numbered across displays, so a station may be forgotten
	moment   atomic.Uint64 // wake-ups so far
	devices  shared[map[string]Device]

	mu        sync.Mutex
	stations  map[string]*station // by the hash of the key
	boards    map[string]*board   // by desk
	guests    map[string]int      // unpaired sockets by remote address
	strangers int                 // all of them
	acked     chan struct{}       // closed and replaced at every acknowledgement
	closing   bool
	sockets   sync.WaitGroup // grows only under mu while not closing
}

// NewHub makes a hub that reads from src.
func NewHub(src Source, o Options) *Hub {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Epoch == "" {
		o.Epoch = randomEpoch(o.Rand)
	}
	if o.PublicURL == nil {
		o.PublicURL = func() string { return "" }
	}
	return &Hub{
		src: src, epoch: o.Epoch, rand: o.Rand, log: o.Log, public: o.PublicURL,
		codes: qr.NewCache(64), pairings: newPairings(o.Rand), assets: newAssets(o.Version),
		stations: make(map[string]*station), boards: make(map[string]*board),
		guests: make(map[string]int), acked: make(chan struct{}),
	}
}

// randomEpoch names this start of the daemon. If the reader fails, the time
// will do: an epoch has to differ, not to be secret.
func randomEpoch(r io.Reader) string {
	var b [4]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return time.Now().UTC().Format("150405.000000")
	}
	return hex.EncodeToString(b[:])
}

// publicURL is where staff reach the daemon, without a trailing slash.
func (h *Hub) publicURL() string { return strings.TrimRight(h.public(), "/") }

// Run waits for ctx to end, then tells every display that the daemon restarts,
// refuses new ones, and returns when all sockets are closed.
func (h *Hub) Run(ctx context.Context) error {
	if h.enter() {
		go func() {
			defer h.sockets.Done()
			h.witness(ctx)
		}()
	}
	<-ctx.Done()
	h.mu.Lock()
	h.closing = true
	h.mu.Unlock()
	for _, c := range h.live() {
		c.say(byeRestart)
	}
	left := make(chan struct{})
	go func() {
		h.sockets.Wait()
		close(left)
	}()
	limit := time.NewTimer(leaveWithin)
	defer limit.Stop()
	select {
	case <-left:
		return nil
	case <-limit.C:
	}
	for _, c := range h.live() {
		c.cancel()
	}
	limit.Reset(time.Second)
	select {
	case <-left:
		return nil
	case <-limit.C:
		return ErrStuck
	}
}

// Wake makes every connected display look again. It carries no data, never
// blocks, and may be called as often as one likes; what did not change is not
// sent again.
func (h *Hub) Wake() {
	h.moment.Add(1)
	h.markAll()
}

func (h *Hub) markAll() {
	for _, c := range h.live() {
		c.mark()
	}
}

// Identify makes a display flash its name, so that staff see which it is. One
// that polls is told with its next poll.
func (h *Hub) Identify(device string) {
	for _, s := range h.known() {
		if s.id() != device {
			continue
		}
		s.mu.Lock()
		c := s.conn
		if c == nil || !s.believed(voice{c, c.page}) {
			c = nil
			s.flash = time.Now().Add(polledFor)
		}
		s.mu.Unlock()
		if c != nil {
			c.say(identify)
		}
	}
}

// Reload makes every connected page load itself again, once it shows no code.
func (h *Hub) Reload() {
	for _, c := range h.live() {
		c.say(reload)
	}
}

// Claim takes the pairing code a display shows. It works once, for ten
// minutes; what it returns is the KeyHash to store for the new device. Call
// Wake when that is committed, and the display turns to its scene by itself.
func (h *Hub) Claim(code string, now time.Time) (keyHash string, ok bool) {
	keyHash, ok = h.pairings.claim(code, now)
	if ok {
		h.Wake()
	}
	return keyHash, ok
}

// live are the connections now, one a display.
func (h *Hub) live() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	conns := make([]*conn, 0, len(h.stations))
	for _, s := range h.stations {
		s.mu.Lock()
		if s.conn != nil {
			conns = append(conns, s.conn)
		}
		s.mu.Unlock()
	}
	return conns
}

// find is the station of a key, if the hub has one.
func (h *Hub) find(hash string) *station {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stations[hash]
}

// keep remembers a station, or returns the one another goroutine was quicker
// to remember.
func (h *Hub) keep(s *station) *station {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.keepLocked(s)
}

func (h *Hub) keepLocked(s *station) *station {
	if have, ok := h.stations[s.hash]; ok {
		return have
	}
	if len(h.stations) >= maxStations {
		h.forgetOldest()
	}
	h.stations[s.hash] = s
	return s
}

// forgetOldest makes room by dropping the display that has been away longest.
func (h *Hub) forgetOldest() {
	var oldest *station
	var since time.Time
	for _, s := range h.stations {
		s.mu.Lock()
		away, seen := s.conn == nil, s.lastSeen
		s.mu.Unlock()
		if away && (oldest == nil || seen.Before(since)) {
			oldest, since = s, seen
		}
	}
	if oldest != nil {
		delete(h.stations, oldest.hash)
	}
}

// attach makes c the one live socket of its display; an older one is told that
// it was replaced, or c is if its page is the older. The dirty mark comes after
// the registration, so nothing that is committed in between can be missed.
func (h *Hub) attach(c *conn, key, from string) {
	h.mu.Lock()
	c.st = h.keepLocked(&station{key: key, hash: KeyHash(key), from: from})
	older, held := c.st.seat(c, time.Now())
	// A socket that was accepted while the hub began to close is registered
	// after Run made its list: it must leave too.
	closing := h.closing
	h.mu.Unlock()
	if older != nil {
		older.say(byeReplaced)
	}
	if !held {
		c.say(byeReplaced)
	}
	if closing {
		c.say(byeRestart)
	}
	c.mark()
}

// detach ends c's time as the live socket, if it still is. A display that is
// not paired leaves nothing behind.
func (h *Hub) detach(c *conn) {
	now := time.Now()
	h.mu.Lock()
	c.st.mu.Lock()
	last := c.st.conn == c
	if last {
		if c.st.believed(voice{c, c.page}) {
			c.st.painted, c.st.shownAt = 0, time.Time{}
		}
		c.st.conn = nil
		if c.st.device.ID == "" {
			delete(h.stations, c.st.hash)
		}
	}
	c.st.mu.Unlock()
	h.mu.Unlock()
	if last {
		h.note(c.st, now, true)
		h.tell()
	}
}

// tell wakes whoever waits for a display to have painted.
func (h *Hub) tell() {
	h.mu.Lock()
	close(h.acked)
	h.acked = make(chan struct{})
	h.mu.Unlock()
}

// enter counts a socket in, unless the hub is closing.
func (h *Hub) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return false
	}
	h.sockets.Add(1)
	return true
}
