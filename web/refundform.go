package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// payment is the payment in the address.
func (v *view) payment() id.Payment { return id.Payment(chi.URLParam(v.r, "payment")) }

// refundForm serves GET /desk/visits/{id}/payments/{payment}/refund (R23).
func (v *view) refundForm() error {
	f, err := v.giving()
	if err != nil {
		return err
	}
	f.Input, f.Key = money.Decimal(f.possible, f.currency), rand.Text()
	v.show(http.StatusOK, f.RefundForm)
	return nil
}

// giving is a payment's refund form, with what can still be given back of it,
// in the currency that it was paid in (R19).
type giving struct {
	page.RefundForm
	possible int64
	currency money.Currency
}

func (v *view) giving() (*giving, error) {
	if err := v.a.Need(access.Refunds); err != nil {
		return nil, err
	}
	x, err := v.s.desk.Visit(v.a, v.which())
	if err != nil {
		return nil, err
	}
	e, err := v.s.desk.Payment(v.a, v.payment())
	if err != nil {
		return nil, err
	}
	if e.Visit != x.ID {
		return nil, fault.NotFound("payment")
	}
	back, err := v.s.desk.GoesBack(v.a, e.ID)
	if err != nil {
		return nil, err
	}
	f := &giving{possible: back.Possible, currency: e.Currency, RefundForm: page.RefundForm{Visit: string(x.ID), Payment: string(e.ID), Method: e.Method,
		At: v.at(e.ReceivedAt), Left: money.Format(back.Possible, e.Currency, v.lang), Ways: waysBack(e), Chosen: e.Method}}
	if len(back.Used) > 0 {
		f.Whole, f.Codes = money.Format(e.Amount, e.Currency, v.lang), codesOf(back.Used)
	}
	for _, g := range x.Given {
		if g.Kind == visit.Product {
			f.Goods = append(f.Goods, page.Good{Line: string(g.Line), Name: g.Name, Quantity: g.Quantity})
		}
	}
	return f, nil
}

func codesOf(cards []desk.Holding) string {
	codes := make([]string, 0, len(cards))
	for _, c := range cards {
		codes = append(codes, c.Code)
	}
	return strings.Join(codes, ", ")
}

// waysBack are the methods that a payment can be given back by, its own first.
func waysBack(e ledger.Entry) []string {
	ways := []string{e.Method}
	if ledger.Stored(e.Method) {
		return ways
	}
	for _, byHand := range []string{ledger.Cash, ledger.Card} {
		if byHand != e.Method {
			ways = append(ways, byHand)
		}
	}
	return ways
}

// giveBack serves POST /desk/visits/{id}/payments/{payment}/refund (R23).
func (v *view) giveBack() error {
	f, err := v.giving()
	if err != nil {
		return err
	}
	g, err := v.givenForm(f)
	if err != nil {
		return v.notGiven(f, err)
	}
	key := desk.Key{Value: v.form("key")}
	if key.Value != "" {
		plain := g
		plain.Sure = nil // an address of memory is another one each time
		key.Hash = fingerprint(http.MethodPost, v.r.URL.Path, fmt.Appendf(nil, "%+v", plain))
	}
	r, err := v.s.d.Refund(v.r.Context(), v.a, v.payment(), g, key)
	if err != nil {
		return v.notGiven(f, err)
	}
	n := &page.Notice{Kind: "given", Text: money.Format(r.Amount, r.Currency, v.lang)}
	switch r.State {
	case desk.RefundAsked:
		n.Kind = "giving"
	case desk.RefundDenied:
		// The form's key stands for what was refused: another try is another refund.
		f.Key = rand.Text()
		return v.notGiven(f, fault.New(fault.Conflict, "refund_failed", "The payment provider refused: "+r.Why))
	}
	v.trigger("desk:visit, desk:list")
	return v.paid(http.StatusOK, func(b *page.PayBlock) { b.Notice = n })
}

// givenForm reads what was typed, and keeps it to be shown again.
func (v *view) givenForm(f *giving) (desk.Giving, error) {
	f.Input, f.Reason, f.Key, f.Chosen = v.form("amount"), v.form("reason"), v.form("key"), v.form("method")
	g := desk.Giving{Method: f.Chosen, Reason: f.Reason, Sure: &[]id.Card{}}
	for _, card := range v.r.PostForm["sure"] {
		*g.Sure = append(*g.Sure, id.Card(card))
	}
	lines, back := v.r.PostForm["good"], v.r.PostForm["back"]
	for i := range min(len(lines), len(back), len(f.Goods)) {
		n, err := strconv.ParseInt(back[i], 10, 64)
		if err != nil || n < 0 || n > f.Goods[i].Quantity {
			return g, fault.Invalid(fault.Field{Location: "body.return", Message: "is not a number of pieces that were sold"})
		}
		f.Goods[i].Back = n
		if n > 0 {
			g.Return = append(g.Return, desk.Returned{Line: id.Line(lines[i]), Quantity: n})
		}
	}
	var err error
	if g.Amount, err = money.Parse(f.Input, f.currency); err == nil && g.Amount <= 0 {
		err = errors.New("it is not more than 0")
	}
	if err != nil {
		return g, fault.New(fault.Unprocessable, "amount_invalid", "This is not an amount: "+err.Error()+".")
	}
	if f.Reason == "" {
		return g, fault.Invalid(fault.Field{Location: "body.reason", Message: "is missing"})
	}
	return g, nil
}

// wrongGiving is the field of the form that a refusal is about, "" for none.
func wrongGiving(p *problem) string {
	switch p.code {
	case "amount_invalid", "amount_exceeds_refundable", "card_used":
		return "amount"
	}
	for _, f := range p.fields {
		switch f.Location {
		case "body.amount", "body.reason":
			return strings.TrimPrefix(f.Location, "body.")
		}
	}
	return ""
}

// notGiven shows the form again with why it was refused.
func (v *view) notGiven(f *giving, err error) error {
	p := v.s.judge(v.r, err)
	if p.status == http.StatusForbidden || p.status == http.StatusNotFound {
		return err
	}
	if ends, ok := p.members["cards"].([]desk.Ending); ok {
		for _, c := range ends {
			f.Ends = append(f.Ends, page.EndingCard{ID: string(c.Card), Name: c.Name, Code: c.Code, Price: money.Format(c.Price, f.currency, v.lang)})
		}
	} else {
		f.Problem = v.worded(p)
		f.Problem.Example = exampleOf(f.currency, v.lang)
	}
	f.Wrong = wrongGiving(p)
	v.show(p.status, f.RefundForm)
	return nil
}
