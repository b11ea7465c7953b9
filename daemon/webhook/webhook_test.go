package webhook_test

import (
	"bytes"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"countersign/daemon/webhook"
)

func secret(t *testing.T, of byte) string {
	t.Helper()
	s, err := webhook.NewSecret(bytes.NewReader(bytes.Repeat([]byte{of}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// R39: what is signed here verifies with the specification's own library, under
// each of the secrets, and with nothing changed.
func TestSignaturesAreStandard(t *testing.T) {
	now, body := time.Now(), []byte(`{"type":"payment.booked"}`)
	old, next := secret(t, 1), secret(t, 2)
	h := http.Header{}
	if err := webhook.Sign(h, "msg_1", now, body, next, old); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{old, next} {
		theirs, err := standard.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := theirs.Verify(body, h); err != nil {
			t.Errorf("their library: %v", err)
		}
		if err := webhook.Verify(h, now, body, s); err != nil {
			t.Errorf("ours: %v", err)
		}
	}
	changed := h.Clone()
	changed.Set(webhook.HeaderID, "msg_2")
	for what, err := range map[string]error{
		"another secret": webhook.Verify(h, now, body, secret(t, 3)),
		"another body":   webhook.Verify(h, now, append(body, ' '), next),
		"another id":     webhook.Verify(changed, now, body, next),
	} {
		if !errors.Is(err, webhook.ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, off := range []time.Duration{6 * time.Minute, -6 * time.Minute} {
		if err := webhook.Verify(h, now.Add(off), body, next); !errors.Is(err, webhook.ErrTimestamp) {
			t.Errorf("%s off: %v", off, err)
		}
	}
}

// R39: a secret is 256 bits, and no error quotes one.
func TestSecrets(t *testing.T) {
	if s := secret(t, 7); !regexp.MustCompile(`^whsec_[A-Za-z0-9+/]{43}=$`).MatchString(s) {
		t.Error(s)
	}
	for _, bad := range []string{"", "whsec_", "whsec_c2hvcnQ=", "abc", "whsec_!!!!" + strings.Repeat("A", 40)} {
		err := webhook.Sign(http.Header{}, "msg_1", time.Now(), nil, bad)
		if !errors.Is(err, webhook.ErrSecret) || len(bad) > 6 && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := webhook.Sign(http.Header{}, "msg_1", time.Now(), nil); !errors.Is(err, webhook.ErrSecret) {
		t.Errorf("without a secret: %v", err)
	}
}

// An id is the same for the same event, and another for any other.
func TestMessageIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Now()
		id := webhook.MessageID("w_1", 42, at)
		if again := webhook.MessageID("w_1", 42, at.In(time.FixedZone("x", 3600))); again != id || !regexp.MustCompile(`^msg_[0-9a-v]{24}$`).MatchString(id) {
			t.Errorf("%s, then %s", id, again)
		}
		for _, other := range []string{webhook.MessageID("w_2", 42, at), webhook.MessageID("w_1", 43, at), webhook.MessageID("w_1", 42, at.Add(1))} {
			if other == id {
				t.Error("two events have one id")
			}
		}
	})
}
