package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/daemon/fiscal"
	"countersign/daemon/fiscal/fiscaltest"
	"countersign/daemon/fiscal/gateway"
)

const token = "tk_device"

// device is a fiscal device's local service, as its contract has it.
type device struct {
	t    *testing.T
	mu   sync.Mutex
	mood fiscaltest.Mood
	by   map[string]fiscal.Record
	body map[string]string
}

func (d *device) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mood == fiscaltest.Away {
		panic(http.ErrAbortHandler)
	}
	text, err := io.ReadAll(r.Body)
	key := r.Header.Get("Idempotency-Key")
	if err != nil || r.Method != http.MethodPost || key == "" || r.Header.Get("Authorization") != "Bearer "+token {
		d.t.Errorf("asked %s with %v: %v", r.Method, r.Header, err)
	}
	switch {
	case d.mood == fiscaltest.Busy:
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case d.mood == fiscaltest.Strict:
		say(w, http.StatusUnprocessableEntity, map[string]string{"error": "the day is not open"})
		return
	case d.by[key].Number != "" && d.body[key] != string(text):
		say(w, http.StatusConflict, map[string]string{"error": "another receipt has this key"})
		return
	}
	record := d.register(key, string(text))
	switch d.mood {
	case fiscaltest.Deaf:
		panic(http.ErrAbortHandler)
	case fiscaltest.Garbled:
		_, _ = io.WriteString(w, "<html>")
		return
	}
	say(w, http.StatusOK, record)
}

func (d *device) register(key, text string) fiscal.Record {
	if _, ok := d.by[key]; !ok {
		d.by[key] = fiscal.Record{Number: fmt.Sprint(4711 + len(d.by)), Code: "abc", URL: "https://tax.example/v?n=1", At: time.Now().UTC()}
		d.body[key] = text
	}
	return d.by[key]
}

func say(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (d *device) set(m fiscaltest.Mood) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mood = m
}

func open(t *testing.T) (*device, fiscal.Device) {
	d := &device{t: t, by: map[string]fiscal.Record{}, body: map[string]string{}}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	return d, at(t, server.URL+"/receipts")
}

func at(t *testing.T, address string) fiscal.Device {
	t.Helper()
	g, err := gateway.New(gateway.Config{URL: address, Token: token, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestDevice holds the gateway to what every fiscal device is held to (R24).
func TestDevice(t *testing.T) {
	fiscaltest.Run(t, func(t *testing.T) fiscaltest.Rig {
		d, g := open(t)
		return fiscaltest.Rig{Device: g, Set: d.set, Registered: func() map[string]string {
			d.mu.Lock()
			defer d.mu.Unlock()
			list := map[string]string{}
			for key, r := range d.by {
				list[key] = r.Number
			}
			return list
		}}
	})
}

// R24: the body is the contract's, and the key is told in its header alone.
func TestR24Body(t *testing.T) {
	d, g := open(t)
	receipt := fiscaltest.Sample("a")
	receipt.Lines = receipt.Lines[:1]
	receipt.Amount = 1500
	if _, err := g.Register(t.Context(), receipt); err != nil {
		t.Fatal(err)
	}
	const want = `{"kind":"sale","original":"","payment":"p_a","at":"2026-11-22T10:30:00Z","location":"Studio Lumen","method":"cash",` +
		`"register":"cash","currency":"EUR","amount":1500,"lines":[{"name":"Schnitt \u0026 Föhnen","kind":"service","quantity":1,"amount":1500,"tax_system":"standard"}]}`
	if d.body["fiscal-a"] != want {
		t.Errorf("sent %s", d.body["fiscal-a"])
	}
}

// answers is a server that answers everything the same.
func answers(t *testing.T, status int, header, body string) fiscal.Device {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return at(t, server.URL)
}

// R24, R41: an answer that isn't the contract's is never taken for a number.
func TestR24Answers(t *testing.T) {
	for name, c := range map[string]struct {
		status       int
		header, body string
		want         fiscal.ErrorKind
		after        time.Duration
	}{
		"no number":      {200, "", `{"code":"abc"}`, fiscal.Unclear, 0},
		"number is one":  {200, "", `{"number":4711}`, fiscal.Unclear, 0},
		"two answers":    {200, "", `{"number":"1"}{"number":"2"}`, fiscal.Unclear, 0},
		"unprintable":    {200, "", `{"number":"1\n2"}`, fiscal.Unclear, 0},
		"script address": {200, "", `{"number":"1","url":"javascript:alert(1)"}`, fiscal.Unclear, 0},
		"too long":       {200, "", `{"number":"1","code":"` + strings.Repeat("x", 100<<10) + `"}`, fiscal.Unclear, 0},
		"long code":      {200, "", `{"number":"1","code":"` + strings.Repeat("x", 2000) + `"}`, fiscal.Unclear, 0},
		"nothing":        {204, "", "", fiscal.Unclear, 0},
		"redirect":       {302, "Location: http://192.0.2.1/", "", fiscal.Unclear, 0},
		"500":            {500, "", "", fiscal.Unclear, 0},
		"502":            {502, "", "<html>", fiscal.Unclear, 0},
		"429":            {429, "Retry-After: 5", "", fiscal.Unavailable, 5 * time.Second},
		"far too late":   {503, "Retry-After: 999999", "", fiscal.Unavailable, time.Hour},
		"401":            {401, "", "", fiscal.Refused, 0},
		"422":            {422, "", `{"error":"no paper"}`, fiscal.Refused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answers(t, c.status, c.header, c.body).Register(t.Context(), fiscaltest.Sample("a"))
			if fiscal.KindOf(err) != c.want || got != (fiscal.Record{}) {
				t.Fatalf("%+v, %v; want %v", got, err, c.want)
			}
			if e := err.(*fiscal.Error); e.RetryAfter != c.after || strings.Contains(err.Error(), token) {
				t.Errorf("after %v: %v", e.RetryAfter, err)
			}
		})
	}
}

// R24: what a device leaves out is left out.
func TestR24ShortAnswer(t *testing.T) {
	got, err := answers(t, 201, "", `{"number":"1","extra":true}`).Register(t.Context(), fiscaltest.Sample("a"))
	if err != nil || got != (fiscal.Record{Number: "1"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// R41: a device that hangs is given up, and may have registered.
func TestR41Silence(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	g, err := gateway.New(gateway.Config{URL: server.URL, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Register(t.Context(), fiscaltest.Sample("a")); fiscal.KindOf(err) != fiscal.Unclear || strings.Contains(err.Error(), server.URL) {
		t.Error(err)
	}
}

func TestAddress(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:9001", "ftp://a/", "http://", "https://me:secret@a/", "http://a/#x"} {
		if _, err := gateway.New(gateway.Config{URL: bad}); err == nil {
			t.Errorf("%q was taken", bad)
		} else if strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
}
