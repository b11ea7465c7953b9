package desk

import (
	"fmt"

	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
	"countersign/store"
)

// Problem is an invariant that a file breaks, and where.
type Problem struct {
	Rule string `json:"rule"`
	Text string `json:"text"`
}

// Verify holds every invariant against a whole file: the store's own checks,
// the ledger's chain and balance, and that visits, checkouts and ledger tell
// the same story (R25). It returns nothing for a file that is right.
func Verify(db *store.DB) (problems []Problem, err error) {
	if err := db.Check(); err != nil {
		problems = append(problems, Problem{Rule: "store", Text: err.Error()})
	}
	err = db.View(func(tx *store.Tx) error {
		c := &inspection{op: op{disk: newDisk(), tx: tx, now: tx.Now()}, posts: map[id.Payment]bool{}, paid: map[id.Visit]int64{}, refunded: map[id.Visit]int64{},
			booked: map[id.Checkout]int{}, sources: map[string]bool{}, open: map[id.Visit]int{}}
		if err := c.run(); err != nil {
			return err
		}
		problems = append(problems, c.problems...)
		return nil
	})
	return problems, err
}

// inspection gathers what the ledger and the checkouts say, to hold visits against.
type inspection struct {
	op
	problems []Problem
	posts    map[id.Payment]bool
	paid     map[id.Visit]int64
	refunded map[id.Visit]int64
	booked   map[id.Checkout]int
	sources  map[string]bool
	open     map[id.Visit]int
}

func (c *inspection) fail(rule, format string, args ...any) {
	c.problems = append(c.problems, Problem{Rule: rule, Text: fmt.Sprintf(format, args...)})
}

func (c *inspection) run() error {
	for _, step := range []func() error{c.entries, c.attempts, c.linked, c.sums, c.issued, c.used, c.shelves, c.contested, c.drawers, c.registered, c.outgoing, c.told} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// entries walks the ledger: balanced, findable, and each confirmation once.
func (c *inspection) entries() error {
	balances := ledger.Balances{}
	refunded := map[id.Payment]int64{}
	for e, err := range c.ledger.All(c.tx) {
		if err != nil {
			return err
		}
		if err := balances.Post(e.Value); err != nil {
			c.fail("R25", "entry %s: %v", e.Value.ID, err)
		}
		p, ok, err := c.payments.Get(c.tx, e.Value.ID)
		if err != nil {
			return err
		}
		if !ok || p.Seq != e.Seq {
			c.fail("R25", "entry %s of the ledger can't be found by its id", e.Value.ID)
		}
		c.posted(p, e.Value)
		if of, ok, err := c.payments.Get(c.tx, e.Value.Refunds); err != nil {
			return err
		} else if ok && of.Currency == e.Value.Currency {
			refunded[of.ID] += e.Value.Amount
		}
		if err := c.count(e.Value); err != nil {
			return err
		}
	}
	if err := balances.Balanced(); err != nil {
		c.fail("R25", "%v", err)
	}
	if err := c.givenBack(refunded); err != nil {
		return err
	}
	return c.held(balances)
}

// givenBack holds what payments say was refunded against the refunds (R23).
func (c *inspection) givenBack(refunded map[id.Payment]int64) error {
	reserved := map[id.Payment]int64{}
	for r, err := range c.refunds.All(c.tx) {
		if err != nil {
			return err
		}
		if r.State != RefundAsked {
			continue
		}
		reserved[r.Payment] += r.Amount
		if _, ok, err := c.jobs.Get(c.tx, string(r.ID)); err != nil || !ok {
			c.fail("R41", "refund %s is pending, and no job is queued for it: %v", r.ID, err)
		}
	}
	for p, err := range c.payments.All(c.tx) {
		if err != nil {
			return err
		}
		if !c.posts[p.ID] {
			c.fail("R25", "payment %s is listed, and the ledger has no such entry", p.ID)
		}
		if p.Reserved != reserved[p.ID] {
			c.fail("R23", "payment %s keeps %d for refunds, those that are pending say %d", p.ID, p.Reserved, reserved[p.ID])
		}
		if p.Refunded != refunded[p.ID] {
			c.fail("R23", "payment %s says that %d was given back, the ledger says %d", p.ID, p.Refunded, refunded[p.ID])
		}
	}
	return nil
}

// posted holds what reports add up against the entry it was made of.
func (c *inspection) posted(p posting, e ledger.Entry) {
	c.posts[e.ID] = true
	amount := e.Amount
	if e.Kind == ledger.KindRefund {
		amount = -amount
	}
	var shares int64
	for _, s := range p.Shares {
		shares += s.Amount
	}
	if p.Kind != e.Kind || p.Amount != e.Amount || p.Currency != e.Currency || p.Register != e.Register || p.listed() && shares != amount {
		c.fail("R21", "entry %s is listed as %s of %d to %s in shares of %d", e.ID, p.Kind, p.Amount, p.Register, shares)
	}
	if p.Method != e.Method || p.Staff != e.Staff || p.Client != e.Client || !p.Received.Equal(e.ReceivedAt) {
		c.fail("R21", "entry %s is listed as %s by %q for %q at %s", e.ID, p.Method, p.Staff, p.Client, p.Received)
	}
	// What nobody knew the visit of may have been assigned to one.
	if assigned := e.Visit == "" && p.Visit != ""; p.Visit != e.Visit && !assigned || p.VisitDate != e.VisitDate && !assigned {
		c.fail("R21", "entry %s is listed under visit %q of %s", e.ID, p.Visit, p.VisitDate)
	}
}

// owner is the visit that something is of; a file that has lost it is told of.
func (c *inspection) owner(which id.Visit, of string) (visit.Visit, bool, error) {
	v, ok, err := c.visits.Get(c.tx, which)
	if err == nil && !ok {
		c.fail("R25", "%s is of visit %s, which is gone", of, which)
	}
	return v, ok, err
}

// held holds what clients and cards have against the ledger: the same, and
// never below zero (R16).
func (c *inspection) held(balances ledger.Balances) error {
	seen := map[string]bool{}
	for h, err := range c.holdings.All(c.tx) {
		if err != nil {
			return err
		}
		seen[holdingKey(h.Account, h.Currency)] = true
		if has := balances.Balance(h.Currency, h.Account); has != h.Amount || has < 0 {
			c.fail("R16", "%s holds %d %s, the ledger says %d", h.Account, h.Amount, h.Currency, has)
		}
	}
	for currency, accounts := range balances {
		for account := range accounts {
			if account.Held() && !seen[holdingKey(account, currency)] {
				c.fail("R16", "%s is missing from what is held in %s", account, currency)
			}
		}
	}
	return nil
}

func (c *inspection) count(e ledger.Entry) error {
	if e.Visit != "" {
		v, ok, err := c.owner(e.Visit, "entry "+string(e.ID))
		if err != nil {
			return err
		}
		switch {
		case !ok || e.Currency != v.Currency:
		case e.Kind == ledger.KindRefund:
			c.refunded[e.Visit] += e.Amount
		case e.Kind == ledger.KindPayment:
			c.paid[e.Visit] += e.Amount
		}
	}
	if e.Kind == ledger.KindRefund || e.Session == "" || ledger.Unassigned(e.Register) {
		return nil
	}
	c.booked[e.Checkout]++
	from := e.Provider + "/" + e.Session + "/" + e.ProviderPayment
	if c.sources[from] {
		c.fail("R18", "the payment of session %s at %s is booked twice", e.Session, e.Provider)
	}
	c.sources[from] = true
	return nil
}

// attempts walks the checkouts: paid if and only if booked, one open per visit.
func (c *inspection) attempts() error {
	own := map[id.Visit]int{} // but for those of a provider's link, which anybody may open twice
	for k, err := range c.checkouts.All(c.tx) {
		if err != nil {
			return err
		}
		if paid := k.State == visit.Paid; paid != (c.booked[k.ID] > 0) {
			c.fail("R18", "checkout %s is %s, and the ledger has %d payments of it", k.ID, k.State, c.booked[k.ID])
		}
		if k.Final() {
			continue
		}
		c.open[k.Visit]++
		if k.Hosted == "" {
			own[k.Visit]++
		}
		if err := c.owned(k); err != nil {
			return err
		}
	}
	for v, n := range own {
		if n > 1 {
			c.fail("R10", "visit %s has %d open checkouts", v, n)
		}
	}
	return nil
}

// owned checks that an open checkout is its visit's, and that a job drives it
// where one has to.
func (c *inspection) owned(k visit.Checkout) error {
	v, ok, err := c.owner(k.Visit, "checkout "+string(k.ID))
	if err != nil || !ok {
		return err
	}
	if v.Checkout != k.ID && (k.Hosted == "" || v.Checkout == "") {
		c.fail("R10", "checkout %s is %s, and its visit doesn't know it", k.ID, k.State)
	}
	job := ""
	switch k.State {
	case visit.Creating, visit.CreateUnknown:
		job = string(k.JobID)
	case visit.Cancelling:
		job = "cancel-" + string(k.ID)
	default:
		return nil
	}
	_, ok, err = c.jobs.Get(c.tx, job)
	if err == nil && !ok && k.Hosted != "" {
		_, ok, err = c.jobs.Get(c.tx, unlinkJob(k.Hosted))
	}
	if err == nil && !ok {
		c.fail("R41", "checkout %s is %s, and no job is queued for it", k.ID, k.State)
	}
	return err
}

// sums walks the visits: what they say was paid is what the ledger has.
func (c *inspection) sums() error {
	for v, err := range c.visits.All(c.tx) {
		if err != nil {
			return err
		}
		if v.Paid != c.paid[v.ID] || v.Refunded != c.refunded[v.ID] {
			c.fail("R25", "visit %s says paid %d, refunded %d; the ledger says %d and %d",
				v.ID, v.Paid, v.Refunded, c.paid[v.ID], c.refunded[v.ID])
		}
		if (v.LinkState == visit.LinkCompleted) != v.PaidByLink {
			c.fail("R11", "visit %s: link %s, paid by link %t", v.ID, v.LinkState, v.PaidByLink)
		}
		if v.Checkout != "" && c.open[v.ID] == 0 {
			c.fail("R10", "visit %s names checkout %s, which is over", v.ID, v.Checkout)
		}
	}
	return nil
}

// issued walks the cards: as many good ones as their visits say they handed
// out, and nothing left on those that are void (R22).
func (c *inspection) issued() error {
	good := map[id.Visit]map[id.Line]int64{}
	for card, err := range c.cards.All(c.tx) {
		if err != nil {
			return err
		}
		h, err := c.holdingOf(card)
		if err != nil {
			return err
		}
		if h.Balance > card.Value || card.State == CardVoid && h.Balance != 0 {
			c.fail("R22", "card %s is %s, of %d, and has %d on it", card.ID, card.State, card.Value, h.Balance)
		}
		if card.State == CardVoid {
			continue
		}
		if good[card.Visit] == nil {
			good[card.Visit] = map[id.Line]int64{}
		}
		good[card.Visit][card.Line]++
	}
	for v, err := range c.visits.All(c.tx) {
		if err != nil {
			return err
		}
		for _, g := range v.Given {
			if n := good[v.ID][g.Line]; g.Kind != visit.Product && n != g.Quantity {
				c.fail("R22", "line %s of visit %s handed out %d cards, and there are %d", g.Line, v.ID, g.Quantity, n)
			}
			delete(good[v.ID], g.Line)
		}
	}
	for which, lines := range good {
		for line, n := range lines {
			c.fail("R22", "line %s of visit %s handed out no cards, and there are %d", line, which, n)
		}
	}
	return nil
}
