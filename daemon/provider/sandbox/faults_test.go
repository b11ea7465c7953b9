package sandbox_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
)

func wantKind(t *testing.T, what string, err error, want provider.ErrorKind) {
	t.Helper()
	if got := provider.KindOf(err); got != want {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestFaultsOfCreate(t *testing.T) { // R36
	for name, try := range map[string]struct {
		faults sandbox.Faults
		kind   provider.ErrorKind
		exists bool
	}{
		"timeout after success": {sandbox.Faults{TimeoutAfterSuccess: 1}, provider.Unclear, true},
		"silence after success": {sandbox.Faults{TimeoutAfterSuccess: 1, Hang: true}, provider.Unclear, true},
		"timeout before":        {sandbox.Faults{TimeoutBefore: 1}, provider.Unclear, false},
		"silence before":        {sandbox.Faults{TimeoutBefore: 1, Hang: true}, provider.Unclear, false},
		"rate limit":            {sandbox.Faults{RateLimit: 1}, provider.Unavailable, false},
		"creates fail":          {sandbox.Faults{FailCreates: 1}, provider.Refused, false},
		"garbage":               {sandbox.Faults{Garbage: 1}, provider.Unclear, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				h.SetFaults(try.faults)
				_, err := h.client.Create(t.Context(), request())
				wantKind(t, "create", err, try.kind)
				h.SetFaults(sandbox.Faults{})
				_, err = h.client.Find(t.Context(), "r1")
				if exists := err == nil; exists != try.exists {
					t.Errorf("found: %v", err)
				}
			})
		})
	}
}

func TestFault500HappensBeforeAndAfter(t *testing.T) { // R36
	inBubble(t, func(t *testing.T, h *house) {
		made := 0
		for _, k := range strings.Split("abcdefghij", "") {
			h.SetFaults(sandbox.Faults{Error500: 1})
			q := request()
			q.Key, q.Reference = k, k
			_, err := h.client.Create(t.Context(), q)
			wantKind(t, "create", err, provider.Unclear)
			h.SetFaults(sandbox.Faults{})
			if _, err := h.client.Find(t.Context(), k); err == nil {
				made++
			}
		}
		if made == 0 || made == 10 {
			t.Errorf("%d of 10 carried out", made)
		}
	})
}

func TestFaultRetryAfter(t *testing.T) { // R35
	inBubble(t, func(t *testing.T, h *house) {
		h.SetFaults(sandbox.Faults{RateLimit: 1, RetryAfter: 1500 * time.Millisecond})
		_, err := h.client.Events(t.Context(), "", 10)
		var e *provider.Error
		if !errors.As(err, &e) || e.RetryAfter != 2*time.Second {
			t.Errorf("%v", err)
		}
	})
}

func TestFaultOddStatusIsNeverAPayment(t *testing.T) { // R20
	inBubble(t, func(t *testing.T, h *house) {
		s := h.create(t)
		must(t)(h.Pay(s.ID))
		h.SetFaults(sandbox.Faults{OddStatus: 1})
		got, err := h.client.Look(t.Context(), s.ID)
		if err != nil || got.Status != provider.Unknown {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestFaultDelayLosesNothing: a delayed event holds back those after it, so a
// cursor never passes one that was not told.
func TestFaultDelayLosesNothing(t *testing.T) { // R35
	inBubble(t, func(t *testing.T, h *house) {
		h.SetFaults(sandbox.Faults{Delay: time.Hour})
		s := h.create(t)
		h.SetFaults(sandbox.Faults{})
		must(t)(h.Pay(s.ID))
		p, err := h.client.Events(t.Context(), "", 10)
		if err != nil || len(p.Events) != 0 || p.More {
			t.Fatalf("told too early: %+v, %v", p, err)
		}
		time.Sleep(time.Hour)
		p, err = h.client.Events(t.Context(), p.Cursor, 10)
		if err != nil || len(p.Events) < 2 {
			t.Errorf("lost: %+v, %v", p, err)
		}
	})
}

func TestFaultsOverHTTP(t *testing.T) { // R36
	inBubble(t, func(t *testing.T, h *house) {
		for body, want := range map[string]int{
			`{"delay_ms":1500,"drop":0.25,"hang":true}`: 200,
			`{"drop":2}`:      422,
			`{"drop":-1}`:     422,
			`{"delay_ms":-1}`: 422,
			`{`:               422,
		} {
			if res, _ := h.call(t, "POST", "/sandbox/v1/faults", key, body); res.StatusCode != want {
				t.Errorf("%s: %d", body, res.StatusCode)
			}
		}
		want := sandbox.Faults{Delay: 1500 * time.Millisecond, Drop: .25, Hang: true}
		if h.Faults() != want {
			t.Errorf("set %+v", h.Faults())
		}
		_, body := h.call(t, "GET", "/sandbox/v1/faults", key, "")
		var got sandbox.Faults
		if err := json.Unmarshal([]byte(body), &got); err != nil || got != want {
			t.Errorf("told %s, %v", body, err)
		}
	})
}

func TestCloseLetsHangingRequestsGo(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.SetFaults(sandbox.Faults{TimeoutBefore: 1, Hang: true})
		answer := make(chan error, 1)
		go func() {
			_, err := h.client.Look(t.Context(), "x")
			answer <- err
		}()
		synctest.Wait()
		start := time.Now()
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "look", <-answer, provider.Unavailable)
		if time.Since(start) > time.Second {
			t.Errorf("Close waited %v", time.Since(start))
		}
		_, err := h.client.Look(t.Context(), "x")
		wantKind(t, "after Close", err, provider.Unavailable)
	})
}

// call asks the server straight, without the client.
func (h *house) call(t *testing.T, method, path, bearer, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	return h.send(t, req)
}

func (h *house) send(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := h.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}
