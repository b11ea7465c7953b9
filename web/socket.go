package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"countersign/daemon/access"
	"countersign/daemon/fault"
)

const (
	deskProtocol = "countersign.desk.v1"

	// A tablet's page says next to nothing: a word after a ping.
	heardLimit = 1 << 10
	heardRate  = 2.0
	heardBurst = 20.0

	pingEvery   = 15 * time.Second
	writeWithin = 5 * time.Second
	// linger is how long somebody who is cut off has to read why.
	linger = 200 * time.Millisecond

	// Tablets are few; this many are a mistake or an attack.
	socketsEach = 32
	socketsAll  = 512
)

// crowd counts what is held open, sockets and requests that wait, by who has it.
type crowd struct {
	each, most int // for one, and for all of them
	mu         sync.Mutex
	by         map[string]int
	all        int
}

func newCrowd(each, most int) *crowd { return &crowd{each: each, most: most, by: map[string]int{}} }

// enter lets somebody in, and returns how they leave; false if there are too many.
func (c *crowd) enter(who string) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by[who] >= c.each || c.all >= c.most {
		return nil, false
	}
	c.by[who]++
	c.all++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all--
		if c.by[who]--; c.by[who] == 0 {
			delete(c.by, who)
		}
	}, true
}

// deskSocket serves GET /desk/ws: the changes, as the store has them, to staff
// who are signed in, from our own pages.
func (s *server) deskSocket(w http.ResponseWriter, r *http.Request) {
	a, ok, err := s.staffOf(r)
	if err == nil && !ok {
		err = fault.New(fault.Unauthenticated, "unauthenticated", "Please sign in.")
	}
	if err == nil {
		err = a.Need(access.VisitsView)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	after, err := s.startOf(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	leave, ok := s.sockets.enter(string(a.Staff))
	if !ok {
		s.refuse(w, r, fault.New(fault.TooMany, "too_many_requests", "Too many tablets are connected.").After(pingEvery))
		return
	}
	defer leave()
	s.accept(w, r, after)
}

// startOf is where a socket begins: after the change that its page has seen,
// or with what comes next.
func (s *server) startOf(r *http.Request) (uint64, error) {
	said := r.URL.Query().Get("after")
	if said == "" {
		return s.desk.LastChange()
	}
	after, err := strconv.ParseUint(said, 10, 64)
	if err != nil {
		return 0, fault.Invalid(fault.Field{Location: "query.after", Message: "must be a whole number"})
	}
	return after, nil
}

// accept upgrades the request. websocket itself refuses pages that
// aren't ours.
func (s *server) accept(w http.ResponseWriter, r *http.Request, after uint64) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	l := &listener{s: s, r: r, below: http.NewResponseController(w), after: after, cancel: cancel}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{deskProtocol}, OriginPatterns: s.origins(),
		CompressionMode: websocket.CompressionDisabled, OnPingReceived: l.pinged,
	})
	if err != nil {
		return // Accept has answered
	}
	l.ws = ws
	if ws.Subprotocol() != deskProtocol {
		l.cutOff("speak " + deskProtocol)
		return
	}
	l.serve(ctx)
}

// listener is one tablet's socket: this goroutine reads, another writes.
type listener struct {
	s      *server
	r      *http.Request
	ws     *websocket.Conn
	below  *http.ResponseController // the connection below ws
	cancel context.CancelFunc
	after  uint64

	// Of the reading goroutine: a bucket that empties with every frame.
	tokens float64
	last   time.Time
}

func (l *listener) serve(ctx context.Context) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		defer l.cancel()
		l.write(ctx)
	}()
	l.read(ctx)
	l.cancel()
	_ = l.ws.CloseNow() // the only news in its error is that it is closed already
	<-written
}

// read hears the page, which has nothing to say: its own words are thrown
// away, and one that talks too much is cut off.
func (l *listener) read(ctx context.Context) {
	l.ws.SetReadLimit(heardLimit)
	for {
		kind, said, err := l.ws.Read(ctx)
		if err != nil {
			return
		}
		if kind != websocket.MessageText || !json.Valid(said) || !l.allow(time.Now()) {
			l.cutOff("a tablet only listens")
			return
		}
	}
}

// allow takes one token out of the bucket.
func (l *listener) allow(now time.Time) bool {
	if l.last.IsZero() {
		l.tokens = heardBurst
	} else {
		l.tokens = min(heardBurst, l.tokens+now.Sub(l.last).Seconds()*heardRate)
	}
	l.last = now
	l.tokens--
	return l.tokens >= 0
}

// pinged counts protocol pings like words: answering one costs a write. It
// runs on the reading goroutine.
func (l *listener) pinged(context.Context, []byte) bool {
	if l.allow(time.Now()) {
		return true
	}
	l.cancel()
	return false
}

// cutOff closes the socket on somebody who breaks the rules. The deadline
// below it keeps Close from reading a flood for five seconds.
func (l *listener) cutOff(why string) {
	l.s.log.Warn().Str("request", requestID(l.r)).Str("from", addressOf(l.r)).Str("why", why).Msg("a tablet was cut off")
	_ = l.below.SetReadDeadline(time.Now().Add(linger))
	_ = l.ws.Close(websocket.StatusPolicyViolation, why)
}

// write sends every change after the cursor, as the store has them: a wake-up
// carries nothing, so none can be lost or doubled. A page that takes too long
// loses the connection, and resumes from where it was.
func (l *listener) write(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		changed := l.s.desk.Changed()
		more, err := l.send(ctx)
		if err != nil {
			return
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-tick.C:
			if !l.alive(ctx) {
				return
			}
		}
	}
}

// send writes one page of changes, and tells whether there may be more.
func (l *listener) send(ctx context.Context) (more bool, err error) {
	events, next, err := l.s.eventsAfter(l.after)
	if err != nil {
		l.s.log.Error().Err(err).Str("request", requestID(l.r)).Msg("changes can't be read")
		return false, err
	}
	for _, e := range events {
		message, err := json.Marshal(e)
		if err != nil {
			return false, err
		}
		in, cancel := context.WithTimeout(ctx, writeWithin)
		err = l.ws.Write(in, websocket.MessageText, message)
		cancel()
		if err != nil {
			return false, err
		}
	}
	l.after = next
	return len(events) == eventPage, nil
}

// alive asks whether the page is still there, and whether its staff member may
// still listen: a socket doesn't outlive the session.
func (l *listener) alive(ctx context.Context) bool {
	in, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	if l.ws.Ping(in) != nil {
		return false
	}
	manager := l.s.entries.of(l.r)
	cookie, err := l.r.Cookie(sessionCookie)
	if err != nil {
		return false
	}
	now, err := manager.Load(context.WithoutCancel(in), cookie.Value)
	if err != nil {
		return false
	}
	a, ok, err := l.s.staffOf(l.r.WithContext(now))
	if err != nil || !ok || !a.Rights.Has(access.VisitsView) {
		_ = l.ws.Close(websocket.StatusPolicyViolation, "signed out")
		return false
	}
	return true
}
