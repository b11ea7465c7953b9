package display

import (
	"reflect"
	"time"
)

// board is what one desk shows. Its displays show the same, so a wake-up reads
// the Source and encodes once a desk, not once a display.
type board struct {
	desk string
	shared[*picture]
	newest *picture // the last that could be read; under reading
}

// device finds the display of a station: among all that were read together, or
// by itself if it needs a reading of its own.
func (h *Hub) device(s *station, d demand) (Device, bool, error) {
	if d.anew {
		return h.src.Device(s.key)
	}
	all, err := h.devices.get(d, &h.moment, h.src.Devices)
	device, known := all[s.hash]
	return device, known, err
}

// picture is what a paired display has to show; the caller holds s.reading.
func (h *Hub) picture(s *station, device Device, d demand) (*picture, error) {
	if s.board == nil || s.board.desk != device.Desk {
		s.board = h.board(device.Desk)
	}
	return s.board.get(d, &h.moment, func() (*picture, error) { return h.draw(s.board, device) })
}

// board is the one of a desk.
func (h *Hub) board(desk string) *board {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, ok := h.boards[desk]
	if !ok {
		if len(h.boards) >= maxStations {
			clear(h.boards) // stations keep the ones they have
		}
		b = &board{desk: desk}
		h.boards[desk] = b
	}
	return b
}

// draw reads a desk's scene. It is numbered while no other reading of the desk
// goes on, so that a higher number is never an older truth.
func (h *Hub) draw(b *board, device Device) (*picture, error) {
	scene, err := h.src.Scene(device)
	if err != nil {
		return nil, err
	}
	if b.newest != nil && reflect.DeepEqual(b.newest.scene, scene) {
		return b.newest, nil
	}
	raw, err := marshal(scene)
	if err != nil {
		return nil, err
	}
	p := &picture{scene: scene, body: append([]byte(`"scene":`), raw...), seq: h.seq.Add(1)}
	if scene.ExpiresAt != nil {
		p.expires = *scene.ExpiresAt
	}
	b.newest = p
	return p, nil
}

// invitation is the pairing code of a display that isn't paired.
func (h *Hub) invitation(s *station) (*picture, error) {
	p, err := h.pairings.issue(s.hash, s.from, time.Now())
	if err != nil {
		return nil, err
	}
	body, err := h.pairBody(p)
	return &picture{body: body, expires: p.Expires}, err
}
