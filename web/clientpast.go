package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/web/page"
)

// clientPast serves GET /desk/clients/{id}/past: what changes while a client is looked at.
func (v *view) clientPast() error {
	if _, err := v.s.desk.Client(v.a, v.who()); err != nil {
		return err
	}
	past, err := v.past(v.who())
	if err != nil {
		return err
	}
	v.show(http.StatusOK, past)
	return nil
}

// pastRows is how much of a client's past is shown at once.
const pastRows = 10

// past is what a client holds, had and paid.
func (v *view) past(who id.Client) (page.ClientPast, error) {
	pages, _ := strconv.Atoi(v.query("more")) // what isn't a number asks for one page
	pages = min(max(pages, 1), 100)
	p := page.ClientPast{ID: string(who)}
	if pages > 1 {
		p.Query = "?more=" + strconv.Itoa(pages)
	}
	held, err := v.s.desk.Balances(v.a, who)
	if err != nil {
		return p, err
	}
	p.Balances = append(p.Balances,
		page.Balance{Method: ledger.Loyalty, Amount: v.money(held.Loyalty), Zero: held.Loyalty == 0},
		page.Balance{Method: ledger.Cashback, Amount: v.money(held.Cashback), Zero: held.Cashback == 0},
		page.Balance{Method: ledger.Deposit, Amount: v.money(held.Deposit), Zero: held.Deposit == 0})
	cards, err := v.s.desk.ClientCards(v.a, who)
	if err != nil {
		return p, err
	}
	p.Cards = v.issued(cards)
	all, err := v.putPast(&p, who, pages*pastRows)
	if all > pages*pastRows {
		p.Older = "/desk/clients/" + url.PathEscape(string(who)) + "?more=" + strconv.Itoa(pages+1)
	}
	return p, err
}

// putPast lists what a client had, paid and was given, up to a number of each, and returns how
// many there are of what there is most of.
func (v *view) putPast(p *page.ClientPast, who id.Client, most int) (int, error) {
	visits, err := v.s.desk.ClientVisits(v.a, who)
	if err != nil {
		return 0, err
	}
	up, err := v.s.desk.OnShow()
	if err != nil {
		return 0, err
	}
	for _, x := range visits[:min(most, len(visits))] {
		p.Visits = append(p.Visits, page.Row{ID: string(x.ID), Date: x.Day(v.zone), Time: capital(v.day(x.StartsAt)), What: what(x), Chip: v.chip(x, up)})
	}
	people, err := v.s.desk.StaffList()
	if err != nil {
		return 0, err
	}
	names, days := staffNames(people), map[id.Visit]string{}
	for _, x := range visits {
		days[x.ID] = x.Day(v.zone)
	}
	paid, err := v.s.desk.ClientPayments(v.a, who)
	if err != nil {
		return 0, err
	}
	v.putPaid(p, paid, days, names, most)
	changes, err := v.s.desk.ClientBalance(v.a, who)
	if err != nil {
		return 0, err
	}
	for _, e := range changes[:min(most, len(changes))] {
		c := balanceChange(e)
		c.Amount, c.At, c.By = v.moved(e), v.day(e.ReceivedAt), names[e.Staff]
		if e.Visit != "" {
			x, err := v.s.desk.Visit(v.a, e.Visit)
			if err != nil {
				return 0, err
			}
			c.Visit, c.Date = string(x.ID), x.Day(v.zone)
		}
		p.Changes = append(p.Changes, c)
	}
	return max(len(visits), len(paid), len(changes)), nil
}

// putPaid lists what was paid, and adds up the money of all of it. What was paid with a balance
// was given before, and is not counted again.
func (v *view) putPaid(p *page.ClientPast, paid []ledger.Entry, days map[id.Visit]string, names map[id.Staff]string, most int) {
	total := sums{}
	for i, e := range paid {
		row := page.PaidRow{At: v.day(e.ReceivedAt), Method: e.Method, Refund: e.Kind == ledger.KindRefund, By: v.s.makerOf(e, names), Flags: flagsOf(e),
			Visit: string(e.Visit), Date: days[e.Visit]}
		if row.Refund {
			e.Amount = -e.Amount
		}
		row.Amount = money.Format(e.Amount, e.Currency, v.lang)
		if ledger.Stored(e.Method) {
			p.Inside = true
		} else {
			total.add(e, 1)
		}
		if i < most {
			p.Paid = append(p.Paid, row)
		}
	}
	p.Sum = total.text(v.lang)
}

// balanceChange is an entry as what it did to a balance.
func balanceChange(e ledger.Entry) page.BalanceChange {
	c := page.BalanceChange{Method: e.Method, Note: e.Note, Cause: "used"}
	if !ledger.Stored(e.Method) {
		c.Method, c.Cause = ledger.Deposit, "paid_in"
	}
	switch {
	case e.Kind == ledger.KindGrant:
		c.Cause = "given"
	case e.Kind == ledger.KindWithdrawal:
		c.Cause = "taken_off"
	case e.Kind == ledger.KindRefund && c.Cause == "used":
		c.Cause = "returned"
	case e.Kind == ledger.KindRefund:
		c.Cause = "paid_out"
	}
	return c
}

// issued are cards as this person may see them: a code is as good as its balance (R22).
func (v *view) issued(cards []desk.Holding) []page.IssuedCard {
	shown := issuedCards(cards, v.lang, v.zone)
	for i := range shown {
		if cards[i].State == desk.CardActive && cards[i].Expired(v.now) {
			shown[i].State = "expired"
		}
		if !v.a.Rights.Has(access.TakePayments) {
			shown[i].Code = ""
		}
	}
	return shown
}

// moved is by how much an entry changed a balance.
func (v *view) moved(e ledger.Entry) string {
	_, by := e.Holding()
	if by < 0 {
		return money.Format(by, e.Currency, v.lang)
	}
	return "+" + money.Format(by, e.Currency, v.lang)
}

// day is a time of a past that goes back for years: "today, 10:30", "22 Nov, 10:30", or with the
// year where it was another one.
func (v *view) day(t time.Time) string {
	if year := t.In(v.zone).Year(); year != v.now.In(v.zone).Year() {
		return shortDate(v.lang, t, v.zone) + " " + strconv.Itoa(year) + ", " + clock(t, v.zone)
	}
	return when(v.lang, t, v.now, v.zone)
}
