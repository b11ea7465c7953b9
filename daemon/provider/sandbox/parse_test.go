package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
)

const paidBody = `{"id":"evt_1","account":"acct_sandbox","type":"session.paid","at":"2026-01-02T03:04:05Z",` +
	`"session":{"id":"ss_1","account":"acct_sandbox","reference":"r1","url":"https://x.example/p","payment":"pay_1",` +
	`"status":"paid","amount":2500,"currency":"EUR","paid_at":"2026-01-02T03:04:05Z","expires_at":"2026-01-02T04:00:00Z"}}`

// FuzzParse: nothing unsigned is believed, and nothing signed breaks Parse or
// becomes a payment without an id and an amount (R19, R20).
func FuzzParse(f *testing.F) {
	now := time.Unix(1767323045, 0)
	good := sandbox.Sign(secret, now, []byte(paidBody))
	for _, header := range []string{good, "", "t=,v1=", "t=1767323045", good + "," + good, "v1=zz,t=9999999999999999999"} {
		f.Add(header, []byte(paidBody))
	}
	f.Add("", []byte(`{"id":"e","account":"acct_sandbox","type":"refund.updated","session":{}}`))
	f.Add("", []byte(`{"id":"e","account":"acct_sandbox","type":"account.notice"}`))
	f.Add("", []byte(strings.Replace(paidBody, `"session.paid"`, `"dispute.updated","dispute":{"id":"dp_1","session":"ss_1","payment":"pay_1","amount":1,"currency":"EUR","status":"opened"}`, 1)))
	c := sandbox.New(sandbox.Config{Secret: secret})
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		events, err := c.Parse(http.Header{sandbox.SignatureHeader: {header}}, body, now)
		if (err == nil) && header != good {
			// Only a header with a signature that fits may pass.
			if _, err := c.Parse(http.Header{sandbox.SignatureHeader: {header}}, append(body, ' '), now); err == nil {
				t.Fatalf("the signature %q fits two bodies", header)
			}
		}
		check(t, events, err)
		signed := sandbox.Sign(secret, now, body)
		events, err = c.Parse(http.Header{sandbox.SignatureHeader: {signed}}, body, now)
		check(t, events, err)
	})
}

func check(t *testing.T, events []provider.Event, err error) {
	t.Helper()
	if err != nil {
		if len(events) > 0 {
			t.Fatalf("an error and events: %v, %v", err, events)
		}
		if k := provider.KindOf(err); k != provider.Forged && k != provider.Refused {
			t.Fatalf("neither forged nor refused: %v", err)
		}
	}
	for _, e := range events {
		if (e.Type == provider.EventRefund) != (e.Refund != nil) || (e.Type == provider.EventDispute) != (e.Dispute != nil) {
			t.Fatalf("not what its type says: %+v", e)
		}
		if d := e.Dispute; d != nil && (d.ID == "" || d.Payment == "" || d.Amount <= 0) {
			t.Fatalf("half a dispute: %+v", d)
		}
		if e.ID == "" || !provider.KnownEvent(e.Type) || e.Session.ID == "" || e.Session.Amount <= 0 {
			t.Fatalf("half an event: %+v", e)
		}
		if e.Session.Status == provider.Paid && e.Session.Payment == "" {
			t.Fatalf("a payment without an id: %+v", e)
		}
	}
}

func TestParseTakesEitherOfTwoSignatures(t *testing.T) { // while a secret is being changed
	now := time.Unix(1767323045, 0)
	c := sandbox.New(sandbox.Config{Secret: secret})
	h := http.Header{sandbox.SignatureHeader: {sandbox.Sign("old", now, []byte(paidBody)) + "," +
		sandbox.Sign(secret, now, []byte(paidBody))[len("t=1767323045,"):]}}
	events, err := c.Parse(h, []byte(paidBody), now)
	if err != nil || len(events) != 1 || events[0].Session.Amount != 2500 {
		t.Errorf("%v, %v", events, err)
	}
}
