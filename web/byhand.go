package web

import (
	"net/http"
	"slices"
	"strings"

	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/web/page"
)

// takeByHand serves POST /desk/visits/{id}/cash and the other methods (R16).
func takeByHand(method string) func(*view) error {
	return func(v *view) error {
		by, err := v.taking(method)
		if err != nil {
			return v.refused(err)
		}
		key := desk.Key{Value: v.form("key")}
		if key.Value != "" {
			key.Hash = fingerprint(http.MethodPost, v.r.URL.Path, []byte(by.Card+" "+count(by.Amount)))
		}
		if len(key.Value) > 200 {
			return fault.Invalid(fault.Field{Location: "body.key", Message: "is too long"})
		}
		e, err := v.s.d.TakePayment(v.r.Context(), v.a, v.which(), by, key)
		if change := v.change(by, err); change != nil {
			return v.paid(http.StatusUnprocessableEntity, func(b *page.PayBlock) { b.Problem = change })
		}
		if kind := cardTrouble(by, err); kind != "" {
			return v.paid(http.StatusUnprocessableEntity, func(b *page.PayBlock) { b.Problem, b.Code = &page.Problem{Kind: kind}, by.Card })
		}
		if err != nil {
			return v.refused(err)
		}
		v.trigger("desk:visit, desk:list")
		return v.paid(http.StatusOK, func(b *page.PayBlock) { b.Notice = &page.Notice{Kind: "taken", Text: v.in(e.Currency, e.Amount)} })
	}
}

// change says what to give back where more cash was typed than is due: people hand over notes.
// Nothing was taken, since nobody has said that the change was there to give.
func (v *view) change(by desk.Taking, err error) *page.Problem {
	f := fault.From(err)
	if by.Method != ledger.Cash || f == nil || f.Code != "amount_exceeds_due" {
		return nil
	}
	x, err := v.s.desk.Visit(v.a, v.which())
	if err != nil || by.Amount <= x.Due() {
		return nil
	}
	return &page.Problem{Kind: "amount_exceeds_due", Text: page.Text(v.lang, "problem.change", "Due", v.in(x.Currency, x.Due()), "Change", v.in(x.Currency, by.Amount-x.Due()))}
}

// cardTrouble is why a gift card pays nothing, where its one field can say more than that it is
// wrong: it is used up, since a card gives all that it has, or it is no gift card.
func cardTrouble(by desk.Taking, err error) string {
	f := fault.From(err)
	if by.Method != ledger.GiftCard || f == nil {
		return ""
	}
	switch {
	case f.Code == "insufficient_balance":
		return "card_empty"
	case strings.TrimSpace(by.Card) != "" && slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return strings.Contains(x.Message, "a membership") }):
		return "card_is_membership"
	}
	return ""
}

// taking reads what is to be taken. A gift card gives what it has: nobody at
// the reception knows its balance.
func (v *view) taking(method string) (desk.Taking, error) {
	by := desk.Taking{Method: method, Card: v.form("gift_card")}
	if method == ledger.GiftCard {
		return by, nil
	}
	x, err := v.s.desk.Visit(v.a, v.which())
	if err != nil {
		return by, err
	}
	amount, err := money.Parse(v.form("amount"), x.Currency)
	if err != nil {
		return by, fault.New(fault.Unprocessable, "amount_invalid", "This is not an amount: "+err.Error()+".")
	}
	if amount <= 0 || amount > money.Max {
		return by, fault.New(fault.Unprocessable, "amount_invalid", "This is not an amount: "+count(amount)+".")
	}
	by.Amount = amount
	return by, nil
}
