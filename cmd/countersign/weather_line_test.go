package main

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What a line does with what it is given.
const (
	lineOpen = iota
	lineHeld // keeps it until the line is well again, as TCP does over a bad radio
	lineDead // swallows it, and every connection of that time is dead for ever
	lineCut  // ends every connection, and takes none
	lineHTTP // ends sockets, and carries the rest, as some proxies do
)

// growth is how much later a line that grows late delivers with every second,
// and latest is where that ends. What comes is never apart by a lease.
const (
	growth = 1.5
	latest = 14 * time.Second
)

// line is the network between one display and the daemon: connections that
// can be held, swallowed, delayed and cut, and a diary of what came through.
type line struct {
	listener net.Listener
	target   *atomic.Pointer[string] // where the daemon listens now
	wires    sync.WaitGroup

	mu      sync.Mutex
	mode    int
	delay   time.Duration
	grows   time.Time     // since when the way to the display takes longer and longer; zero: it doesn't
	polls   int           // that passed while sockets were blocked
	changed chan struct{} // closed and replaced when mode or delay change
	open    map[*wire]bool
	diary   []delivery
	muted   bool // the browser is offline: what comes through isn't sure to arrive
}

// delivery is something of the daemon's that reached the display.
type delivery struct {
	said, at time.Time
	muted    bool
}

// wire is one connection through the line.
type wire struct {
	page, daemon net.Conn
	dead, socket bool // guarded by line.mu
	done         chan struct{}
	end          sync.Once
}

func newLine(t *testing.T, target *atomic.Pointer[string]) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &line{listener: l, target: target, changed: make(chan struct{}), open: map[*wire]bool{}}
	n.wires.Go(n.accept)
	t.Cleanup(func() {
		_ = l.Close()
		n.become(lineCut, 0)
		n.wires.Wait()
	})
	return n
}

func (n *line) base() string { return "http://" + n.listener.Addr().String() }

func (n *line) accept() {
	for {
		c, err := n.listener.Accept()
		if err != nil {
			return
		}
		n.wires.Go(func() { n.carry(c) })
	}
}

// become changes the line, for the connections that are open and those to come.
func (n *line) become(mode int, delay time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.mode, n.delay, n.grows = mode, delay, time.Time{}
	close(n.changed)
	n.changed = make(chan struct{})
	for w := range n.open {
		w.dead = w.dead || mode == lineDead
		if mode == lineCut || mode == lineHTTP && w.socket {
			w.close()
		}
	}
}

// growLate lets the way to the display take longer and longer from now on.
func (n *line) growLate() {
	n.become(lineOpen, 0)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.grows = time.Now()
}

// due is when something that was sent at a moment has made its way; the caller
// holds n.mu.
func (n *line) due(said time.Time, down bool) time.Time {
	if down && !n.grows.IsZero() && said.After(n.grows) {
		return said.Add(min(latest, time.Duration(growth*float64(said.Sub(n.grows)))))
	}
	return said.Add(n.delay)
}

// passes looks at what a display asks for: where sockets are blocked, none passes.
func (n *line) passes(w *wire, asked []byte) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case bytes.HasPrefix(asked, []byte("GET /display/ws")):
		w.socket = true
		return n.mode != lineHTTP
	case n.mode == lineHTTP && bytes.HasPrefix(asked, []byte("GET /display/state")):
		n.polls++
	}
	return true
}

// cut ends every connection, once.
func (n *line) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for w := range n.open {
		w.close()
	}
}

func (n *line) mute(so bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.muted = so
}

func (w *wire) close() {
	w.end.Do(func() {
		close(w.done)
		_ = w.page.Close()
		if w.daemon != nil {
			_ = w.daemon.Close()
		}
	})
}

func (n *line) carry(page net.Conn) {
	daemon, err := net.DialTimeout("tcp", *n.target.Load(), time.Second)
	w := &wire{page: page, done: make(chan struct{})}
	if err == nil {
		w.daemon = daemon
	}
	defer w.close()
	n.mu.Lock()
	w.dead = n.mode == lineDead
	refused := err != nil || n.mode == lineCut
	n.open[w] = true
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		delete(n.open, w)
		n.mu.Unlock()
	}()
	if refused {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { n.pump(w, w.page, w.daemon, false) })
	both.Go(func() { n.pump(w, w.daemon, w.page, true) })
	both.Wait()
}

// parcel is some bytes, with the time at which they were sent.
type parcel struct {
	bytes []byte
	said  time.Time
}

// pump carries one direction. It always takes at once, so that the time of
// sending is known however long the line keeps it.
func (n *line) pump(w *wire, from, to net.Conn, down bool) {
	taken := make(chan parcel, 4096)
	go func() {
		defer close(taken)
		for {
			b := make([]byte, 32<<10)
			k, err := from.Read(b)
			if k > 0 {
				select {
				case taken <- parcel{b[:k], time.Now()}:
				case <-w.done:
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range taken {
		through, dead := n.wait(w, p, down)
		if dead {
			continue
		}
		if !through {
			return
		}
		if !down && !n.passes(w, p.bytes) {
			w.close()
			return
		}
		if _, err := to.Write(p.bytes); err != nil {
			break
		}
		if down {
			n.note(p)
		}
	}
	n.wait(w, parcel{said: time.Now()}, down) // the end of a connection is held and swallowed too
	n.mu.Lock()
	dead := w.dead
	n.mu.Unlock()
	if dead {
		<-w.done
	}
	w.close()
}

// wait returns when a parcel's turn has come, or when it never will.
func (n *line) wait(w *wire, p parcel, down bool) (through, dead bool) {
	for {
		n.mu.Lock()
		flows, due, changed := n.mode == lineOpen || n.mode == lineHTTP, time.Until(n.due(p.said, down)), n.changed
		dead = w.dead
		n.mu.Unlock()
		if dead || flows && due <= 0 {
			return !dead, dead
		}
		if !flows {
			due = time.Hour
		}
		turn := time.NewTimer(due)
		select {
		case <-turn.C:
		case <-changed:
		case <-w.done:
		}
		turn.Stop()
		select {
		case <-w.done:
			return false, false
		default:
		}
	}
}

func (n *line) note(p parcel) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.diary = append(n.diary, delivery{p.said, time.Now(), n.muted})
}

// heard is when the display was last reached at all by a moment, of when the last
// news is that it surely had then, and how old that was when it came, 0 if it may
// have had newer ones. A screen that has heard nothing yet shows nothing, so zero
// times are right.
func (n *line) heard(by, surelyBy time.Time) (contact, news time.Time, lag time.Duration) {
	var newest time.Time
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, d := range n.diary {
		if !d.at.After(by) {
			contact = d.at
			if d.said.After(newest) {
				newest = d.said
			}
		}
		if !d.muted && !d.at.After(surelyBy) && d.said.After(news) {
			news, lag = d.said, d.at.Sub(d.said)
		}
	}
	if newest.After(news) {
		lag = 0
	}
	return contact, news, lag
}
