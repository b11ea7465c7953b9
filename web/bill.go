package web

import (
	"maps"
	"slices"
	"strings"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/web/page"
)

// justNow is how long a receipt says thank you before it says paid.
const justNow = 10 * time.Minute

// phonePage is the page for the state that a visit's link is in.
func phonePage(p desk.Page, scanned bool, lang string, now time.Time) page.Page {
	top := page.Phone{Location: p.Location.Name, Sandbox: p.Sandbox}
	token, due := string(p.Visit.Token), money.Format(p.Visit.Due(), p.Visit.Currency, lang)
	switch p.State {
	case "paid":
		return receipt(p, lang, now)
	case "in_progress":
		return page.PhoneProgress{Phone: top, Token: token, Due: due, Until: clock(p.PayBy, p.Location.Clock()), Provider: p.Company(p.Provider)}
	case "processing":
		return page.PhoneProcessing{Phone: top, Token: token, Due: due}
	case "nothing_due", "unavailable":
		if hasReceipt(p) {
			return receipt(p, lang, now)
		}
		return page.PhoneNothingDue{Phone: top, Token: token, Unavailable: p.State == "unavailable"}
	}
	return phonePay(p, scanned, lang, now)
}

// phonePay is what is due, and one button.
func phonePay(p desk.Page, scanned bool, lang string, now time.Time) page.PhonePay {
	v, zone := p.Visit, p.Location.Clock()
	return page.PhonePay{
		Phone: page.Phone{Location: p.Location.Name, Sandbox: p.Sandbox},
		Token: string(v.Token), Scanned: scanned, When: when(lang, v.StartsAt, now, zone),
		Due: money.Format(v.Due(), v.Currency, lang), Lines: bill(p, lang, ""),
		Provider: p.Company(p.Provider), Until: clock(p.PayBy, zone),
	}
}

// bill lists what was sold, then what was paid before; one method is left out,
// where the page says it larger.
func bill(p desk.Page, lang, except string) []page.BillLine {
	var lines []page.BillLine
	for _, l := range p.Visit.Lines {
		price, err := l.Price()
		if err != nil {
			continue // such a line can't be stored; a damaged one shows no wrong amount
		}
		name := l.Name
		if l.Quantity > 1 {
			name = count(l.Quantity) + " × " + name
		}
		lines = append(lines, page.BillLine{Name: name, Amount: money.Format(price, p.Visit.Currency, lang), Covered: l.CoveredBy != ""})
	}
	for _, e := range p.Payments {
		if e.Kind == ledger.KindPayment && e.Method != except {
			lines = append(lines, page.BillLine{Paid: true, Method: e.Method, Amount: money.Format(-e.Amount, e.Currency, lang)})
		}
	}
	return lines
}

// hasReceipt tells whether a link shows a receipt: for good once it was paid by
// link (R11), and while nothing is due of what was paid at the desk, since that
// may have been sent too (R24).
func hasReceipt(p desk.Page) bool {
	return p.State == "paid" || p.State == "nothing_due" && p.Visit.Paid > 0
}

// mainMethod is the method that a receipt says large: the link, else the one
// that all of it was paid by, "" for several.
func mainMethod(p desk.Page) string {
	if p.State == "paid" {
		return ledger.Link
	}
	method := ""
	for _, e := range p.Payments {
		if e.Kind != ledger.KindPayment || e.Method == method {
			continue
		}
		if method != "" {
			return ""
		}
		method = e.Method
	}
	return method
}

// receipt is what a link says of what was paid.
func receipt(p desk.Page, lang string, now time.Time) page.PhoneReceipt {
	v, zone := p.Visit, p.Location.Clock()
	x := page.PhoneReceipt{
		Phone: page.Phone{Location: p.Location.Name, Sandbox: p.Sandbox}, Token: string(v.Token), Code: v.Code,
		Provider: p.Company(p.Provider), Method: mainMethod(p), Closed: p.State == "paid",
		Total: money.Format(v.Total(), v.Currency, lang), Cards: issuedCards(p.Cards, lang, zone),
	}
	x.Lines = bill(p, lang, x.Method)
	paid, back := sums{}, sums{}
	for _, e := range p.Payments {
		switch {
		case e.Kind == ledger.KindRefund:
			back.add(e, 1)
		case e.Restores != "":
			back.add(e, -1) // a bank took it, and gave it back
		case e.Method == x.Method || x.Method == "":
			paid.add(e, 1)
			x.Date, x.Number = longDate(lang, e.ReceivedAt, zone), string(e.ID)
			x.Provider, x.Just = p.Company(e.Provider), now.Sub(e.ReceivedAt) < justNow
			x.At = e.ReceivedAt
		}
	}
	x.Fiscal, x.Follows = printed(p.Fiscal)
	x.Amount = paid.text(lang)
	if len(back) > 0 {
		x.Refunded, x.Just = back.text(lang), false
	}
	if v.Due() > 0 && len(back) == 0 {
		x.Left = money.Format(v.Due(), v.Currency, lang)
	}
	if receiptSheet(x, lang).Drawable() {
		x.File = "/p/" + x.Token + "/receipt.pdf"
	}
	return x
}

// sums are amounts by currency: what a provider booked may be in another than
// the visit's (R19), and is never added to it.
type sums map[money.Currency]int64

func (s sums) add(e ledger.Entry, sign int64) {
	if s[e.Currency] += sign * e.Amount; s[e.Currency] == 0 {
		delete(s, e.Currency)
	}
}

// text names every sum, empty for none.
func (s sums) text(lang string) string {
	var all []string
	for _, c := range slices.Sorted(maps.Keys(s)) {
		all = append(all, money.Format(s[c], c, lang))
	}
	return strings.Join(all, " + ")
}

// makerOf is who took a payment or gave it back: staff, or the provider at whose
// dashboard or by whose dispute money went back.
func (s *server) makerOf(e ledger.Entry, names map[id.Staff]string) string {
	if e.Kind == ledger.KindRefund && e.Method == ledger.Link && e.Staff == "" {
		return s.desk.Company(e.Provider)
	}
	return names[e.Staff]
}

// flagsOf are an entry's flags as people see them: what was paid where no money
// moves says so wherever it stands, long after clients are sent elsewhere.
func flagsOf(e ledger.Entry) []string {
	if provider.IsTest(e.Provider) {
		return append(slices.Clip(e.Flags), "test")
	}
	return e.Flags
}
