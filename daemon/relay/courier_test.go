package relay_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/notify"
	"countersign/daemon/notify/notifytest"
	"countersign/daemon/provider"
	"countersign/daemon/relay"
	"countersign/daemon/visit"
	"countersign/store"
)

// office is a salon that sends, whose power can be cut. What was sent stays
// sent over a restart.
type office struct {
	*desk.Desk
	t     *testing.T
	path  string
	db    *store.DB
	mail  *notifytest.Mailbox
	phone *notifytest.Mailbox
	log   *bytes.Buffer
	mu    sync.Mutex
	cutIn int         // commits until the power is cut; 0: never
	at    store.Stage // on which side of the commit
	stop  func()
}

var errCut = errors.New("the power is cut")

func newOffice(t *testing.T) *office {
	o := &office{t: t, path: filepath.Join(t.TempDir(), "store.db"), stop: func() {}, log: &bytes.Buffer{},
		mail: &notifytest.Mailbox{By: notify.Email}, phone: &notifytest.Mailbox{By: notify.SMS}}
	o.start()
	t.Cleanup(func() {
		o.halt()
		o.start()
		if problems, err := desk.Verify(o.db); err != nil || len(problems) > 0 {
			t.Errorf("verify: %v %v", problems, err)
		}
		o.halt()
	})
	return o
}

func (o *office) start() {
	o.t.Helper()
	db, err := store.Open(o.path, store.Options{Program: "countersign", Kinds: desk.Kinds(), NoSync: true, Fault: o.fault})
	if err != nil {
		o.t.Fatal(err)
	}
	o.db = db
	o.Desk = desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: "p", PublicURL: func() string { return "http://192.0.2.7" },
		Providers: map[string]provider.Provider{"p": &forgetful{}}, Senders: map[notify.Channel]notify.Sender{notify.Email: o.mail, notify.SMS: o.phone}})
}

func (o *office) fault(at store.Stage) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.cutIn == 0 || at != o.at {
		return nil
	}
	if o.cutIn--; o.cutIn == 0 {
		return errCut
	}
	return nil
}

// work lets the courier run until the office halts.
func (o *office) work() {
	ctx, cancel := context.WithCancel(o.t.Context())
	var running sync.WaitGroup
	courier := relay.NewCourier(o.Desk, zerolog.New(zerolog.SyncWriter(o.log)))
	running.Go(func() { _ = courier.Run(ctx) })
	o.stop = func() { cancel(); running.Wait() }
}

func (o *office) halt() {
	o.stop()
	o.stop = func() {}
	if err := o.db.Close(); err != nil {
		o.t.Error(err)
	}
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// bill is a visit whose client is on the provider's page.
func (o *office) bill(c visit.Client) (visit.Visit, provider.Session) {
	o.t.Helper()
	v, _, err := o.CreateVisit(boss, visit.Draft{Client: c, Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
	o.must(err)
	b, err := o.Begin(v.Token)
	o.must(err)
	jobs, _, err := o.DueJobs(1)
	o.must(err)
	w, ok, err := o.TakeJob(jobs[0].ID, time.Minute)
	if err != nil || !ok {
		o.t.Fatal("no job", err)
	}
	s := provider.Session{ID: "ses_" + string(b.Checkout), Reference: string(b.Checkout), URL: "https://pay.example/x", Status: provider.Open,
		Amount: w.Request.Amount, Currency: w.Request.Currency}
	o.must(o.Answered(w.Task.ID, b.Checkout, s))
	return v, s
}

// pays has the provider say that a session was paid: an event of its own each time.
func (o *office) pays(s provider.Session, event string) error {
	s.Status, s.Payment = provider.Paid, "pay_"+s.ID
	return o.Confirm("p", []provider.Event{{ID: event, Type: "session.paid", At: time.Now(), Session: s}}, event)
}

func (o *office) deliveries(v visit.Visit) []desk.Delivery {
	o.t.Helper()
	list, err := o.Deliveries(boss, v.ID)
	o.must(err)
	return list
}

func anna() visit.Client {
	return visit.Client{Name: "Anna Kovács", Email: "anna@example.com", Phone: "+36201234567", Language: "de"}
}

func inOffice(t *testing.T, test func(t *testing.T, o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newOffice(t)) })
}

// R18, R24: one payment is one receipt by each channel, however often and by
// whatever way it is confirmed.
func TestR24OneReceiptHoweverOftenConfirmed(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		v, s := o.bill(anna())
		o.work()
		for _, event := range []string{"ev_1", "ev_1", "ev_2"} {
			o.must(o.pays(s, event))
		}
		s.Status, s.Payment = provider.Paid, "pay_"+s.ID
		o.must(o.Looked("p", s))
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		mail, phone := o.mail.Got(), o.phone.Got()
		if len(mail) != 1 || len(phone) != 1 {
			t.Fatalf("%d letters, %d texts", len(mail), len(phone))
		}
		link := "http://192.0.2.7/p/" + string(v.Token)
		if m := mail[0]; m.To != "anna@example.com" || m.Language != "de" || !strings.Contains(m.Text, link) || !strings.Contains(m.Subject, "25,00") {
			t.Errorf("%+v", m)
		}
		if m := phone[0]; m.To != "+36201234567" || !strings.Contains(m.Text, link) {
			t.Errorf("%+v", m)
		}
		for _, x := range o.deliveries(v) {
			if x.State != desk.DeliverySent || x.Reason != "" {
				t.Errorf("%+v", x)
			}
		}
	})
}

// R24, R26, R41: with the power cut at any commit, on either side of it, a
// receipt is sent at most once, and is never forgotten.
func TestR41ReceiptOverPowerCuts(t *testing.T) {
	for _, side := range []store.Stage{store.BeforeCommit, store.AfterCommit} {
		for n := 1; ; n++ {
			cut := false
			inOffice(t, func(t *testing.T, o *office) {
				v, s := o.bill(anna())
				o.mu.Lock()
				o.cutIn, o.at = n, side
				o.mu.Unlock()
				o.work()
				_ = o.pays(s, "ev_1")
				time.Sleep(time.Minute)
				synctest.Wait()
				o.halt()
				o.mu.Lock()
				cut, o.cutIn = o.cutIn == 0, 0
				o.mu.Unlock()
				o.start()
				o.work()
				o.must(o.pays(s, "ev_1")) // the provider says it until it was heard
				time.Sleep(time.Hour)
				synctest.Wait()
				o.settled(v, n, side)
			})
			if !cut {
				if n < 4 {
					t.Errorf("only %d commits were cut", n-1)
				}
				break
			}
		}
	}
}

// settled wants one delivery by each channel, whose state is what happened.
func (o *office) settled(v visit.Visit, n int, side store.Stage) {
	o.t.Helper()
	got := map[notify.Channel]int{notify.Email: len(o.mail.Got()), notify.SMS: len(o.phone.Got())}
	list := o.deliveries(v)
	if len(list) != 2 {
		o.t.Errorf("cut %d/%v: %d deliveries", n, side, len(list))
	}
	for _, x := range list {
		sent := got[x.Channel]
		switch {
		case x.State == desk.DeliverySent && sent == 1:
		case x.State == desk.DeliveryUnclear && x.Reason == desk.WhyInterrupted && sent <= 1:
		default:
			o.t.Errorf("cut %d/%v: %s is %s (%s), and %d were sent", n, side, x.Channel, x.State, x.Reason, sent)
		}
	}
}

// R26: a server that is down is tried until it is back; the news is told once.
func TestR26ServerDownThenBack(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		o.mail.Set(notifytest.Down)
		v, s := o.bill(anna())
		o.work()
		o.must(o.pays(s, "ev_1"))
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		before, err := o.LastChange()
		o.must(err)
		if list := o.deliveries(v); list[0].State != desk.DeliveryQueued || list[0].Reason == "" {
			t.Errorf("%+v", list)
		}
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		if now, err := o.LastChange(); err != nil || now != before {
			t.Errorf("%d pieces of news in a night, %v", now-before, err)
		}
		o.mail.Set(nil)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if list := o.deliveries(v); list[0].State != desk.DeliverySent || len(o.mail.Got()) != 1 || len(o.phone.Got()) != 1 {
			t.Errorf("%+v", list)
		}
	})
}

// R26: how an attempt may end, and that what was given up is left alone.
func TestR26Ends(t *testing.T) {
	for name, c := range map[string]struct {
		mood  func(context.Context, bool) error
		state desk.DeliveryState
		sent  int
	}{
		"refused": {notifytest.Refusing, desk.DeliveryFailed, 0}, "down for days": {notifytest.Down, desk.DeliveryFailed, 0},
		"answer lost": {notifytest.Losing, desk.DeliveryUnclear, 1},
		"not ours":    {func(context.Context, bool) error { return errors.New("who knows") }, desk.DeliveryUnclear, 0},
		"hangs":       {func(ctx context.Context, _ bool) error { <-ctx.Done(); return ctx.Err() }, desk.DeliveryUnclear, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(t *testing.T, o *office) {
				o.mail.Set(c.mood)
				v, s := o.bill(visit.Client{Name: "Anna", Email: "anna@example.com"})
				o.work()
				o.must(o.pays(s, "ev_1"))
				time.Sleep(26 * time.Hour)
				synctest.Wait()
				list := o.deliveries(v)
				if len(list) != 1 || list[0].State != c.state || list[0].Reason == "" || len(o.mail.Got()) != c.sent {
					t.Errorf("%+v, %d sent", list, len(o.mail.Got()))
				}
				o.mail.Set(nil)
				time.Sleep(48 * time.Hour)
				synctest.Wait()
				if len(o.mail.Got()) != c.sent {
					t.Error("it was sent again by itself")
				}
				if text := o.log.String(); strings.Contains(text, "anna@") || strings.Contains(text, string(v.Token)) {
					t.Errorf("the log names the client: %s", text)
				}
			})
		})
	}
}

// R26: a mail server that hangs holds up neither texts nor payments' jobs.
func TestR26HangingServerHoldsUpNothing(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		o.mail.Set(func(ctx context.Context, _ bool) error {
			<-ctx.Done()
			return notify.Errorf(notify.Unavailable, "slow")
		})
		o.work()
		for range 20 {
			_, s := o.bill(visit.Client{Email: "anna@example.com"})
			o.must(o.pays(s, "ev_"+s.ID))
		}
		_, s := o.bill(visit.Client{Phone: "+36201234567"})
		o.must(o.pays(s, "ev_last"))
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if len(o.phone.Got()) != 1 {
			t.Error("the text waits for the letters")
		}
	})
}
