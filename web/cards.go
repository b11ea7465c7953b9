package web

import (
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/web/page"
)

// issuedCards are the cards of a visit as pages show them.
func issuedCards(cards []desk.Holding, lang string, zone *time.Location) []page.IssuedCard {
	shown := make([]page.IssuedCard, 0, len(cards))
	for _, c := range cards {
		x := page.IssuedCard{Name: c.Name, Code: c.Code, State: string(c.State), Uses: c.Kind == visit.Membership}
		switch {
		case !x.Uses:
			x.Left = money.Format(c.Balance, c.Currency, lang)
		case c.Uses > 0:
			x.Left = count(c.Uses - c.Used)
		}
		if c.HeldFor != "" {
			x.State = "stopped"
		}
		if !c.ValidUntil.IsZero() {
			last := c.ValidUntil.In(zone).Add(-time.Nanosecond) // it ends with that day
			x.Until = dayNumber(lang, last) + " " + month(lang, last.Month()) + last.Format(" 2006")
		}
		shown = append(shown, x)
	}
	return shown
}
