package display

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/coder/websocket"
)

const (
	// maxInbound is the largest message a page may send; its longest is a
	// hundred bytes.
	maxInbound = 4 << 10
	// A page speaks once or twice a second; one that exceeds these is broken
	// or not a page.
	inboundRate  = 50.0
	inboundBurst = 100.0
	// violationLinger is how long a misbehaving peer has to read why it is cut
	// off. What it goes on sending meanwhile is not waited for.
	violationLinger = 200 * time.Millisecond
)

// errNonsense is a message that no page of ours sends; errLate is an answer
// that took so long that what is on the glass may be as old.
var (
	errNonsense = errors.New("display: not a message of this protocol")
	errLate     = errors.New("display: the line is too slow")
)

// lateBy is how long the way to a page and back may take. With the beat in
// between, what is on the glass stays younger than a lease.
const lateBy = 4 * time.Second

// inbound is all a display can say. It has no commands on purpose: a screen in
// the hands of strangers must not be able to change anything.
type inbound struct {
	Type   string `json:"type"` // shown, pong, hello, replaced, error
	Seq    uint64 `json:"seq"`
	Epoch  string `json:"epoch"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Build  string `json:"build"` // of the page that speaks
	Page   string `json:"page"`  // its name for itself
	// SentAt is the ping's, as the hub wrote it: the way there and back is
	// measured by one clock.
	SentAt time.Time `json:"sent_at"`
	Text   string    `json:"text"`
}

// meter is a token bucket.
type meter struct {
	tokens float64
	last   time.Time
}

// allow takes one token.
func (m *meter) allow(now time.Time) bool {
	if m.last.IsZero() {
		m.tokens = inboundBurst
	} else {
		m.tokens = min(m.tokens+now.Sub(m.last).Seconds()*inboundRate, inboundBurst)
	}
	m.last = now
	if m.tokens < 1 {
		return false
	}
	m.tokens--
	return true
}

// read hears the page until the connection ends.
func (c *conn) read() {
	c.ws.SetReadLimit(maxInbound)
	for {
		kind, data, err := c.ws.Read(c.ctx)
		if err != nil {
			return
		}
		now := time.Now()
		if !c.meter.allow(now) {
			c.cutOff("too many messages")
			return
		}
		if kind != websocket.MessageText {
			err = errNonsense
		} else {
			err = c.hear(data, now)
		}
		switch {
		case errors.Is(err, errLate):
			c.hub.log.Warn().Str("display", c.st.id()).Msg("a display's line is too slow")
			return
		case err != nil:
			c.cutOff("not a message of this protocol")
			return
		}
	}
}

// pinged counts protocol pings like messages: answering them costs a write.
// It runs on the reading goroutine.
func (c *conn) pinged(context.Context, []byte) bool {
	now := time.Now()
	if c.meter.allow(now) && c.below.SetWriteDeadline(now.Add(writeWithin)) == nil {
		return true
	}
	c.cancel()
	return false
}

// hear takes one message.
func (c *conn) hear(data []byte, now time.Time) error {
	var in inbound
	if err := json.Unmarshal(data, &in); err != nil || in.Type == "" {
		return errNonsense
	}
	c.heard.Store(now.UnixNano())
	by := voice{c, c.page} // it is this goroutine that writes c.page
	believed := c.st.heard(by, now)
	switch in.Type {
	case "shown":
		c.hub.shown(c.st, by, in.Epoch, in.Seq, now)
	case "pong":
		if !in.SentAt.IsZero() && now.Sub(in.SentAt) > lateBy {
			return errLate
		}
	case "hello":
		if believed {
			c.st.sized(in.Width, in.Height)
			c.st.built(in.Build)
		}
		c.named(in.Page, now)
	case "replaced":
		c.st.contest(c, now)
	case "error":
		c.hub.log.Warn().Str("display", c.st.id()).Str("text", clip(in.Text)).Msg("a display's page reports an error")
	}
	return nil
}

// named takes a page's name. One that lost its place to a newer page is told
// so again, and the one that loses it now is too. Pages of ours named themselves
// when they connected; a name that only comes now serves as well.
func (c *conn) named(page string, now time.Time) {
	if !pageForm.MatchString(page) {
		return
	}
	loser, held := c.st.hold(page, now)
	c.st.mu.Lock()
	c.page = page
	c.st.mu.Unlock()
	if !held {
		c.say(byeReplaced)
	} else if loser != nil && loser != c {
		loser.say(byeReplaced)
	}
}

// shown books an acknowledgement; one of another epoch is of a frame this
// process never sent.
func (h *Hub) shown(s *station, by voice, epoch string, seq uint64, now time.Time) {
	if epoch != h.epoch || seq == 0 {
		return
	}
	p, tell := s.shown(by, seq, now)
	if tell {
		h.src.Painted(p)
	}
	h.tell()
}

// cutOff closes the socket on a peer that breaks the rules. The deadline below
// the socket keeps Close from reading a flood for five seconds.
func (c *conn) cutOff(why string) {
	c.hub.log.Warn().Str("display", c.st.id()).Str("why", why).Msg("a display was cut off")
	c.over.Store(true)
	now := time.Now()
	_ = c.below.SetReadDeadline(now.Add(violationLinger))
	_ = c.below.SetWriteDeadline(now.Add(writeWithin)) // the last one is that of the last message
	_ = c.ws.Close(websocket.StatusPolicyViolation, why)
}

// clip bounds what a page may put into the log.
func clip(text string) string {
	const longest = 300
	if len(text) > longest {
		return text[:longest]
	}
	return text
}
