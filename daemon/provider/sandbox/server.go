package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"countersign/daemon/provider/hosted"
	"countersign/store"
)

// ErrClosed is the answer of a server after Close.
var ErrClosed = errors.New("sandbox: the server is closed")

// ServerOptions say who the company's only customer is.
type ServerOptions struct {
	Key       string        // the Bearer key its API takes; needed
	Secret    string        // what webhooks are signed with; needed
	Account   string        // DefaultAccount when empty
	PublicURL string        // what comes before /sandbox/pay/…, as a phone reaches it
	HookURL   string        // where webhooks go; empty: nowhere
	HTTP      *http.Client  // sends webhooks; http.DefaultClient when nil
	Brand     string        // the name on the hosted page
	Late      time.Duration // how long Pay later takes; 20 s when zero
	Rand      io.Reader     // ids and faults; crypto/rand when nil
	NoSync    bool          // for tests: no fsync
}

// Server is the company. Its zero value is of no use: see OpenServer.
type Server struct {
	opt     ServerOptions
	db      *store.DB
	book    *books
	dice    *dice
	http    *http.Client
	routes  http.Handler
	cross   *http.CrossOriginProtection
	face    *face
	kick    chan struct{} // the hook's address changed: look again
	closing context.Context
	stop    context.CancelFunc

	mu     sync.Mutex // guards all below
	rand   io.Reader
	public string
	hook   string
	brand  string
	faults Faults
	closed bool
	inside sync.WaitGroup // requests and Run; only added to while !closed
}

// OpenServer opens the company's file at path, making it if there is none.
// Nothing moves by itself until Run.
func OpenServer(path string, o ServerOptions) (*Server, error) {
	if o.Key == "" || o.Secret == "" {
		return nil, errors.New("sandbox: a key and a secret are needed")
	}
	if o.Account == "" {
		o.Account = DefaultAccount
	}
	if o.Late <= 0 {
		o.Late = 20 * time.Second
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	dice, err := newDice(o.Rand)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	book := newBooks()
	db, err := store.Open(path, store.Options{Program: "countersign-sandbox", Kinds: book.kinds(), NoSync: o.NoSync})
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Server{
		opt: o, db: db, book: book, dice: dice, rand: o.Rand, hook: o.HookURL, brand: o.Brand,
		cross: http.NewCrossOriginProtection(), face: newFace(), kick: make(chan struct{}, 1),
	}
	s.http = hookClient(o.HTTP)
	s.closing, s.stop = context.WithCancel(context.Background())
	s.SetPublicURL(o.PublicURL)
	s.cross.SetDenyHandler(http.HandlerFunc(s.foreign))
	s.routes = s.newRoutes()
	return s, nil
}

// Close stops Run, lets requests finish and closes the file. Requests hanging
// in a fault are let go.
func (s *Server) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	s.stop()
	s.inside.Wait()
	s.http.CloseIdleConnections()
	return s.db.Close()
}

// enter registers something Close has to wait for.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.inside.Add(1)
	return true
}

// SetPublicURL changes the address hosted pages have from now on, those of
// sessions already made included.
func (s *Server) SetPublicURL(base string) {
	base = strings.TrimRight(base, "/")
	// A proxy may change the Host header, and plain http has no
	// Sec-Fetch-Site: then only this tells our own page from another site's.
	if u, err := url.Parse(base); err == nil && hosted.IsPage(base) {
		// The error is for an origin with a path, which this one has not.
		_ = s.cross.AddTrustedOrigin(u.Scheme + "://" + u.Host)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.public = base
}

// SetHook changes where webhooks go from now on; empty turns them off. Those
// under way go to the new address, or wait for one.
func (s *Server) SetHook(address string) {
	s.mu.Lock()
	s.hook = address
	s.mu.Unlock()
	s.wake()
}

// SetBrand changes the name on the hosted pages.
func (s *Server) SetBrand(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brand = name
}

// SetFaults changes how the server misbehaves from now on. The zero Faults
// behaves.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// Faults is how the server misbehaves now.
func (s *Server) Faults() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

func (s *Server) hookURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hook
}

func (s *Server) publicURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.public
}

func (s *Server) brandName() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.brand
}

func (s *Server) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// newID is a kind and 160 random bits: a session's id is the only thing
// between a stranger and its page.
func (s *Server) newID(kind string) (string, error) {
	var b [20]byte
	s.mu.Lock()
	_, err := io.ReadFull(s.rand, b[:])
	s.mu.Unlock()
	if err != nil {
		return "", fmt.Errorf("sandbox: no randomness: %w", err)
	}
	return kind + "_" + strings.ToLower(base32.StdEncoding.EncodeToString(b[:])), nil
}
