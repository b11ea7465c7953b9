package adyen

import (
	"net/http"
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen/adyenapi"
	"countersign/daemon/provider/hosted"
)

// What a webhook means. What isn't listed is of no interest: captures, reports,
// risk reviews, and an offer that closed, which a look-up tells by itself.
const (
	toldPaid      = iota + 1 // money came; a declined card is no event, the client may take another
	toldBack                 // money goes back as asked, or can't
	toldGone                 // money that was to come doesn't
	toldBounced              // a refund came back
	toldDisputed             // a bank asks
	toldTaken                // a bank took it
	toldReturned             // a bank gave it back
	toldTakenOver            // and took it for good: a dispute of its own, since it comes after one that was won
)

func meaning(code string) int {
	return map[string]int{
		"AUTHORISATION": toldPaid,
		"REFUND":        toldBack, "CANCEL_OR_REFUND": toldBack,
		"CANCELLATION": toldGone, "TECHNICAL_CANCEL": toldGone, "CAPTURE_FAILED": toldGone, "EXPIRE": toldGone,
		"REFUND_FAILED": toldBounced, "REFUNDED_REVERSED": toldBounced,
		"NOTIFICATION_OF_CHARGEBACK": toldDisputed,
		"CHARGEBACK":                 toldTaken, "CHARGEBACK_REVERSED": toldReturned,
		"SECOND_CHARGEBACK": toldTakenOver, "PREARBITRATION_LOST": toldTakenOver,
	}[code]
}

// Parse verifies a webhook and reads it: all of its items, or none. One which
// comes again is told by the ids of its events.
func (c *Client) Parse(h http.Header, body []byte, now time.Time) (events []provider.Event, err error) {
	items, err := c.api.Read(h, body)
	if err != nil {
		return nil, err
	}
	for _, w := range items {
		e, known, err := item{w}.tell(c.cfg.Account, now)
		if err != nil {
			return nil, err
		}
		if known {
			events = append(events, e)
		}
	}
	return events, nil
}

// item is one thing that a webhook tells, and what it means.
type item struct{ *adyenapi.Item }

// tell reads a genuine item; known is false for one of no interest.
func (w item) tell(account string, now time.Time) (e provider.Event, known bool, err error) {
	what := meaning(w.Code)
	if what == 0 {
		return e, false, nil
	}
	if w.Account != account {
		return e, false, provider.Errorf(provider.Forged, "the event is another merchant account's")
	}
	reference, paid := strings.CutPrefix(w.Reference, payMark)
	key, refunded := strings.CutPrefix(w.Reference, refundMark)
	if !paid && !refunded || reference == "" || key == "" || !w.Clear() {
		return e, false, nil // the web shop's
	}
	amount, ok := adyenapi.Money().From(w.Amount.Value, w.Amount.Currency)
	if !ok || w.ID == "" || w.Success != "true" && w.Success != "false" {
		return e, false, provider.Errorf(provider.Refused, "signed, but the event makes no sense")
	}
	e = provider.Event{ID: w.ID + "/" + w.Code + "/" + w.Success, At: w.when(now)}
	refund := provider.Refund{ID: w.ID, Payment: w.Original, Amount: amount, Currency: w.Amount.Currency, Reason: w.why()}
	if refunded {
		refund.Key = key
	} else {
		e.Session.Reference = reference
	}
	done := w.Success == "true"
	switch {
	case what == toldPaid && done && paid && amount > 0:
		e.Type = provider.EventPaid
		e.Session = provider.Session{ID: w.Extra("paymentLinkId"), Reference: reference, Payment: w.ID, Status: provider.Paid,
			Amount: amount, Currency: w.Amount.Currency, PaidAt: e.At}
		return e, true, nil
	case what == toldPaid && !done:
		return e, false, nil
	case w.Original == "" && what <= toldBounced:
		return e, false, provider.Errorf(provider.Refused, "signed, but it names no payment")
	case what == toldBack && !done, what == toldBounced && done:
		refund.Status = provider.RefundFailed
	case what == toldBack, what == toldGone && done:
		refund.Status = provider.RefundSucceeded
	case what >= toldDisputed && done:
		e.Type, e.Dispute = provider.EventDispute, w.dispute(what, amount)
		return e, true, nil
	default:
		return e, false, nil // something that was tried and didn't happen
	}
	e.Type, e.Refund = provider.EventRefund, &refund
	return e, true, nil
}

func (w item) dispute(what int, amount int64) *provider.Dispute {
	d := provider.Dispute{ID: w.ID, Payment: w.Original, Amount: amount, Currency: w.Amount.Currency, Reason: w.why()}
	switch what {
	case toldDisputed:
		d.Status = provider.DisputeOpened
	case toldTaken:
		d.Status = provider.DisputeLost
	case toldReturned:
		d.Status = provider.DisputeWon
	case toldTakenOver:
		d.ID, d.Status = w.ID+"/2", provider.DisputeLost
	}
	return &d
}

// when is the item's time, which nobody signed: one that can't be is now.
func (w item) when(now time.Time) time.Time {
	const oldest, ahead = 40 * 24 * time.Hour, 5 * time.Minute // Adyen repeats for 30 days
	t, err := time.Parse(time.RFC3339, w.At)
	if err != nil || t.After(now.Add(ahead)) || t.Before(now.Add(-oldest)) {
		return now.UTC()
	}
	return t.UTC()
}

func (w item) why() string {
	if w.Reason == "null" {
		return ""
	}
	return hosted.Cut(w.Reason, longestDescription)
}
