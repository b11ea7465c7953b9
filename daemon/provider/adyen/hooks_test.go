package adyen_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen"
	"countersign/daemon/provider/adyen/adyentest"
)

// letter is a webhook of items that differ from a good AUTHORISATION by the
// fields given, signed.
func letter(items ...map[string]any) []byte {
	var all []any
	for _, change := range items {
		fields := map[string]any{
			"pspReference": "PSPAUTH", "eventCode": "AUTHORISATION", "success": "true", "eventDate": "2026-11-23T10:00:00+01:00",
			"merchantAccountCode": account, "merchantReference": "countersign.pay.co_1", "reason": "",
			"amount":         map[string]any{"value": 2500, "currency": "EUR"},
			"additionalData": map[string]any{"paymentLinkId": "PLX"},
		}
		for k, v := range change {
			fields[k] = v
		}
		all = append(all, map[string]any{"NotificationRequestItem": fields})
	}
	body, err := json.Marshal(map[string]any{"live": "false", "notificationItems": all})
	if err != nil {
		panic(err)
	}
	return adyentest.Seal(hmacKey, body)
}

func money(value int64, currency string) map[string]any {
	return map[string]any{"value": value, "currency": currency}
}

var now = time.Date(2026, 11, 23, 9, 1, 0, 0, time.UTC)

func parse(t testing.TB, body []byte) ([]provider.Event, error) {
	t.Helper()
	return adyen.New(config(nil)).Parse(header(), body, now)
}

// R18, R23: what each word of Adyen's means.
func TestWhatWebhooksTell(t *testing.T) {
	paid := provider.Session{ID: "PLX", Reference: "co_1", Payment: "PSPAUTH", Status: provider.Paid, Amount: 2500, Currency: "EUR",
		PaidAt: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	for code, want := range map[string]string{
		"AUTHORISATION":       provider.EventPaid,
		"AUTHORISATION false": "", // the client may try another card
		"REFUND":              "refund succeeded", "REFUND false": "refund failed", "CANCEL_OR_REFUND": "refund succeeded",
		"REFUND_FAILED": "refund failed", "REFUNDED_REVERSED": "refund failed", "REFUND_FAILED false": "",
		"CANCELLATION": "refund succeeded", "CANCELLATION false": "", "TECHNICAL_CANCEL": "refund succeeded",
		"CAPTURE_FAILED": "refund succeeded", "EXPIRE": "refund succeeded",
		"NOTIFICATION_OF_CHARGEBACK": "dispute opened", "CHARGEBACK": "dispute lost", "CHARGEBACK_REVERSED": "dispute won",
		"SECOND_CHARGEBACK": "dispute lost", "PREARBITRATION_LOST": "dispute lost",
		"PREARBITRATION_WON": "", "CAPTURE": "", "REPORT_AVAILABLE": "", "OFFER_CLOSED": "", "WORD_OF_TOMORROW": "", "": "",
	} {
		name, failed := strings.CutSuffix(code, " false")
		change := map[string]any{"eventCode": name, "success": fmt.Sprint(!failed)}
		if name != "AUTHORISATION" {
			change["originalReference"] = "PSPAUTH"
			change["pspReference"] = "PSPOTHER"
		}
		events, err := parse(t, letter(change))
		if err != nil || len(events) > 1 || (want == "") != (len(events) == 0) {
			t.Errorf("%s: %+v, %v", code, events, err)
			continue
		}
		if len(events) == 0 {
			continue
		}
		got := events[0].Type
		switch e := events[0]; {
		case e.Type == provider.EventPaid && e.Session != paid:
			t.Errorf("told %+v, want %+v", e.Session, paid)
		case e.Refund != nil:
			got = "refund " + e.Refund.Status
			if want := (provider.Refund{ID: "PSPOTHER", Payment: "PSPAUTH", Amount: 2500, Currency: "EUR", Status: e.Refund.Status}); *e.Refund != want {
				t.Errorf("%s: %+v", code, e.Refund)
			}
		case e.Dispute != nil:
			got = "dispute " + e.Dispute.Status
		}
		if got != want {
			t.Errorf("%s: told %s, want %s", code, got, want)
		}
	}
}

// R23: a refund of ours is known by its key; a second loss after a dispute was
// won is a dispute of its own.
func TestKeysAndSecondLosses(t *testing.T) {
	events, err := parse(t, letter(map[string]any{"eventCode": "REFUND", "originalReference": "P", "merchantReference": "countersign.refund.pay_1"}))
	if err != nil || len(events) != 1 || events[0].Refund.Key != "pay_1" || events[0].Session.Reference != "" {
		t.Errorf("%+v, %v", events, err)
	}
	first, _ := parse(t, letter(map[string]any{"eventCode": "CHARGEBACK", "pspReference": "D"}))
	second, _ := parse(t, letter(map[string]any{"eventCode": "SECOND_CHARGEBACK", "pspReference": "D"}))
	if len(first) != 1 || len(second) != 1 || first[0].Dispute.ID == second[0].Dispute.ID {
		t.Errorf("%+v %+v", first, second)
	}
}

// R18, R20: one webhook has many items, of which all are good or none is told;
// the web shop's are nobody's business here.
func TestBatches(t *testing.T) {
	three := []map[string]any{{}, {"pspReference": "B", "merchantReference": "countersign.pay.co_2"}, {"merchantReference": "shop 17", "pspReference": "C"}}
	body := letter(three...)
	events, err := parse(t, body)
	if err != nil || len(events) != 2 || events[0].Session.Reference != "co_1" || events[1].Session.Reference != "co_2" {
		t.Errorf("%+v, %v", events, err)
	}
	spoilt := bytes.Replace(body, []byte("co_2"), []byte("co_3"), 1)
	if events, err := parse(t, spoilt); provider.KindOf(err) != provider.Forged || len(events) > 0 {
		t.Errorf("%+v, %v", events, err)
	}
	mixed := letter(map[string]any{}, map[string]any{"merchantAccountCode": "Elsewhere", "pspReference": "B"})
	if events, err := parse(t, mixed); provider.KindOf(err) != provider.Forged || len(events) > 0 {
		t.Errorf("%+v, %v", events, err)
	}
}

// R39: what isn't Adyen's word for this account is forged, and what makes no
// sense, though signed, is refused: nothing of either is told.
func TestWebhooksNotToBelieve(t *testing.T) {
	good := letter(map[string]any{})
	for name, try := range map[string]struct {
		h    http.Header
		body []byte
		want provider.ErrorKind
	}{
		"no password":      {http.Header{}, good, provider.Forged},
		"the live system":  {header(), bytes.Replace(good, []byte(`"live":"false"`), []byte(`"live":"true"`), 1), provider.Forged},
		"no system":        {header(), bytes.Replace(good, []byte(`"live":"false",`), nil, 1), provider.Forged},
		"no items":         {header(), []byte(`{"live":"false","notificationItems":[]}`), provider.Forged},
		"an empty item":    {header(), []byte(`{"live":"false","notificationItems":[{}]}`), provider.Forged},
		"a currency":       {header(), letter(map[string]any{"amount": money(2500, "XXX")}), provider.Refused},
		"a debt":           {header(), letter(map[string]any{"amount": money(-1, "EUR")}), provider.Refused},
		"a third of ISK":   {header(), letter(map[string]any{"amount": money(33, "ISK")}), provider.Refused},
		"no id":            {header(), letter(map[string]any{"pspReference": ""}), provider.Refused},
		"neither":          {header(), letter(map[string]any{"success": "maybe"}), provider.Refused},
		"refund of nobody": {header(), letter(map[string]any{"eventCode": "REFUND"}), provider.Refused},
	} {
		events, err := adyen.New(config(nil)).Parse(try.h, try.body, now)
		if provider.KindOf(err) != try.want || len(events) > 0 {
			t.Errorf("%s: %+v, %v", name, events, err)
		}
	}
	if events, err := parse(t, letter(map[string]any{"amount": money(0, "EUR")})); len(events) > 0 {
		t.Errorf("a payment of nothing: %+v, %v", events, err)
	}
}

// R39: fields that hold what separates fields can be shifted under one
// signature. Such an item is genuine, and never ours.
func TestShiftedFields(t *testing.T) {
	events, err := parse(t, letter(map[string]any{"merchantReference": `countersign.pay.co_1:9\`}))
	if err != nil || len(events) > 0 {
		t.Errorf("%+v, %v", events, err)
	}
}

// R39: what isn't signed decides nothing: a time that can't be is now.
func TestUnsignedTime(t *testing.T) {
	for _, at := range []string{"", "yesterday", "2031-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "null"} {
		events, err := parse(t, letter(map[string]any{"eventDate": at}))
		if err != nil || len(events) != 1 || !events[0].At.Equal(now) || !events[0].Session.PaidAt.Equal(now) {
			t.Errorf("%q: %+v, %v", at, events, err)
		}
	}
}

// R39: while one key takes over from another both are good; no key, or what is
// none, believes nobody.
func TestKeysOfWebhooks(t *testing.T) {
	body := letter(map[string]any{})
	for keys, good := range map[string]bool{
		hmacKey: true, strings.ToUpper(hmacKey): true, "00ff " + hmacKey: true, hmacKey + "\n00ff": true,
		"": false, "00ff": false, "not hexadecimal": false, hmacKey + "0": false,
	} {
		cfg := config(nil)
		cfg.HMAC = keys
		_, err := adyen.New(cfg).Parse(header(), body, now)
		if good != (err == nil) {
			t.Errorf("%q: %v", keys, err)
		}
	}
	cfg := config(nil)
	cfg.Prefix = "1797a841fbb37ca7-Salon"
	if _, err := adyen.New(cfg).Parse(header(), body, now); provider.KindOf(err) != provider.Forged {
		t.Errorf("a word of the test system is good in the live one: %v", err)
	}
}

// FuzzParse: whatever comes, nothing panics, and money is only told of by a
// signature.
func FuzzParse(f *testing.F) {
	f.Add(letter(map[string]any{}), true)
	f.Add(letter(map[string]any{"eventCode": "REFUND", "originalReference": "P"}, map[string]any{"eventCode": "CHARGEBACK"}), true)
	f.Add([]byte(`{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":7}}}]}`), false)
	c := adyen.New(config(nil))
	f.Fuzz(func(t *testing.T, body []byte, sign bool) {
		if sign {
			body = adyentest.Seal(hmacKey, body)
		}
		events, err := c.Parse(header(), body, now)
		if err != nil && len(events) > 0 {
			t.Fatalf("%v, and yet %+v", err, events)
		}
		for _, e := range events {
			if !provider.KnownEvent(e.Type) || e.ID == "" || e.At.IsZero() || e.Type == provider.EventPaid &&
				(e.Session.Status != provider.Paid || e.Session.Amount <= 0 || e.Session.Payment == "" || e.Session.Reference == "") {
				t.Fatalf("told %+v", e)
			}
			if e.Refund != nil && (e.Refund.Amount < 0 || e.Refund.Payment == "") || e.Dispute != nil && e.Dispute.Amount < 0 {
				t.Fatalf("told %+v", e)
			}
		}
		if len(events) > 0 && !bytes.Contains(body, []byte("hmacSignature")) {
			t.Fatal("told without a signature")
		}
	})
}
