package daemon_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
	"countersign/store"
	"countersign/web"
)

// network carries connections between hosts of a bubble: pipes, so that
// synctest sees every wait.
type network struct {
	mu    sync.Mutex
	hosts map[string]*listener
	lines []*http.Transport
}

type listener struct {
	host  string
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: l.host, Net: "pipe"} }

func (n *network) listen(host string) *listener {
	l := &listener{host: host, conns: make(chan net.Conn), done: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[host] = l
	return l
}

func (n *network) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	host, _, _ := strings.Cut(addr, ":")
	n.mu.Lock()
	l := n.hosts[host]
	n.mu.Unlock()
	refused := &net.OpError{Op: "dial", Net: "pipe", Err: errors.New("connection refused")}
	if l == nil {
		return nil, refused
	}
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.done:
		return nil, refused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *network) client() *http.Client {
	tr := &http.Transport{DialContext: n.dial, IdleConnTimeout: time.Minute}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, tr)
	return &http.Client{Transport: tr, Timeout: 15 * time.Second}
}

// hangUp closes what clients keep open for their next call.
func (n *network) hangUp() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, tr := range n.lines {
		tr.CloseIdleConnections()
	}
}

// power is the mains: armed, it fails at a commit boundary, and everything
// after it finds the store dead until the daemon is started again.
type power struct {
	armed atomic.Int64
	stage atomic.Int64
	out   atomic.Bool
}

var errPower = errors.New("the power went out")

func (p *power) fault(at store.Stage) error {
	if p.out.Load() {
		return errPower
	}
	if store.Stage(p.stage.Load()) != at || p.armed.Load() == 0 {
		return nil
	}
	if p.armed.Add(-1) == 0 {
		p.out.Store(true)
		return errPower
	}
	return nil
}

// world is one salon with its provider, its display and its mains.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	dir     string
	net     *network
	mains   *power
	at      *company
	sandbox *sandbox.Server // nil at every other company
	skies   map[string]*sky // by a vendor's address
	caller  *http.Client    // what the daemon calls others by
	d       *daemon.Daemon
	halt    func()
	visits  []id.Visit
	hands   hands
	glass   *glass
	till    till
	ears    *ears
	people  people
	byHand  map[string]int64 // what was given back at the provider's own pages, by payment
	// never are the visits that were paid while the daemon was away: no code
	// of theirs may be shown again, not even before the first poll.
	mu    sync.Mutex
	never map[string]bool
	wrong []string
	log   []string
}

// noise is the seeded randomness of a history. What is read follows from the
// seed, the moment and how often it was read then: who comes first at one
// moment doesn't change what is read at the next.
type noise struct {
	seed uint64

	mu    sync.Mutex
	at    time.Time
	times map[int]uint64 // by how much was asked for
}

func (n *noise) Read(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := time.Now(); !now.Equal(n.at) {
		n.at, n.times = now, map[int]uint64{}
	}
	n.times[len(b)]++
	var key [32]byte
	for i, part := range []uint64{n.seed, uint64(n.at.UnixNano()), uint64(len(b)), n.times[len(b)]} {
		binary.LittleEndian.PutUint64(key[8*i:], part)
	}
	return rand.NewChaCha8(key).Read(b)
}

func seeded(seed uint64) *noise { return &noise{seed: seed} }

// newWorld is a salon that is paid at the sandbox.
func newWorld(t *testing.T, dir string, seed uint64) *world {
	return newWorldAt(t, "sandbox", dir, seed)
}

func newWorldAt(t *testing.T, at, dir string, seed uint64) *world {
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 1)), dir: dir, net: &network{hosts: map[string]*listener{}},
		mains: &power{}, skies: map[string]*sky{}, never: map[string]bool{}, byHand: map[string]int64{}}
	w.ears = &ears{}
	w.at = companies()[at](w, seed)
	w.start(seed)
	w.hired()
	return w
}

func (w *world) serve(host string, h http.Handler) func() {
	server := &http.Server{Handler: h, ErrorLog: log.New(w.ears, "", 0)}
	l := w.net.listen(host)
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(l) })
	return func() { _ = server.Close(); _ = l.Close(); running.Wait() }
}

// start opens the daemon on whatever is in the folder, as after a boot.
func (w *world) start(seed uint64) {
	w.mains.out.Store(false)
	w.mains.armed.Store(0)
	off := false
	caller := w.net.client()
	base := caller.Transport.(*http.Transport)
	w.caller = &http.Client{Transport: abroad{w, base}, Timeout: caller.Timeout}
	cfg := daemon.Config{Data: w.dir, PublicURL: "http://countersign", Local: "http://countersign", Sandbox: &off,
		HTTP: w.caller, Log: w.ears.log(), NoSync: true, ProviderLinks: w.at.follow != nil, Fault: w.mains.fault, Rand: seeded(seed + uint64(w.rng.Int64()))}
	if w.at.given != nil {
		cfg.Providers = map[string]provider.Provider{w.at.name: w.at.given()}
		cfg.Fiscal.Device = daemon.FiscalProvider
	}
	d, err := daemon.Open(cfg)
	if err != nil {
		w.t.Fatalf("start: %v", err)
	}
	w.d = d
	w.noteMissed()
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	stop := w.serve("countersign", web.New(d, web.Options{Log: w.ears.log()}))
	w.halt = func() {
		cancel()
		stop()
		running.Wait()
		_ = d.Close()
		base.CloseIdleConnections()
		w.halt = nil
	}
}

// noteMissed remembers which visits were paid while nobody was here.
func (w *world) noteMissed() {
	open, err := w.d.Desk().Unsettled()
	if err != nil {
		w.t.Fatal(err)
	}
	paid := w.paidSessions()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range open {
		if c.Session != "" && paid[c.Session] {
			w.never[string(c.Visit)] = true
		}
	}
}

func (w *world) paidSessions() map[string]bool {
	paid := map[string]bool{}
	for _, p := range w.at.book().takings {
		paid[p.session] = true
	}
	return paid
}

func (w *world) restart() {
	if w.halt != nil {
		w.halt()
	}
	w.start(w.rng.Uint64())
}

// close stops everything in order, so that the bubble can end.
func (w *world) close() {
	if w.glass != nil {
		w.glass.stop()
	}
	if w.halt != nil {
		w.halt()
	}
	w.at.end()
	w.net.hangUp()
	synctest.Wait()
}

func (w *world) fault(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

// pair lets staff approve the display for the front desk.
func (w *world) pair() {
	synctest.Wait()
	hash, ok := w.d.Hub().Claim(w.glass.code, time.Now())
	if !ok {
		w.t.Fatalf("the pairing code %q isn't known", w.glass.code)
	}
	if _, err := w.d.Desk().PairDisplay(access.System(), hash, "front", "Reception 1"); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

// furnish gives the salon a desk.
func (w *world) furnish() {
	l := desk.DefaultLocation()
	l.Name, l.Zone = "Studio Lumen", "Europe/Berlin"
	if err := w.d.Desk().SaveLocation(access.System(), l); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.d.Desk().SavePlace(access.System(), desk.Place{ID: "front", Name: "Reception"}); err != nil {
		w.t.Fatal(err)
	}
}
