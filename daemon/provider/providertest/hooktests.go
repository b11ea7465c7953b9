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
		events, err := r.Provider.Parse(r.Hook.Sign(r.Hook.Secret, time.Now().Add(at), body), body, time.Now())
		if err != nil || len(events) != 1 {
			t.Fatalf("signed %v from now: %v, %v", at, events, err)
		}
		if e := events[0]; e.Type != provider.EventPaid || e.Session != s || e.ID == "" {
			t.Errorf("told %+v, is %+v", e, s)
		}
	}
	// Webhook and poll must tell one event by one id (R18).
	if r.Provider.Can().Events {
		polled, _ := drain(t, r, "", 50)
		events, _ := r.Provider.Parse(r.Hook.Sign(r.Hook.Secret, time.Now(), body), body, time.Now())
		if len(events) != 1 || polled[events[0].ID].Type != provider.EventPaid {
			t.Errorf("the webhook's event %v is none of the list's %v", events, polled)
		}
	}
}

func hookForged(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	_, body := hookBody(t, r)
	now := time.Now()
	good := r.Hook.Sign(r.Hook.Secret, now, body)
	more := bytes.Replace(body, []byte("2500"), []byte("9500"), 1)
	for name, try := range map[string]struct {
		h    http.Header
		body []byte
	}{
		"other secret":    {r.Hook.Sign(r.Hook.Secret+"x", now, body), body},
		"empty secret":    {r.Hook.Sign("", now, body), body},
		"other amount":    {good, more},
		"no signature":    {http.Header{}, body},
		"empty body":      {good, nil},
		"long body":       {good, bytes.Repeat([]byte("x"), 4<<20)},
		"half a body":     {good, body[:len(body)/2]},
		"something after": {good, append(bytes.Clone(body), '\n')},
	} {
		events, err := r.Provider.Parse(try.h, try.body, now)
		wantKind(t, name, err, provider.Forged)
		if len(events) > 0 {
			t.Errorf("%s: yet %v", name, events)
		}
	}
}

func hookOld(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	_, body := hookBody(t, r)
	h := r.Hook.Sign(r.Hook.Secret, time.Now(), body)
	time.Sleep(6 * time.Minute)
	_, err := r.Provider.Parse(h, body, time.Now())
	wantKind(t, "six minutes later", err, provider.Forged)
	h = r.Hook.Sign(r.Hook.Secret, time.Now().Add(6*time.Minute), body)
	_, err = r.Provider.Parse(h, body, time.Now())
	wantKind(t, "from the future", err, provider.Forged)
}

func hookElsewhere(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Elsewhere == nil {
		return
	}
	_, body := hookBody(t, r)
	body = r.Hook.Elsewhere(body)
	_, err := r.Provider.Parse(r.Hook.Sign(r.Hook.Secret, time.Now(), body), body, time.Now())
	wantKind(t, "another account's", err, provider.Forged)
}

// hookReencoded is a proxy that reads JSON and writes it again: the words are
// the same, the bytes are not, and only bytes are signed.
func hookReencoded(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	_, body := hookBody(t, r)
	h := r.Hook.Sign(r.Hook.Secret, time.Now(), body)
	spaced := bytes.Replace(body, []byte(`":`), []byte(`": `), 1)
	if bytes.Equal(spaced, body) {
		t.Fatal("the body is not what this test thinks it is")
	}
	_, err := r.Provider.Parse(h, spaced, time.Now())
	wantKind(t, "re-encoded", err, provider.Forged)
}

func hookNonsense(t *testing.T, r Rig) {
	if r.Hook == nil || r.Hook.Sign == nil {
		return
	}
	for _, body := range []string{"", "{", "null", "[]", "{}", `"paid"`, `{"id":7}`} {
		events, err := r.Provider.Parse(r.Hook.Sign(r.Hook.Secret, time.Now(), []byte(body)), []byte(body), time.Now())
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
