package display

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"
)

// frame is one whole state of one display, numbered. Its body is encoded once
// and shared by every display of a desk; the envelope with the time of sending
// is put around it for each write.
type frame struct {
	seq     uint64 // 0: nothing yet
	device  Device // empty: a pairing code
	scene   Scene
	body    []byte
	expires time.Time // of the code; zero: never
}

// paired reports whether the frame is a scene of a known device.
func (f frame) paired() bool { return f.device.ID != "" }

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

// sceneBody is the encoded scene. Displays of a desk show the same, so the last
// one of each desk is kept and a wake-up encodes once, not once a display.
func (h *Hub) sceneBody(desk string, scene Scene) ([]byte, error) {
	h.mu.Lock()
	last, ok := h.encoded[desk]
	h.mu.Unlock()
	if ok && reflect.DeepEqual(last.scene, scene) {
		return last.body, nil
	}
	raw, err := marshal(scene)
	if err != nil {
		return nil, err
	}
	body := append([]byte(`"scene":`), raw...)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.encoded) >= maxStations {
		clear(h.encoded)
	}
	h.encoded[desk] = encoded{scene: scene, body: body}
	return body, nil
}

// encoded is a scene beside its JSON.
type encoded struct {
	scene Scene
	body  []byte
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
