package web

import (
	"countersign/daemon/money"
	"countersign/daemon/report"
	"countersign/web/page"
)

// example is an amount as it may be typed in the location's currency.
func (v *view) example() string { return exampleOf(v.loc.Currency, v.lang) }

func exampleOf(c money.Currency, lang string) string {
	amount := int64(25)
	for range c.Digits() {
		amount *= 10
	}
	return report.Amount(amount, c, lang)
}

// notAmount says that something typed is no amount, or is too fine for a currency.
func (v *view) notAmount(in money.Currency) string {
	return page.Text(v.lang, "problem.amount_invalid", "Example", exampleOf(in, v.lang))
}

// worded is a problem as the tablet says it.
func (v *view) worded(p *problem) *page.Problem {
	said := worded(v.lang, p)
	said.Example = v.example()
	return said
}
