package display

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/display/qr"

	"go.uber.org/goleak"
)

// TestMain fails the package if any test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// salon is a Source that behaves like the daemon's store: displays are paired
// and revoked, desks show scenes, and everything is read back as committed.
type salon struct {
	mu      sync.Mutex
	devices map[string]Device // by KeyHash
	revoked map[string]bool   // by KeyHash
	scenes  map[string]Scene  // by desk
	brand   Brand
	down    error
	painted []Painted
	seen    map[string]int
	turns   []string
	slides  map[string][]byte
	asked   map[string]int // how often a desk's scene was read
}

var errDown = errors.New("the store is down")

func newSalon() *salon {
	return &salon{
		devices: make(map[string]Device), revoked: make(map[string]bool), scenes: make(map[string]Scene), seen: make(map[string]int), asked: make(map[string]int),
		brand: Brand{Name: "Studio Lumen", Colour: "#14514a", Language: "en", Zone: "Europe/Budapest", Provider: "Stripe"},
	}
}

func (s *salon) Device(key string) (Device, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.devices[KeyHash(key)]
	return d, ok, s.down
}

func (s *salon) Revoked(key string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked[KeyHash(key)], s.down
}

func (s *salon) Devices() (map[string]Device, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.devices), s.down
}

func (s *salon) Scene(d Device) (Scene, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[d.Desk]++
	scene, ok := s.scenes[d.Desk]
	if !ok {
		scene.Kind = Idle
	}
	scene.Brand = s.brand
	return scene, s.down
}

func (s *salon) Brand() (Brand, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.brand, s.down
}

func (s *salon) Slide(id string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	jpeg, ok := s.slides[id]
	return jpeg, ok, s.down
}

func (s *salon) Seen(device string, _ time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[device]++
}

func (s *salon) Turned(d Device, online bool) {
	s.change(func() { s.turns = append(s.turns, fmt.Sprintf("%s %t", d.ID, online)) })
}

// turned are the comings and goings that the hub told.
func (s *salon) turned() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.turns, ", ")
}

func (s *salon) Painted(p Painted) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.painted = append(s.painted, p)
}

// change commits something.
func (s *salon) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *salon) pair(hash string, d Device) {
	s.change(func() { s.devices[hash] = d; delete(s.revoked, hash) })
}
func (s *salon) revoke(hash string) {
	s.change(func() { delete(s.devices, hash); s.revoked[hash] = true })
}
func (s *salon) show(desk string, scene Scene) {
	s.change(func() { s.scenes[desk] = scene })
}

// booked are the frames the hub reported as painted.
func (s *salon) booked() []Painted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Painted(nil), s.painted...)
}

// saw reports whether a display said that it painted a visit's scene.
func (s *salon) saw(visit string) bool {
	return slices.ContainsFunc(s.booked(), func(p Painted) bool { return p.Scene.Visit == visit })
}

// code is a QR scene with a real code in it.
func code(t testing.TB, visit, amount string) Scene {
	t.Helper()
	const url = "HTTPS://PAY.LUMEN.EXAMPLE/S/ABCDEFGHJKLMNPQRSTUVWXYZ23"
	made, err := qr.Encode(url)
	if err != nil {
		t.Fatal(err)
	}
	return Scene{Kind: QR, Visit: visit, QRSVG: made.SVG(), URL: url, Amount: amount, Title: "Haircut + 1 more"}
}

// house is a hub with its salon, served over real sockets.
type house struct {
	*Hub
	salon *salon
	srv   *httptest.Server
	stop  func() // ends Run as a daemon does, and waits for it
}

// open starts a house that is closed, without leaks, when the test ends.
func open(t testing.TB) *house {
	t.Helper()
	src := newSalon()
	h := &house{salon: src}
	h.Hub = NewHub(src, Options{Epoch: "e1", Version: "test", PublicURL: func() string { return "http://salon.example" }})
	h.srv = httptest.NewServer(h.Handler())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		h.srv.Close()
	})
	t.Cleanup(h.stop)
	return h
}

// ws is the socket's address.
func (h *house) ws() string { return "ws" + strings.TrimPrefix(h.srv.URL, "http") + "/display/ws" }
