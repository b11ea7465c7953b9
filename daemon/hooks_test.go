package daemon_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/provider/sandbox"
	"countersign/daemon/provider/sumup/sumuptest"
	"countersign/daemon/visit"
)

// letters are a provider's webhooks: how they are signed, and what makes one
// another account's, or the other mode's.
type letters struct {
	secret          string
	fields          bool // the signature is over fields, without a time, in whatever JSON they stand
	body            func(session string) []byte
	seal            func(secret string, at time.Time, body []byte) (http.Header, []byte)
	elsewhere, mode [2]string // what is replaced by what
}

// letter is one that is sent, and how it is answered.
type letter struct {
	method string
	head   http.Header
	body   []byte
	status int
}

// bad are webhooks that change nothing, made of one that would.
func (l *letters) bad(body []byte) map[string]letter {
	now := time.Now()
	sealed := func(secret string, at time.Time, body []byte) letter {
		head, body := l.seal(secret, at, body)
		return letter{http.MethodPost, head, body, http.StatusBadRequest}
	}
	// another body under a signature that fits the first one
	under := func(other func([]byte) []byte) letter {
		x := sealed(l.secret, now, body)
		x.body = other(x.body)
		return x
	}
	swap := func(by [2]string) []byte { return bytes.Replace(body, []byte(by[0]), []byte(by[1]), -1) }
	all := map[string]letter{
		"forged":         sealed(strings.Repeat("ab", 32), now, body),
		"tampered":       under(func(b []byte) []byte { return bytes.Replace(b, []byte("2500"), []byte("2501"), -1) }),
		"unsigned":       {http.MethodPost, http.Header{}, bytes.ReplaceAll(body, []byte("hmacSignature"), []byte("hmac")), http.StatusBadRequest},
		"empty":          under(func([]byte) []byte { return nil }),
		"too large":      {http.MethodPost, http.Header{}, bytes.Repeat([]byte(" "), 2<<20), http.StatusRequestEntityTooLarge},
		"gzip":           under(zipped),
		"read":           {http.MethodGet, http.Header{}, nil, http.StatusMethodNotAllowed},
		"of another":     sealed(l.secret, now, bytes.Replace(body, []byte(l.elsewhere[0]), []byte(l.elsewhere[1]), map[bool]int{true: -1, false: 1}[l.fields])),
		"a part of it":   under(func(b []byte) []byte { return b[:len(b)/2] }),
		"with a comment": under(func(b []byte) []byte { return append(b, "//"...) }),
	}
	if l.mode[0] != "" {
		all["of the other mode"] = sealed(l.secret, now, swap(l.mode))
	}
	if !l.fields {
		all["old"] = sealed(l.secret, now.Add(-6*time.Minute), body)
		all["from the future"] = sealed(l.secret, now.Add(6*time.Minute), body)
		all["encoded anew"] = under(anew)
		all["with a space"] = under(func(b []byte) []byte { return append(b, ' ') })
	}
	return all
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// anew says the same in other bytes: fields in another order, and indented.
func anew(b []byte) []byte {
	var v any
	if json.Unmarshal(b, &v) != nil {
		return b
	}
	out, _ := json.MarshalIndent(v, "", "  ")
	return out
}

// send posts a webhook to the whole daemon.
func (w *world) send(x letter) int {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), x.method, "http://countersign/hooks/"+w.at.name, bytes.NewReader(x.body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header = x.head
	got, err := w.net.client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer got.Body.Close()
	_, _ = io.Copy(io.Discard, got.Body)
	return got.StatusCode
}

func (w *world) dump() string {
	w.t.Helper()
	var b strings.Builder
	if err := w.d.Dump(&b); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}

// unpaid is a client on a provider's page who owes 25.00.
func (w *world) unpaid() (visit.Visit, string) {
	w.t.Helper()
	v, _, err := w.d.Desk().CreateVisit(access.System(), visit.Draft{Lines: []visit.Line{{Kind: visit.Service, Name: "Cut", Quantity: 1, UnitPrice: 2500}}}, desk.Key{})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.at.follow != nil {
		l, err := w.d.Link(w.t.Context(), access.System(), v.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		session, err := w.at.follow(l.URL)
		if err != nil {
			w.t.Fatal(err)
		}
		return v, session
	}
	if _, err := w.d.OpenLink(w.t.Context(), v.Token); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
	c, err := w.d.Desk().LastCheckout(v.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return v, c.Session
}

// inDay runs a test on a quiet day at a provider.
func inDay(t *testing.T, at string, test func(t *testing.T, w *world)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorldAt(t, at, dir, 1)
		defer time.Sleep(time.Second) // net/http takes its time with who sends too much
		defer w.close()
		w.furnish()
		if w.sandbox != nil {
			w.sandbox.SetFaults(sandbox.Faults{Drop: 1}) // the test delivers by itself
		}
		time.Sleep(time.Minute)
		test(t, w)
	})
}

// R18, R35, R39: a webhook that isn't the provider's own word to this account,
// now and as it stands, changes nothing; the one that is books once.
func TestR39HooksThatChangeNothing(t *testing.T) {
	for at := range companies() {
		t.Run(at, func(t *testing.T) {
			inDay(t, at, func(t *testing.T, w *world) {
				if w.at.hook == nil {
					return // it sends none, or only hints
				}
				v, session := w.unpaid()
				if err := w.at.pay(session); err != nil {
					t.Fatal(err)
				}
				l := w.at.hook
				body := l.body(session) // of a payment that no poll has read yet
				before := w.dump()
				for name, x := range l.bad(body) {
					if got := w.send(x); got != x.status || w.dump() != before {
						t.Errorf("%s: answered %d, want %d; changed something: %v", name, got, x.status, w.dump() != before)
					}
				}
				head, good := l.seal(l.secret, time.Now(), body)
				head.Set("Content-Type", "text/html") // which nobody reads
				if got := w.send(letter{http.MethodPost, head, good, 0}); got != http.StatusOK || w.dump() == before {
					t.Errorf("a good one: %d", got)
				}
				synctest.Wait()
				after := w.dump()
				if l.fields {
					good = anew(good)
				}
				for range 3 {
					if got := w.send(letter{http.MethodPost, head, good, 0}); got != http.StatusOK || w.dump() != after {
						t.Errorf("replayed: %d", got)
					}
				}
				time.Sleep(time.Hour)
				if v, err := w.d.Desk().Visit(access.System(), v.ID); err != nil || v.Paid != 2500 {
					t.Errorf("paid %d, %v", v.Paid, err)
				}
				w.conserve()
				w.failed()
			})
		})
	}
}

// R35: where nobody signs webhooks, one makes the daemon ask, and books nothing.
func TestR35HintsBookNothing(t *testing.T) {
	inDay(t, "sumup", func(t *testing.T, w *world) {
		v, session := w.unpaid()
		before := w.dump()
		for name, x := range map[string]letter{
			"of an unpaid page": {http.MethodPost, http.Header{}, sumuptest.Hint(session), http.StatusOK},
			"of nobody's page":  {http.MethodPost, http.Header{}, sumuptest.Hint("none"), http.StatusOK},
			"that says paid": {http.MethodPost, http.Header{}, []byte(`{"event_type":"CHECKOUT_STATUS_CHANGED","id":"` + session + `","status":"PAID","amount":25}`),
				http.StatusOK},
			"nonsense":  {http.MethodPost, http.Header{}, []byte("{"), http.StatusBadRequest},
			"too large": {http.MethodPost, http.Header{}, bytes.Repeat([]byte(" "), 2<<20), http.StatusRequestEntityTooLarge},
			"read":      {http.MethodGet, http.Header{}, nil, http.StatusMethodNotAllowed},
		} {
			if got := w.send(x); got != x.status || w.dump() != before {
				t.Errorf("%s: answered %d, want %d; changed something: %v", name, got, x.status, w.dump() != before)
			}
		}
		if err := w.at.pay(session); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := w.send(letter{http.MethodPost, http.Header{}, sumuptest.Hint(session), 0}); got != http.StatusOK {
				t.Errorf("a hint: %d", got)
			}
		}
		if v, err := w.d.Desk().Visit(access.System(), v.ID); err != nil || v.Paid != 2500 {
			t.Errorf("paid %d, %v", v.Paid, err)
		}
	})
}
