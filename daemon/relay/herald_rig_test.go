package relay_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/relay"
	"countersign/daemon/visit"
	"countersign/store"
)

// heard is a message as a receiver took it in, after its signature was checked
// with the specification's own library.
type heard struct {
	ID   string
	At   time.Time // when it came
	Type string    `json:"type"`
	Data struct {
		Seq   uint64 `json:"seq"`
		Visit string `json:"visit"`
	} `json:"data"`
	Timestamp time.Time `json:"timestamp"`
}

// receiver is other software of the salon, by a name of its own. mood is what
// it answers before it takes a message in; nil takes everything.
type receiver struct {
	t      *testing.T
	secret string
	mu     sync.Mutex
	mood   func(w http.ResponseWriter, m heard) bool
	took   []heard
	asked  []heard // every attempt
}

func (r *receiver) set(mood func(http.ResponseWriter, heard) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mood = mood
}

// refuses answers with a status.
func refuses(status int) func(http.ResponseWriter, heard) bool {
	return func(w http.ResponseWriter, _ heard) bool { w.WriteHeader(status); return false }
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	theirs, err2 := standard.NewWebhook(r.secret)
	if err != nil || err2 != nil || req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" {
		r.t.Error(err, err2, req.Method, req.Header)
		return
	}
	if err := theirs.VerifyIgnoringTimestamp(body, req.Header); err != nil { // its clock is not the bubble's
		r.t.Errorf("signature: %v", err)
	}
	m := heard{ID: req.Header.Get("webhook-id"), At: time.Now()}
	if err := json.Unmarshal(body, &m); err != nil {
		r.t.Errorf("%v: %s", err, body)
	}
	r.mu.Lock()
	r.asked = append(r.asked, m)
	mood := r.mood
	r.mu.Unlock()
	if mood == nil || mood(w, m) {
		r.mu.Lock()
		r.took = append(r.took, m)
		r.mu.Unlock()
	}
}

func (r *receiver) got() (took, asked []heard) {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]heard{}, r.took...), append([]heard{}, r.asked...)
}

// circle is a salon with receivers, which are reached over pipes by the name of their host.
type circle struct {
	*desk.Desk
	t       *testing.T
	path    string
	db      *store.DB
	hosts   map[string]http.RoundTripper
	by      map[string]*receiver
	secrets map[id.Subscriber]string
	fault   func(store.Stage) error
	log     *bytes.Buffer
	stop    func()
}

// RoundTrip goes to the receiver whose name it is; a pipe needs no TLS.
func (c *circle) RoundTrip(r *http.Request) (*http.Response, error) {
	base, ok := c.hosts[r.URL.Host]
	if !ok {
		return providertest.Unreachable(nil, r)
	}
	plain := r.Clone(r.Context())
	plain.URL.Scheme = "http"
	return base.RoundTrip(plain)
}

func newCircle(t *testing.T) *circle {
	c := &circle{t: t, path: filepath.Join(t.TempDir(), "store.db"), hosts: map[string]http.RoundTripper{}, by: map[string]*receiver{},
		secrets: map[id.Subscriber]string{}, stop: func() {}, log: &bytes.Buffer{}}
	c.start()
	t.Cleanup(func() {
		c.halt()
		c.fault = nil
		c.start()
		if problems, err := desk.Verify(c.db); err != nil || len(problems) > 0 {
			t.Errorf("verify: %v %v", problems, err)
		}
		c.halt()
	})
	return c
}

func (c *circle) start() {
	c.t.Helper()
	db, err := store.Open(c.path, store.Options{Program: "countersign", Kinds: desk.Kinds(), NoSync: true, Fault: c.fault})
	c.must(err)
	c.db = db
	c.Desk = desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: "p", PublicURL: func() string { return "http://192.0.2.7" },
		Providers: map[string]provider.Provider{"p": &forgetful{}}})
}

func (c *circle) halt() {
	c.stop()
	c.stop = func() {}
	if err := c.db.Close(); err != nil {
		c.t.Error(err)
	}
}

// work lets the herald run until the circle halts.
func (c *circle) work() {
	ctx, cancel := context.WithCancel(c.t.Context())
	var running sync.WaitGroup
	client := &http.Client{Transport: c, Timeout: 15 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	h := relay.NewHerald(c.Desk, client, func(which id.Subscriber) ([]string, error) { return []string{c.secrets[which]}, nil }, zerolog.New(zerolog.SyncWriter(c.log)))
	running.Go(func() { _ = h.Run(ctx) })
	c.stop = func() { cancel(); running.Wait() }
}

func (c *circle) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// joins adds a receiver that wants to hear of visits.
func (c *circle) joins(name string, types ...string) (*receiver, id.Subscriber) {
	c.t.Helper()
	if types == nil {
		types = []string{desk.VisitChanged}
	}
	s, err := c.NewSubscriber(boss, "https://"+name+"/hooks", types)
	c.must(err)
	r := &receiver{t: c.t, secret: "whsec_" + strings.Repeat("c2Vj", 10) + "cg=="}
	c.secrets[s.ID] = r.secret
	c.hosts[name], c.by[name] = providertest.Serve(c.t, r), r
	_, err = c.AddSubscriber(boss, s)
	c.must(err)
	return r, s.ID
}

// happens is that many visits made.
func (c *circle) happens(n int) {
	c.t.Helper()
	for range n {
		_, _, err := c.CreateVisit(boss, visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
		c.must(err)
	}
}

func (c *circle) subscriber(which id.Subscriber) desk.Subscriber {
	c.t.Helper()
	all, err := c.Subscribers(boss)
	c.must(err)
	for _, s := range all {
		if s.ID == which {
			return s
		}
	}
	c.t.Fatalf("no receiver %s", which)
	return desk.Subscriber{}
}

func (c *circle) messages(of id.Subscriber, in desk.MessageState) []desk.Message {
	c.t.Helper()
	list, err := c.Messages(boss, of, in, 1000)
	c.must(err)
	return list
}

func (c *circle) waiting(of id.Subscriber) int {
	c.t.Helper()
	n, err := c.Waiting(boss, of)
	c.must(err)
	return n
}

func inCircle(t *testing.T, test func(t *testing.T, c *circle)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newCircle(t)) })
}

// inOrder wants every event once, in order, each with an id of its own.
func inOrder(t *testing.T, took []heard, want int) {
	t.Helper()
	ids := map[string]bool{}
	for i, m := range took {
		if ids[m.ID] {
			t.Errorf("%s came twice", m.ID)
		}
		if ids[m.ID] = true; i > 0 && m.Data.Seq <= took[i-1].Data.Seq {
			t.Errorf("event %d came after %d", m.Data.Seq, took[i-1].Data.Seq)
		}
	}
	if len(took) != want {
		t.Errorf("%d messages arrived, want %d", len(took), want)
	}
}
