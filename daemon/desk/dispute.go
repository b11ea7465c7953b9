package desk

import (
	"slices"
	"time"

	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/provider"
)

// dispute is a payment that the client's bank wants back (R23), as far as its
// provider told. Payment is empty until we hear of that: events come in any
// order. Refund is the entry of one that was lost.
type dispute struct {
	ID        string           `json:"id"`
	Provider  string           `json:"provider"`
	Dispute   provider.Dispute `json:"dispute"`
	Payment   id.Payment       `json:"payment,omitempty"`
	Refund    id.Payment       `json:"refund,omitempty"`
	Attention id.Attention     `json:"attention,omitempty"`
	Returned  bool             `json:"returned,omitempty"` // it was won after it had been lost
	Restored  id.Payment       `json:"restored,omitempty"` // the entry that booked what came back then
	At        time.Time        `json:"at"`
}

// disputeSources name the payment that a dispute is of, as its provider does.
func disputeSources(k *dispute) []string {
	return sourcesOf(source(k.Provider, k.Dispute.Session), k.Provider, k.Dispute.Payment)
}

// stage is how far a dispute is. What is not decided, in whatever words, is
// open, and the last word is that the money is gone. An inquiry may come before,
// which bars nothing: giving the money back is how it is ended.
type stage int

const (
	stageInquiry stage = iota
	stageOpen
	stageWon
	stageLost
)

func stageOf(status string) stage {
	switch status {
	case provider.DisputeInquiry:
		return stageInquiry
	case provider.DisputeWon:
		return stageWon
	case provider.DisputeLost:
		return stageLost
	}
	return stageOpen
}

func (k *dispute) stage() stage { return stageOf(k.Dispute.Status) }

// disputed takes in what a provider says of a dispute (R23). An older word than
// the last one changes nothing.
func (o *op) disputed(name string, d provider.Dispute, at time.Time) error {
	k, known, err := o.disputes.Get(o.tx, name+"/"+d.ID)
	if err != nil {
		return err
	}
	if known && stageOf(d.Status) <= k.stage() {
		return o.wonBack(k, d, at)
	}
	if known && k.stage() == stageWon && !at.After(k.At) {
		return nil // the bank took it before it gave it back: both come to nothing
	}
	if !bookable(d.Amount, d.Currency) {
		return o.setAside(name, d.Session, "")
	}
	if d.Payment == "" && d.Session == "" { // known from its first word
		d.Payment, d.Session = k.Dispute.Payment, k.Dispute.Session
	}
	k.ID, k.Provider, k.Dispute, k.At = name+"/"+d.ID, name, d, at
	p, ok, err := o.paidAt(name, d.Session, d.Payment)
	if err != nil {
		return err
	}
	if !ok {
		return o.waitDispute(k)
	}
	return o.applyDispute(k, p)
}

// waitDispute keeps a dispute until its payment is heard of, and raises it: it
// may be of a payment that never was ours.
func (o *op) waitDispute(k dispute) error {
	if err := o.calm(&k); err != nil {
		return err
	}
	if k.stage() != stageWon {
		k.Attention = o.d.ids.Attention()
		if err := o.putAttention(Attention{ID: k.Attention, Kind: ledger.Unmatched, Provider: k.Provider, Session: k.Dispute.Session,
			Refund: true, Amount: k.Dispute.Amount, Currency: money.Currency(k.Dispute.Currency)}); err != nil {
			return err
		}
	}
	return o.disputes.Put(o.tx, k)
}

// disputedBefore applies the disputes of a payment that were heard of first.
func (o *op) disputedBefore(name string, s provider.Session) error {
	waiting := map[string]dispute{}
	for _, key := range sourcesOf(source(name, s.ID), name, s.Payment) {
		for k, err := range o.disputes.Where(o.tx, o.byDisputed, key) {
			if err != nil {
				return err
			}
			if k.Payment == "" {
				waiting[k.ID] = k
			}
		}
	}
	for _, k := range waiting {
		p, ok, err := o.paidAt(name, k.Dispute.Session, k.Dispute.Payment)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := o.applyDispute(k, p); err != nil {
			return err
		}
	}
	return nil
}

// applyDispute carries a dispute over to its payment: flagged and raised while
// it is open, as it was when it is won, given back when it is lost.
func (o *op) applyDispute(k dispute, p posting) error {
	if err := o.calm(&k); err != nil {
		return err
	}
	k.Payment = p.ID
	if k.stage() == stageLost {
		k.Refund = o.d.ids.Payment()
	}
	if err := o.disputes.Put(o.tx, k); err != nil {
		return err
	}
	if err := o.flagDisputed(&p); err != nil {
		return err
	}
	switch k.stage() {
	case stageInquiry, stageOpen:
		k.Attention = o.d.ids.Attention()
		if err := o.putAttention(Attention{ID: k.Attention, Kind: k.raises(), Visit: p.Visit, Payment: p.ID,
			Amount: k.Dispute.Amount, Currency: money.Currency(k.Dispute.Currency)}); err != nil {
			return err
		}
	case stageLost:
		back := provider.Refund{Amount: k.Dispute.Amount, Currency: k.Dispute.Currency}
		if err := o.bookRefund(Refund{ID: k.Refund, Method: ledger.Link}, p, back, k.At, ledger.Disputed); err != nil {
			return err
		}
	}
	return o.disputes.Put(o.tx, k)
}

// raises is the kind of attention that an undecided dispute asks for.
func (k *dispute) raises() string {
	if k.stage() == stageInquiry {
		return Inquiry
	}
	return ledger.Disputed
}

// flagDisputed says of a payment whether a dispute of it is open.
func (o *op) flagDisputed(p *posting) error {
	open := false
	for _, key := range sourcesOf(p.Source, p.Provider, p.Payment) {
		for k, err := range o.disputes.Where(o.tx, o.byDisputed, key) {
			if err != nil {
				return err
			}
			open = open || k.Payment == p.ID && k.stage() == stageOpen
		}
	}
	p.Flags = slices.DeleteFunc(slices.Clone(p.Flags), func(f string) bool { return f == ledger.Disputed })
	if open {
		p.Flags = append(p.Flags, ledger.Disputed)
	}
	return o.payments.Put(o.tx, *p)
}

// calm ends what a dispute has raised, unless a person did: what is raised next
// says more.
func (o *op) calm(k *dispute) error {
	x, ok, err := o.attention.Get(o.tx, k.Attention)
	k.Attention = ""
	if err != nil || !ok {
		return err
	}
	if err := o.attention.Delete(o.tx, x.ID); err != nil {
		return err
	}
	return o.tell(AttentionRaised, Detail{Visit: x.Visit, Payment: x.Payment, State: "settled"})
}

// contested holds the disputes against the ledger: lost if and only if booked,
// and its payment flagged while it is open (R23).
func (c *inspection) contested() error {
	for k, err := range c.disputes.All(c.tx) {
		if err != nil {
			return err
		}
		if k.Payment == "" {
			continue
		}
		p, _, err := c.payments.Get(c.tx, k.Payment)
		if err != nil {
			return err
		}
		if open := k.stage() == stageOpen; open && !slices.Contains(p.Flags, ledger.Disputed) {
			c.fail("R23", "dispute %s is open, and payment %s doesn't say so", k.ID, k.Payment)
		}
		_, booked, err := c.payments.Get(c.tx, k.Refund)
		if err != nil {
			return err
		}
		if lost := k.stage() == stageLost; lost != booked {
			c.fail("R23", "dispute %s is %s, and its refund is booked: %v", k.ID, k.Dispute.Status, booked)
		}
		if k.Restored == "" {
			continue
		}
		if e, err := c.entryOf(k.Restored); err != nil || e.Restores != k.Refund {
			c.fail("R23", "dispute %s was won after all, and entry %s doesn't say so: %v", k.ID, k.Restored, err)
		}
	}
	return nil
}
