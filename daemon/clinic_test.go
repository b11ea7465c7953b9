package daemon_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/stripe"
	"countersign/daemon/provider/stripe/stripetest"
	"countersign/daemon/visit"
	"countersign/display"
	"countersign/store"
)

var boss = access.System()

// clinic is a place behind a router whose codes carry Stripe's links (R37):
// the whole daemon, with Stripe's stand-in at the end of a line with weather.
type clinic struct {
	*daemon.Daemon
	t       *testing.T
	dir     string
	company *stripetest.Server
	client  *stripe.Client
	weather *providertest.Weather
	mains   power
	stop    func()
}

func inClinic(t *testing.T, test func(t *testing.T, c *clinic)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		company := stripetest.New(stripetest.Options{Key: "rk_test_TheClinic", Account: "acct_Clinic"})
		weather := providertest.NewWeather(providertest.Serve(t, company.Handler()))
		c := &clinic{t: t, dir: dir, company: company, weather: weather, client: stripe.New(stripe.Config{Base: "http://stripe.test",
			Key: "rk_test_TheClinic", Account: "acct_Clinic", HTTP: &http.Client{Transport: weather}})}
		c.start()
		defer func() { c.shut() }()
		must(t, c.Desk().SaveLocation(boss, desk.DefaultLocation()))
		for _, name := range []string{"Front", "Back"} {
			_, err := c.Desk().SavePlace(boss, desk.Place{Name: name})
			must(t, err)
		}
		test(t, c)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start opens the daemon over what is in its folder, and lets it settle.
func (c *clinic) start() {
	c.t.Helper()
	off := false
	c.mains.out.Store(false)
	c.mains.armed.Store(0)
	d, err := daemon.Open(daemon.Config{Data: c.dir, PublicURL: "http://192.168.1.9:8791", Local: "http://localhost:8791", Sandbox: &off, ProviderLinks: true,
		Providers: map[string]provider.Provider{"stripe-test": c.client}, NoSync: true, Fault: c.mains.fault})
	must(c.t, err)
	c.Daemon = d
	ctx, cancel := context.WithCancel(c.t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	c.stop = func() { cancel(); running.Wait() }
	time.Sleep(time.Second)
	synctest.Wait()
}

// shut ends the daemon; whatever it left behind has to be in order (R25, R41).
func (c *clinic) shut() {
	c.t.Helper()
	c.stop()
	if !c.mains.out.Load() {
		problems, err := c.Verify()
		must(c.t, err)
		for _, p := range problems {
			c.t.Errorf("%s: %s", p.Rule, p.Text)
		}
	}
	_ = c.Close()
}

func (c *clinic) restart() { c.shut(); c.start() }

func (c *clinic) visit(price int64) visit.Visit {
	c.t.Helper()
	v, _, err := c.Desk().CreateVisit(boss, visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Check-up", Quantity: 1, UnitPrice: price}}}, desk.Key{})
	must(c.t, err)
	return v
}

func (c *clinic) reread(v visit.Visit) visit.Visit {
	c.t.Helper()
	v, err := c.Desk().Visit(boss, v.ID)
	must(c.t, err)
	return v
}

// shows puts a visit's code on the front display, and waits a moment.
func (c *clinic) shows(v visit.Visit) display.Scene {
	c.t.Helper()
	must(c.t, c.Desk().Show(boss, v.ID, "front", false))
	return c.after(time.Second)
}

// after is what the front display shows a while later. What it shows leads to
// a link that opens, and asks for what is due (R30).
func (c *clinic) after(wait time.Duration) display.Scene {
	c.t.Helper()
	time.Sleep(wait)
	synctest.Wait()
	return c.glass()
}

func (c *clinic) glass() display.Scene {
	c.t.Helper()
	s, err := c.Desk().Screens().Scene(display.Device{ID: "d_1", Desk: "front"})
	must(c.t, err)
	if s.QRSVG == "" {
		return s
	}
	v := c.reread(visit.Visit{ID: id.Visit(s.Visit)})
	if c.amountOf(s.URL) != v.Due() {
		c.t.Errorf("R30: the display shows a link for %d, %d is due", c.amountOf(s.URL), v.Due())
	}
	return s
}

// amountOf is what a link asks for by our books, -1 if it isn't open.
func (c *clinic) amountOf(url string) int64 {
	c.t.Helper()
	open, err := c.Desk().WatchedLinks("")
	must(c.t, err)
	for _, h := range open {
		if h.URL == url && h.State == visit.Standing {
			return h.Amount
		}
	}
	return -1
}

// opens is a client who scans what the display shows.
func (c *clinic) opens(s display.Scene) (page string) {
	c.t.Helper()
	open, err := c.Desk().WatchedLinks("")
	must(c.t, err)
	for _, h := range open {
		if h.URL == s.URL {
			page, err = c.company.Open(h.Link)
			must(c.t, err)
			return page
		}
	}
	c.t.Fatalf("the display shows nothing that opens: %s %q", s.Kind, s.URL)
	return ""
}

func (c *clinic) pays(page string) {
	c.t.Helper()
	must(c.t, c.company.Pay(page))
}

func (c *clinic) edits(v visit.Visit, price int64) error {
	c.t.Helper()
	v, err := c.Desk().Visit(boss, v.ID)
	if err != nil {
		return err
	}
	lines := slices.Clone(v.Lines)
	if lines[0].UnitPrice == price {
		return nil // it was done before the power went
	}
	lines[0].UnitPrice = price
	_, err = c.EditVisit(c.t.Context(), boss, v.ID, v.Version, visit.Patch{Lines: &lines})
	return err
}

// booked holds the ledger against the company's books, each payment once
// (R18, R20).
func (c *clinic) booked() (sum int64) {
	c.t.Helper()
	all, _, err := c.Desk().Payments(boss, desk.PaymentQuery{})
	must(c.t, err)
	seen := map[string]int64{}
	for _, e := range all {
		if e.Method == "link" {
			seen[e.ProviderPayment] += e.Amount
			sum += e.Amount
		}
	}
	paid := c.company.Paid()
	for which, amount := range paid {
		if seen[which] != amount {
			c.t.Errorf("R20: payment %s of %d is booked with %d", which, amount, seen[which])
		}
	}
	if len(seen) != len(paid) {
		c.t.Errorf("R18: %d payments are booked, there were %d", len(seen), len(paid))
	}
	return sum
}

func (c *clinic) raised() (kinds []string) {
	c.t.Helper()
	list, err := c.Desk().Attention(boss)
	must(c.t, err)
	for _, a := range list {
		kinds = append(kinds, a.Kind)
	}
	slices.Sort(kinds)
	return kinds
}

// waits is what the visit's link waits for.
func (c *clinic) waits(v visit.Visit) string {
	c.t.Helper()
	l, err := c.Desk().Link(boss, v.ID)
	must(c.t, err)
	return l.Waits
}

// atCommit cuts the power at a commit from now.
func (c *clinic) atCommit(n int, stage store.Stage) {
	c.mains.stage.Store(int64(stage))
	c.mains.armed.Store(int64(n))
}
