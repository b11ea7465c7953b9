package sandbox_test

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/sandbox"
)

// inbox is a salon's end of the hook. It answers with the statuses in turn,
// and with 204 when there are no more.
type inbox struct {
	mu       sync.Mutex
	got      []letter
	statuses []int
}

type letter struct {
	path, signature string
	at              time.Time
	body            []byte
}

// ServeHTTP takes a webhook.
func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, letter{r.URL.Path, r.Header.Get(sandbox.SignatureHeader), time.Now(), body})
	status := http.StatusNoContent
	if len(b.statuses) > 0 {
		status, b.statuses = b.statuses[0], b.statuses[1:]
	}
	w.WriteHeader(status)
}

func (b *inbox) all() []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]letter(nil), b.got...)
}

// withHook opens a server that tells an inbox.
func withHook(t *testing.T, b *inbox) *house {
	o := options()
	o.HookURL, o.HTTP = "http://salon.test/hooks/sandbox", &http.Client{Transport: providertest.Serve(t, b)}
	return open(t, o)
}

func (h *house) parse(t *testing.T, l letter) provider.Event {
	t.Helper()
	events, err := h.client.Parse(http.Header{sandbox.SignatureHeader: {l.signature}}, l.body, l.at)
	if err != nil || len(events) != 1 {
		t.Fatalf("the webhook %s: %v, %v", l.body, events, err)
	}
	return events[0]
}

func (h *house) delivery(t *testing.T, n int) sandbox.Delivery {
	t.Helper()
	all, err := h.Deliveries()
	if err != nil || len(all) <= n {
		t.Fatalf("deliveries: %v, %v", all, err)
	}
	return all[n]
}

func TestHookTellsWhatHappened(t *testing.T) { // R35
	synctest.Test(t, func(t *testing.T) {
		b := &inbox{}
		h := withHook(t, b)
		s := h.create(t)
		must(t)(h.Pay(s.ID))
		synctest.Wait()
		got := b.all()
		if len(got) != 2 || got[0].path != "/hooks/sandbox" {
			t.Fatalf("%d webhooks: %+v", len(got), got)
		}
		if e := h.parse(t, got[1]); e.Type != provider.EventPaid || e.Session.Status != provider.Paid {
			t.Errorf("told %+v", e)
		}
		if d := h.delivery(t, 1); d.State != "delivered" || d.Attempts != 1 || d.Status != http.StatusNoContent {
			t.Errorf("stored %+v", d)
		}
	})
}

func TestHookIsRetriedWithTheSameEvent(t *testing.T) { // R35
	synctest.Test(t, func(t *testing.T) {
		b := &inbox{statuses: []int{500, 302, 503}}
		h := withHook(t, b)
		h.create(t)
		synctest.Wait()
		if d := h.delivery(t, 0); d.State != "pending" || d.Status != 500 || d.Problem == "" {
			t.Errorf("after the first attempt: %+v", d)
		}
		time.Sleep(10 * time.Minute)
		got := b.all()
		if len(got) != 4 {
			t.Fatalf("%d attempts", len(got))
		}
		// Each attempt is signed anew, or a late one would be too old.
		first, last := h.parse(t, got[0]), h.parse(t, got[3])
		if first.ID != last.ID || got[0].signature == got[3].signature {
			t.Errorf("events %s and %s, signatures %s and %s", first.ID, last.ID, got[0].signature, got[3].signature)
		}
		if d := h.delivery(t, 0); d.State != "delivered" || d.Attempts != 4 {
			t.Errorf("stored %+v", d)
		}
	})
}

func TestHookIsGivenUpAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &inbox{}
		for range 100 {
			b.statuses = append(b.statuses, 500)
		}
		h := withHook(t, b)
		must(t)(h.Pay(h.create(t).ID))
		time.Sleep(72 * time.Hour)
		if d := h.delivery(t, 0); d.State != "failed" || d.Attempts != 12 || d.Problem == "" {
			t.Errorf("stored %+v", d)
		}
		if n := len(b.all()); n != 24 {
			t.Errorf("%d attempts for two events", n)
		}
	})
}

func TestHookFaults(t *testing.T) { // R36
	synctest.Test(t, func(t *testing.T) {
		b := &inbox{}
		h := withHook(t, b)
		h.SetFaults(sandbox.Faults{Drop: 1})
		s := h.create(t)
		time.Sleep(time.Hour / 2)
		if d := h.delivery(t, 0); d.State != "dropped" || len(b.all()) != 0 {
			t.Errorf("not dropped: %+v", d)
		}
		h.SetFaults(sandbox.Faults{Repeat: 1, Delay: time.Minute})
		must(t)(h.Pay(s.ID))
		synctest.Wait()
		if len(b.all()) != 0 {
			t.Error("not delayed")
		}
		time.Sleep(2 * time.Minute)
		got := b.all()
		if len(got) != 3 || h.parse(t, got[0]).ID != h.parse(t, got[2]).ID {
			t.Errorf("not repeated: %d webhooks", len(got))
		}
	})
}

func TestHookCanBeOvertaken(t *testing.T) { // R36
	synctest.Test(t, func(t *testing.T) {
		b := &inbox{}
		h := withHook(t, b)
		h.SetFaults(sandbox.Faults{Reorder: .5})
		var told []string
		for i := range 8 {
			q := request()
			q.Key = string(rune('a' + i))
			s, err := h.client.Create(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			told = append(told, s.ID)
		}
		time.Sleep(time.Minute)
		same := 0
		for i, l := range b.all() {
			if h.parse(t, l).Session.ID == told[i] {
				same++
			}
		}
		if len(b.all()) != len(told) || same == len(told) {
			t.Errorf("%d of %d in order", same, len(told))
		}
	})
}

func TestSetHookWakesWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &inbox{statuses: []int{500}}
		h := withHook(t, b)
		h.create(t)
		synctest.Wait()
		h.SetHook("")
		time.Sleep(time.Hour)
		if n := len(b.all()); n != 1 {
			t.Fatalf("%d webhooks to nowhere", n)
		}
		h.SetHook("http://salon.test/elsewhere")
		synctest.Wait()
		got := b.all()
		if len(got) < 2 || got[1].path != "/elsewhere" {
			t.Errorf("nothing at the new address: %+v", got)
		}
	})
}
