package daemon_test

import (
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

// paying is a salon with a client on the provider's page, after the block.
func paying(t *testing.T, then func(w *world, v visit.Visit)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, 1)
		defer w.close()
		w.furnish()
		w.glass = w.hang()
		time.Sleep(2 * time.Second)
		w.book()
		v, err := w.d.Desk().Visit(access.System(), w.visits[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.d.OpenLink(t.Context(), v.Token); err != nil {
			t.Fatal(err)
		}
		time.Sleep(16 * time.Minute)
		if v, err = w.d.Desk().Visit(access.System(), v.ID); err != nil {
			t.Fatal(err)
		}
		then(w, v)
	})
}

func (w *world) checkoutState(v visit.Visit) visit.State {
	w.t.Helper()
	c, err := w.d.Desk().LastCheckout(v.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.State
}

// R15: what is refused, or was done before, leaves the client's page alone.
func TestR15RefusedChangesCancelNothing(t *testing.T) {
	paying(t, func(w *world, v visit.Visit) {
		for name, change := range map[string]func() error{
			"too much cash": func() error {
				_, err := w.d.TakePayment(w.t.Context(), access.System(), v.ID, desk.Taking{Method: "cash", Amount: v.Total() * 10}, desk.Key{})
				return err
			},
			"no such method": func() error {
				_, err := w.d.TakePayment(w.t.Context(), access.System(), v.ID, desk.Taking{Method: "barter", Amount: 1}, desk.Key{})
				return err
			},
			"a stale edit": func() error {
				_, err := w.d.EditVisit(w.t.Context(), access.System(), v.ID, v.Version+7, visit.Patch{Lines: &[]visit.Line{}})
				return err
			},
			"nobody's right": func() error {
				_, err := w.d.TakePayment(w.t.Context(), access.Actor{}, v.ID, desk.Taking{Method: "cash", Amount: 1}, desk.Key{})
				return err
			},
		} {
			if err := change(); err == nil || w.checkoutState(v) != visit.Open {
				w.t.Errorf("%s: %v, and the checkout is %s", name, err, w.checkoutState(v))
			}
		}
	})
}

// R15: an edit that leaves the amount as it is cancels nothing.
func TestR15SameAmountCancelsNothing(t *testing.T) {
	paying(t, func(w *world, v visit.Visit) {
		if _, err := w.d.EditVisit(w.t.Context(), access.System(), v.ID, v.Version, visit.Patch{Lines: &v.Lines}); err != nil || w.checkoutState(v) != visit.Open {
			w.t.Errorf("%v, and the checkout is %s", err, w.checkoutState(v))
		}
	})
}

// R15: a payment that was taken before, asked for again by the same key, is
// answered, and a checkout that was opened since stays.
func TestR15RepeatedPaymentCancelsNothing(t *testing.T) {
	paying(t, func(w *world, v visit.Visit) {
		key := desk.Key{Value: "k", Hash: "h"}
		take := func() error {
			_, err := w.d.TakePayment(w.t.Context(), access.System(), v.ID, desk.Taking{Method: "cash", Amount: 100}, key)
			return err
		}
		if err := take(); err != nil || w.checkoutState(v) != visit.Cancelled {
			w.t.Fatalf("%v, and the checkout is %s", err, w.checkoutState(v))
		}
		if _, err := w.d.OpenLink(w.t.Context(), v.Token); err != nil {
			w.t.Fatal(err)
		}
		time.Sleep(16 * time.Minute)
		if err := take(); err != nil || w.checkoutState(v) != visit.Open {
			w.t.Errorf("%v, and the checkout is %s", err, w.checkoutState(v))
		}
	})
}
