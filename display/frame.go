package display

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"sync/atomic"
	"time"
)

// frame is one whole state of one display, numbered.
type frame struct {
	seq    uint64 // 0: nothing yet
	device Device // empty: a pairing code
	*picture
}

// picture is what a frame shows. It is read and encoded once, and shared by
// every display of a desk.
type picture struct {
	seq     uint64 // the number of its frame on every display that didn't need another; 0: each needs one
	scene   Scene
	body    []byte
	expires time.Time // of the code; zero: never

	sent, pinged atomic.Pointer[wired]
}

// wired is a message as it is on the wire, and when it was made.
type wired struct {
	at    time.Time
	bytes []byte
}

// sentWithin is how long a message stands for the moment it is sent at: so much
// later a display may cover a code that has expired.
const sentWithin = 10 * time.Millisecond

// envelope is what every message to a display may carry. Durations travel
// beside the clock times, since a tablet's clock may be wrong.
type envelope struct {
	Type   string    `json:"type"`
	Seq    uint64    `json:"seq,omitempty"`
	Epoch  string    `json:"epoch,omitempty"`
	SentAt time.Time `json:"sent_at"`
	Build  string    `json:"build,omitempty"`
	Left   *int64    `json:"ttl_ms,omitempty"` // until the code on this frame is void
	Name   string    `json:"name,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

// encode writes an envelope with, where there is one, the fields of body
// behind its own.
func (e envelope) encode(body []byte) []byte {
	head, err := json.Marshal(e)
	if err != nil {
		// Strings, a number and a time: only a year beyond 9999 gets here.
		return nil
	}
	if len(body) == 0 {
		return head
	}
	out := make([]byte, 0, len(head)+len(body)+1)
	out = append(out, head[:len(head)-1]...)
	out = append(out, ',')
	return append(append(out, body...), '}')
}

// paired reports whether the frame is a scene of a known device.
func (f frame) paired() bool { return f.device.ID != "" }

// message is the frame as it goes out now.
func (h *Hub) message(f frame, now time.Time) []byte {
	e := envelope{Type: "scene", Seq: f.seq, Epoch: h.epoch, SentAt: now.UTC(), Build: h.assets.build}
	if !f.paired() {
		e.Type = "pair"
	}
	if !f.expires.IsZero() {
		left := max(f.expires.Sub(now).Milliseconds(), 0)
		e.Left = &left
	}
	return e.encode(f.body)
}

// wire is the frame's message on the wire. Displays that show the same under
// the same number are sent the same bytes.
func (h *Hub) wire(f frame, now time.Time) []byte {
	return f.common(&f.sent, now, func() []byte { return wire(h.message(f, now)) })
}

// ping is the heartbeat that says which frame is the newest, on the wire.
func (h *Hub) ping(f frame, now time.Time) []byte {
	return f.common(&f.pinged, now, func() []byte {
		return wire(envelope{Type: "ping", SentAt: now.UTC(), Seq: f.seq, Epoch: h.epoch}.encode(nil))
	})
}

// common returns a message that another display was sent a moment ago, if the
// frame's number is the common one, or makes it.
func (f frame) common(kept *atomic.Pointer[wired], now time.Time, encode func() []byte) []byte {
	if f.seq != f.picture.seq {
		return encode()
	}
	if w := kept.Load(); w != nil && now.Sub(w.at) < sentWithin {
		return w.bytes
	}
	w := &wired{at: now, bytes: encode()}
	kept.Store(w)
	return w.bytes
}

// wire puts a message into one frame of RFC 6455: final, text, not masked.
func wire(message []byte) []byte {
	const final, text = 0x80, 0x1
	out := make([]byte, 0, len(message)+10)
	out = append(out, final|text)
	switch n := len(message); {
	case n < 126:
		out = append(out, byte(n))
	case n <= math.MaxUint16:
		out = binary.BigEndian.AppendUint16(append(out, 126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 127), uint64(n))
	}
	return append(out, message...)
}

// pairBody is the encoded invitation to pair.
func (h *Hub) pairBody(p pairing) ([]byte, error) {
	brand, err := h.src.Brand()
	if err != nil {
		return nil, err
	}
	var svg string
	if address := h.publicURL(); address != "" {
		if svg, err = h.codes.SVG(address + "/desk/setup?pair=" + p.Code); err != nil {
			return nil, err
		}
	}
	raw, err := marshal(struct {
		Code      string    `json:"code"`
		QRSVG     string    `json:"qr_svg"`
		ExpiresAt time.Time `json:"expires_at"`
		Brand     Brand     `json:"brand"`
	}{p.Code, svg, p.Expires.UTC(), brand})
	if err != nil {
		return nil, err
	}
	return raw[1 : len(raw)-1], nil // without its braces: joined to an envelope
}

// marshal is json.Marshal without the escapes meant for HTML, which would make
// an SVG a fifth longer; what it writes goes to sockets and JSON responses.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}
