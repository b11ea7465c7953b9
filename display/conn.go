package display

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	pingEvery   = 2 * time.Second  // a page covers its code after three missed ones
	writeWithin = 3 * time.Second  // for one frame; a slower screen reconnects
	silentFor   = 15 * time.Second // without a word from the page, it is gone
	byeWithin   = time.Second      // for the page to answer a close
)

// errGone ends a connection in the ordinary way.
var errGone = errors.New("display: connection over")

// note is something to say besides the scene. Notes are flags, not a queue: a
// note said twice before it is sent is sent once.
type note uint32

const (
	identify note = 1 << iota
	reload
	byeReplaced
	byeRestart
)

// conn is one socket. Its writer goroutine is the only one that writes
// messages; the other one reads.
type conn struct {
	hub    *Hub
	st     *station
	ws     *websocket.Conn
	below  net.Conn        // below ws, for messages that are on the wire already, and for deadlines
	ctx    context.Context // of the socket: it outlives its request
	cancel context.CancelFunc
	dirty  chan struct{} // one deep: any number of wake-ups are one look. Never closed
	meter  meter         // of the reading goroutine

	notes sync.Mutex
	noted note
	over  atomic.Bool  // a goodbye was said: nothing may follow it
	heard atomic.Int64 // when the page last spoke, Unix nanoseconds
	sent  uint64       // the last frame written; of the writing goroutine
	page  string       // as it named itself; under st.mu, written before attach or by the reading goroutine
}

// mark asks the writer to look again. It never blocks.
func (c *conn) mark() {
	select {
	case c.dirty <- struct{}{}:
	default:
	}
}

// say adds a note and wakes the writer.
func (c *conn) say(n note) {
	c.notes.Lock()
	c.noted |= n
	c.notes.Unlock()
	c.mark()
}

// take empties the notes.
func (c *conn) take() note {
	c.notes.Lock()
	defer c.notes.Unlock()
	n := c.noted
	c.noted = 0
	return n
}

// serve runs the connection until either side ends it, and returns when no
// goroutine of it is left.
func (c *conn) serve() {
	defer c.cancel()
	defer c.hub.detach(c)
	c.heard.Store(time.Now().UnixNano())
	written := make(chan struct{})
	go func() {
		defer close(written)
		defer c.cancel()
		c.write()
	}()
	c.read()
	c.cancel()
	_ = c.ws.CloseNow() // the only news in its error is that it is closed already
	<-written
}

// write is the single writer: wake-ups, heartbeats and notes all pass here, so
// frames can't overtake one another.
func (c *conn) write() {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-c.ctx.Done():
			return
		case <-c.dirty:
			err = c.refresh()
		case <-tick.C:
			err = c.beat()
		}
		if err != nil {
			return
		}
	}
}

// refresh says what is noted, then sends the newest state if it isn't the one
// last sent. A Source that fails is logged and asked again at the next beat.
func (c *conn) refresh() error {
	if err := c.remark(); err != nil {
		return err
	}
	d := c.hub.woken()
	if c.sent == 0 {
		d = c.hub.anew()
	}
	_, err := c.update(d)
	return err
}

// beat is the heartbeat. It looks first, so that a lost wake-up costs one beat,
// and stays silent if the Source can't be read: then the page covers itself.
func (c *conn) beat() error {
	now := time.Now()
	if now.Sub(time.Unix(0, c.heard.Load())) > silentFor {
		return errGone
	}
	f, err := c.update(c.hub.beating())
	if err != nil || f.seq == 0 {
		return err
	}
	c.hub.note(c.st, now, false)
	return c.send(c.hub.ping(f, time.Now()))
}

// update reads the state and sends it if it is new. A frame without a number
// means that it couldn't be read.
func (c *conn) update(d demand) (frame, error) {
	f, err := c.hub.look(c.st, d)
	if err != nil {
		if !errors.Is(err, errCrowded) { // a stranger's own doing: it is asked again at the next beat
			c.hub.log.Error().Err(err).Str("display", c.st.id()).Msg("scene can't be read")
		}
		return frame{}, nil
	}
	if f.seq == c.sent {
		return f, nil
	}
	if err := c.send(c.hub.wire(f, time.Now())); err != nil {
		return f, err
	}
	if c.sent == 0 {
		c.hub.note(c.st, time.Now(), true)
	}
	c.sent = f.seq
	return f, nil
}

// remark sends the notes; a goodbye ends the connection.
func (c *conn) remark() error {
	n := c.take()
	switch {
	case n&byeReplaced != 0:
		return c.bye("replaced")
	case n&byeRestart != 0:
		return c.bye("restart")
	}
	now := time.Now().UTC()
	if n&identify != 0 {
		if err := c.send(wire(envelope{Type: "identify", SentAt: now, Name: c.st.name()}.encode(nil))); err != nil {
			return err
		}
	}
	if n&reload != 0 {
		return c.send(wire(envelope{Type: "reload", SentAt: now}.encode(nil)))
	}
	return nil
}

// bye tells the page why this socket ends, so that one which was replaced
// doesn't fight for its place.
func (c *conn) bye(reason string) error {
	if err := c.send(wire(envelope{Type: "bye", SentAt: time.Now().UTC(), Reason: reason}.encode(nil))); err != nil {
		return err
	}
	if reason == "replaced" {
		c.linger()
	}
	// Close waits five seconds for an answer; a screen that is gone would hold
	// up a shutdown for that long.
	limit := time.AfterFunc(byeWithin, c.cancel)
	defer limit.Stop()
	_ = c.ws.Close(websocket.StatusGoingAway, reason)
	return errGone
}

// linger leaves a replaced page the time to say that it is still open. It goes
// by itself then; a close of ours might overtake its word.
func (c *conn) linger() {
	limit := time.NewTimer(byeWithin)
	defer limit.Stop()
	select {
	case <-c.ctx.Done():
	case <-limit.C:
	}
}

// send writes one message, which is a whole frame of the wire in one Write: what
// websocket writes by itself, pongs and goodbyes, can't fall into it. A peer that
// doesn't take it within three seconds loses the connection.
func (c *conn) send(wire []byte) error {
	if c.over.Load() {
		return errGone
	}
	if err := c.below.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	_, err := c.below.Write(wire)
	return err
}

// hijacking keeps the connection that a handler takes over.
type hijacking struct {
	http.ResponseWriter
	below *net.Conn
}

// Hijack is http.Hijacker.
func (w hijacking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	below, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	*w.below = below
	// Only pongs and goodbyes are written through the buffer.
	return below, bufio.NewReadWriter(buffered.Reader, bufio.NewWriterSize(below, 256)), nil
}

// id is the device's id, empty while it isn't paired.
func (s *station) id() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.device.ID
}

// name is what staff call the display.
func (s *station) name() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.device.Name
}
