package relay_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/fiscal"
	"countersign/daemon/ledger"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
)

// inFiscalTown runs a test in a bubble, with the sandbox as the fiscal device
// and the relay at work.
func inFiscalTown(t *testing.T, test func(t *testing.T, s *salon)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := found(t, func(c *sandbox.Client) []fiscal.Device { return []fiscal.Device{c} })
		s.work()
		test(t, s)
	})
}

// takes is cash at the desk for a new visit.
func (s *salon) takes(amount int64) ledger.Entry {
	s.t.Helper()
	e, err := s.TakePayment(boss, s.visit(amount).ID, desk.Taking{Method: "cash", Amount: amount}, desk.Key{})
	s.must(err)
	return e
}

// isFiscal wants the receipt of an entry to be in a state.
func (s *salon) isFiscal(e ledger.Entry, want desk.FiscalState) desk.Fiscal {
	s.t.Helper()
	f, ok, err := s.FiscalOf(e.ID)
	s.must(err)
	if !ok || f.State != want {
		s.t.Errorf("the receipt is %s (%s), want %s", f.State, f.Error, want)
	}
	return f
}

// numbers are what the device has registered, and of which payments.
func (s *salon) numbers() map[string]string {
	s.t.Helper()
	all, err := s.company.Receipts()
	s.must(err)
	list := map[string]string{}
	for _, r := range all {
		list[r.Receipt.Payment] = r.Number
	}
	if len(list) != len(all) {
		s.t.Errorf("a payment is registered twice: %v", all)
	}
	return list
}

// R24: money by link and at the desk is registered, and its payment says as what.
func TestR24Register(t *testing.T) {
	inFiscalTown(t, func(t *testing.T, s *salon) {
		_, link := s.paid(2500)
		time.Sleep(time.Second)
		cash := s.takes(1000)
		time.Sleep(time.Second)
		for i, e := range []ledger.Entry{link, cash} {
			f := s.isFiscal(e, desk.FiscalDone)
			if want := []string{"FS-000001", "FS-000002"}[i]; f.Record.Number != want || f.Record.Code == "" || s.numbers()[string(e.ID)] != want {
				t.Errorf("%+v, the device has %v", f.Record, s.numbers())
			}
		}
	})
}

// R24, R41: whatever an attempt was lost by, the receipt is registered once.
func TestR24RegisterInBadWeather(t *testing.T) {
	for name, storm := range map[string]providertest.Storm{
		"lost before": providertest.Unreachable,
		"lost after":  providertest.LostAnswer,
		"silence":     providertest.Silence,
		"500":         providertest.Answer(http.StatusInternalServerError, "", ""),
		"429":         providertest.Answer(http.StatusTooManyRequests, "", ""),
		"garbage":     providertest.Answer(http.StatusOK, "", "<html>"),
		"no number":   providertest.Answer(http.StatusOK, "", "{}"),
	} {
		t.Run(name, func(t *testing.T) {
			inFiscalTown(t, func(t *testing.T, s *salon) {
				s.once(storm)
				e := s.takes(1000)
				time.Sleep(time.Minute)
				s.isFiscal(e, desk.FiscalDone)
				if got := s.asked.since(); len(s.numbers()) != 1 || !slices.Equal(got, []string{"POST receipts", "POST receipts"}) {
					t.Errorf("the device has %v after %v", s.numbers(), got)
				}
			})
		})
	}
}

// R24, R41: a device that is away for hours is asked ever more seldom, its
// payment says why it waits, and all is registered once it is back.
func TestR24Outage(t *testing.T) {
	inFiscalTown(t, func(t *testing.T, s *salon) {
		s.weather.Set(providertest.Unreachable)
		cash := []ledger.Entry{s.takes(1000), s.takes(2000)}
		time.Sleep(3 * time.Hour)
		for _, e := range cash {
			if f := s.isFiscal(e, desk.FiscalQueued); f.Attempts < 5 || f.Error == "" {
				t.Errorf("%+v", f)
			}
		}
		if n := len(s.asked.since()); n > 150 {
			t.Errorf("asked %d times", n)
		}
		last, err := s.LastChange()
		s.must(err)
		time.Sleep(time.Hour)
		if now, _ := s.LastChange(); now != last {
			t.Errorf("%d changes with nothing new", now-last)
		}
		s.weather.Set(nil)
		time.Sleep(10 * time.Minute)
		for _, e := range cash {
			s.isFiscal(e, desk.FiscalDone)
		}
		if got := s.raised(); len(s.numbers()) != 2 || len(got) > 0 {
			t.Errorf("the device has %v, raised %v", s.numbers(), got)
		}
	})
}

// R24, R41: a daemon that ends between the attempt and the answer doesn't
// register twice.
func TestR24CrashBeforeTheAnswer(t *testing.T) {
	inFiscalTown(t, func(t *testing.T, s *salon) {
		s.stop()
		e := s.takes(1000)
		due, _, err := s.DueJobs(10)
		s.must(err)
		w, ok, err := s.TakeJob(due[0].ID, 20*time.Second)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		device, _ := s.FiscalDevice("sandbox")
		if _, err := device.Register(t.Context(), w.Receipt); err != nil {
			t.Fatal(err)
		}
		s.isFiscal(e, desk.FiscalQueued)
		s.work()
		time.Sleep(time.Second)
		s.isFiscal(e, desk.FiscalQueued) // it isn't repeated at once
		time.Sleep(time.Minute)
		if f := s.isFiscal(e, desk.FiscalDone); f.Record.Number != "FS-000001" || f.Attempts != 2 || len(s.numbers()) != 1 {
			t.Errorf("%+v, the device has %v", f, s.numbers())
		}
	})
}

// R24: what the device refuses stays failed and is raised, until somebody
// tries again.
func TestR24Refused(t *testing.T) {
	inFiscalTown(t, func(t *testing.T, s *salon) {
		s.company.SetFaults(sandbox.Faults{RefuseReceipts: 1})
		e := s.takes(1000)
		time.Sleep(time.Hour)
		if f := s.isFiscal(e, desk.FiscalFailed); f.Attempts != 1 || f.Error == "" {
			t.Errorf("%+v", f)
		}
		if got := s.raised(); !slices.Equal(got, []string{desk.FiscalNotMade}) {
			t.Errorf("raised %v", got)
		}
		s.company.SetFaults(sandbox.Faults{})
		_, err := s.RetryFiscal(boss, e.ID)
		s.must(err)
		time.Sleep(time.Second)
		s.isFiscal(e, desk.FiscalDone)
		if got := s.raised(); len(got) > 0 {
			t.Errorf("still raised %v", got)
		}
	})
}

// R24: a refund is registered after its sale, and names it, however long that
// takes.
func TestR24RefundAfterItsSale(t *testing.T) {
	inFiscalTown(t, func(t *testing.T, s *salon) {
		s.company.SetFaults(sandbox.Faults{RefuseReceipts: 1})
		sale := s.takes(1000)
		time.Sleep(time.Second)
		r, err := s.RefundPayment(boss, sale.ID, desk.Giving{Amount: 400, Reason: "as agreed"}, desk.Key{})
		s.must(err)
		s.company.SetFaults(sandbox.Faults{})
		time.Sleep(time.Hour)
		s.isFiscal(ledger.Entry{ID: r.ID}, desk.FiscalQueued)
		if len(s.numbers()) > 0 {
			t.Errorf("the device has %v", s.numbers())
		}
		_, err = s.RetryFiscal(boss, sale.ID)
		s.must(err)
		time.Sleep(time.Second)
		f := s.isFiscal(ledger.Entry{ID: r.ID}, desk.FiscalDone)
		if of := s.isFiscal(sale, desk.FiscalDone); f.Receipt.Original != of.Record.Number || f.Receipt.Kind != fiscal.Refund || f.Receipt.Amount != 400 {
			t.Errorf("%+v of %+v", f.Receipt, of.Record)
		}
	})
}

// mute is a device that says it has registered, and gives no number.
type mute struct{}

func (mute) Name() string { return "mute" }
func (mute) Register(context.Context, fiscal.Receipt) (fiscal.Record, error) {
	return fiscal.Record{}, nil
}

// R24: without a number nothing is registered.
func TestR24NoNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := found(t, func(*sandbox.Client) []fiscal.Device { return []fiscal.Device{mute{}} })
		s.work()
		e := s.takes(1000)
		time.Sleep(time.Minute)
		s.isFiscal(e, desk.FiscalQueued)
	})
}

// R24: many payments at once each get their own number.
func TestR24Together(t *testing.T) {
	inFiscalTown(t, func(t *testing.T, s *salon) {
		var running sync.WaitGroup
		for range 12 {
			running.Go(func() { s.takes(1000) })
		}
		running.Wait()
		time.Sleep(10 * time.Second)
		if n := len(s.numbers()); n != 12 {
			t.Errorf("%d registered", n)
		}
	})
}
