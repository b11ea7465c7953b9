package providertest

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"countersign/daemon/provider"
)

func hookTests() map[string]func(*testing.T, Rig) {
	return map[string]func(*testing.T, Rig){
		"R35 webhook, good":            hookGood,
		"R35 webhook, forged":          hookForged,
		"R35 webhook, old":             hookOld,
		"R35 webhook, other account":   hookElsewhere,
		"R35 webhook, re-encoded":      hookReencoded,
		"R35 webhook, signed nonsense": hookNonsense,
		"R35 webhook, not signed":      hookUnsigned,
	}
}

// hookBody pays a session, and gives the webhook that tells it.
func hookBody(t *testing.T, r Rig) (provider.Session, []byte) {
	t.Helper()
	s := mustPay(t, r, "1")
	return s, r.Hook.Body(s.ID)
}

func hookGood(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	s, body := hookBody(t, r)
	for _, at := range []time.Duration{0, -4 * time.Minute, 4 * time.Minute} {
		head, body := r.Hook.seal(r.Hook.Secret, time.Now().Add(at), body)
		events, err := r.Provider.Parse(head, body, time.Now())
		if err != nil || len(events) != 1 {
			t.Fatalf("signed %v from now: %v, %v", at, events, err)
		}
		if e := events[0]; e.Type != provider.EventPaid || !r.tells(e.Session, s) || e.ID == "" {
			t.Errorf("told %+v, is %+v", e, s)
		}
	}
	// Webhook and poll must tell one event by one id (R18).
	if r.Provider.Can().Events {
		polled, _ := drain(t, r, "", 50)
		head, body := r.Hook.seal(r.Hook.Secret, time.Now(), body)
		events, _ := r.Provider.Parse(head, body, time.Now())
		if len(events) != 1 || polled[events[0].ID].Type != provider.EventPaid {
			t.Errorf("the webhook's event %v is none of the list's %v", events, polled)
		}
	}
}

// tells is same, for a webhook: one that names the payment may know nothing
// of the page.
func (r Rig) tells(told, is provider.Session) bool {
	if r.Unnamed {
		told.URL, told.ExpiresAt, is.URL, is.ExpiresAt = "", time.Time{}, "", time.Time{}
		return told == is && told.Payment != ""
	}
	return told == is
}

// forgery is a webhook that nobody may believe.
type forgery struct {
	h    http.Header
	body []byte
}

func forgeries(h *Hook, body []byte) map[string]forgery {
	now := time.Now()
	forge := func(secret string, body []byte) forgery {
		head, body := h.seal(secret, now, body)
		return forgery{head, body}
	}
	good := forge(h.Secret, body)
	all := map[string]forgery{
		"other secret": forge(h.Secret+"x", body),
		"empty secret": forge("", body),
		"other amount": {good.h, bytes.Replace(good.body, []byte("2500"), []byte("9500"), 1)},
		"no signature": {http.Header{}, good.body},
		"empty body":   {good.h, nil},
		"long body":    {good.h, bytes.Repeat([]byte("x"), 4<<20)},
		"half a body":  {good.h, good.body[:len(good.body)/2]},
	}
	if h.Bare != nil {
		all["no signature"] = forgery{good.h, h.Bare(good.body)}
	}
	if !h.Fields {
		all["something after"] = forgery{good.h, append(bytes.Clone(good.body), '\n')}
	}
	return all
}

func hookForged(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	_, body := hookBody(t, r)
	for name, try := range forgeries(r.Hook, body) {
		events, err := r.Provider.Parse(try.h, try.body, time.Now())
		wantKind(t, name, err, provider.Forged)
		if len(events) > 0 {
			t.Errorf("%s: yet %v", name, events)
		}
	}
}

// hookOld: what was signed long ago is forged, or told by its id to be what
// was told then.
func hookOld(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	_, body := hookBody(t, r)
	h, sealed := r.Hook.seal(r.Hook.Secret, time.Now(), body)
	first, err := r.Provider.Parse(h, sealed, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(6 * time.Minute)
	again, err := r.Provider.Parse(h, sealed, time.Now())
	if r.Hook.Timeless {
		if err != nil || len(again) != len(first) || again[0].ID != first[0].ID || again[0].Session != first[0].Session {
			t.Errorf("six minutes later: %+v, %v, was %+v", again, err, first)
		}
		return
	}
	wantKind(t, "six minutes later", err, provider.Forged)
	h, sealed = r.Hook.seal(r.Hook.Secret, time.Now().Add(6*time.Minute), body)
	_, err = r.Provider.Parse(h, sealed, time.Now())
	wantKind(t, "from the future", err, provider.Forged)
}

func hookElsewhere(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Elsewhere == nil {
		return
	}
	_, body := hookBody(t, r)
	head, body := r.Hook.seal(r.Hook.Secret, time.Now(), r.Hook.Elsewhere(body))
	_, err := r.Provider.Parse(head, body, time.Now())
	wantKind(t, "another account's", err, provider.Forged)
}

// hookReencoded is a proxy that reads JSON and writes it again: the words are
// the same, the bytes are not. Where bytes are signed it is forged, and where
// fields are it says what it said.
func hookReencoded(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	_, body := hookBody(t, r)
	h, sealed := r.Hook.seal(r.Hook.Secret, time.Now(), body)
	spaced := bytes.Replace(sealed, []byte(`":`), []byte(`": `), 1)
	if bytes.Equal(spaced, sealed) {
		t.Fatal("the body is not what this test thinks it is")
	}
	events, err := r.Provider.Parse(h, spaced, time.Now())
	if !r.Hook.Fields {
		wantKind(t, "re-encoded", err, provider.Forged)
		return
	}
	first, _ := r.Provider.Parse(h, sealed, time.Now())
	if err != nil || len(events) != 1 || len(first) != 1 || events[0] != first[0] {
		t.Errorf("re-encoded: %+v, %v, was %+v", events, err, first)
	}
}

func hookNonsense(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	for _, body := range []string{"", "{", "null", "[]", "{}", `"paid"`, `{"id":7}`} {
		head, sealed := r.Hook.seal(r.Hook.Secret, time.Now(), []byte(body))
		events, err := r.Provider.Parse(head, sealed, time.Now())
		if err == nil || len(events) > 0 {
			t.Errorf("%q signed: %v, %v", body, events, err)
		}
	}
}

// hookUnsigned: anybody can send what nobody signs, so that it says no more
// than whom to ask after.
func hookUnsigned(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign != nil {
		return
	}
	s, body := hookBody(t, r)
	events, err := r.Provider.Parse(http.Header{}, body, time.Now())
	if err != nil || len(events) != 1 {
		t.Fatalf("%v, %v", events, err)
	}
	if want := (provider.Event{Type: provider.EventHint, Session: provider.Session{ID: s.ID}}); events[0] != want {
		t.Errorf("told %+v, want no more than %+v", events[0], want)
	}
	for _, body := range []string{"", "{", "null", "[]", "{}", `"paid"`, `{"id":7}`} {
		if events, err := r.Provider.Parse(http.Header{}, []byte(body), time.Now()); err == nil || len(events) > 0 {
			t.Errorf("%q: %v, %v", body, events, err)
		}
	}
}
