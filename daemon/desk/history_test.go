package desk_test

import (
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/provider"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
	"countersign/store"
	"countersign/store/storetest"

	"pgregory.net/rapid"
)

// history is a salon with several tablets, whose acts come in any order and
// several at once, and a provider whose part is drawn too.
type history struct {
	*desk.Desk
	db     *store.DB
	oil    string
	pass   string
	visits []id.Visit
	pages  []provider.Session
	events int
}

func newHistory(t *testing.T, rt *rapid.T) *history {
	db := storetest.Open(t, store.Options{Program: "countersign", Kinds: desk.Kinds()})
	h := &history{db: db, Desk: desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: "sandbox",
		Providers: map[string]provider.Provider{"sandbox": paper{}}, PublicURL: func() string { return "http://192.0.2.7" }})}
	h.Synced()
	oil, err := h.SaveItem(boss, catalogue.Item{Kind: visit.Product, Name: "Oil", Price: 900, Active: true})
	if err == nil {
		_, err = h.Move(boss, oil.ID, 5, stock.Receipt, "", desk.Key{})
	}
	if err != nil {
		rt.Fatal(err)
	}
	pass, err := h.SaveItem(boss, catalogue.Item{Kind: visit.Membership, Name: "Four visits", Price: 2000, Uses: 4, Active: true})
	if err != nil {
		rt.Fatal(err)
	}
	h.oil, h.pass = oil.ID, pass.ID
	h.sellPass(rt)
	return h
}

// acts are what a tablet, a client or the provider does. What an act draws it
// draws before it runs, so that several can run at once; that it is refused is
// as good as that it is done.
func (h *history) acts() []func(*rapid.T) func() {
	return []func(*rapid.T) func(){h.book, h.edit, h.take, h.favour, h.open, h.answer, h.giveBack, h.settleRefund, h.attend, h.cover, h.uncover, h.changeLines, h.takeAway}
}

func (h *history) some(rt *rapid.T) (id.Visit, bool) {
	if len(h.visits) == 0 {
		return "", false
	}
	return rapid.SampledFrom(h.visits).Draw(rt, "visit"), true
}

func nothing() {}

func (h *history) book(rt *rapid.T) func() {
	d := visit.Draft{Client: visit.Client{Name: "Anna", Phone: rapid.SampledFrom([]string{"+36201234567", "+36207654321"}).Draw(rt, "phone")}, AcceptShort: true}
	for range rapid.IntRange(1, 3).Draw(rt, "lines") {
		l := visit.Line{Kind: rapid.SampledFrom([]visit.LineKind{visit.Service, visit.Product, visit.GiftCard, visit.Membership}).Draw(rt, "kind"), Name: "Thing",
			Quantity: rapid.Int64Range(1, 3).Draw(rt, "quantity"), UnitPrice: rapid.Int64Range(0, 3000).Draw(rt, "price")}
		if l.Kind == visit.Product {
			l.Ref = h.oil
		}
		if l.Kind == visit.Membership {
			l.Ref = h.pass
		}
		d.Lines = append(d.Lines, l)
	}
	v, _, err := h.CreateVisit(boss, d, desk.Key{})
	if err != nil {
		rt.Fatal(err)
	}
	h.visits = append(h.visits, v.ID)
	return nothing
}

func (h *history) edit(rt *rapid.T) func() {
	which, ok := h.some(rt)
	if !ok {
		return nothing
	}
	v, err := h.Visit(boss, which)
	if err != nil {
		rt.Fatal(err)
	}
	lines := append([]visit.Line{}, v.Lines...)
	if len(lines) == 0 {
		return nothing
	}
	lines[0].UnitPrice = rapid.Int64Range(0, 3000).Draw(rt, "price")
	return func() {
		_, _ = h.EditVisit(boss, which, v.Version, visit.Patch{Lines: &lines, AcceptShort: true})
	}
}

func (h *history) take(rt *rapid.T) func() {
	which, ok := h.some(rt)
	if !ok {
		return nothing
	}
	by := desk.Taking{Method: rapid.SampledFrom([]string{"cash", "card", "loyalty", "cashback", "deposit", "gift_card"}).Draw(rt, "method"),
		Amount: rapid.Int64Range(1, 4000).Draw(rt, "amount")}
	if by.Method == "gift_card" {
		for _, v := range h.visits {
			if cards, err := h.VisitCards(boss, v); err == nil && len(cards) > 0 {
				by.Card = cards[rapid.IntRange(0, len(cards)-1).Draw(rt, "card")].Code
			}
		}
	}
	return func() { _, _ = h.TakePayment(boss, which, by, desk.Key{}) }
}

func (h *history) favour(rt *rapid.T) func() {
	which, ok := h.some(rt)
	if !ok {
		return nothing
	}
	v, err := h.Visit(boss, which)
	if err != nil {
		rt.Fatal(err)
	}
	g := desk.Grant{Method: rapid.SampledFrom([]string{"loyalty", "cashback"}).Draw(rt, "method"), Amount: rapid.Int64Range(-2000, 3000).Draw(rt, "amount"), Reason: "a favour"}
	top := rapid.Int64Range(1, 3000).Draw(rt, "deposit")
	return func() {
		_, _ = h.GrantBalance(boss, v.Client.ID, g, desk.Key{})
		_, _ = h.TopUp(boss, v.Client.ID, by("cash", top), desk.Key{})
	}
}

// open has a client open the link, and the provider make a page for it.
func (h *history) open(rt *rapid.T) func() {
	which, ok := h.some(rt)
	if !ok {
		return nothing
	}
	v, err := h.Visit(boss, which)
	if err != nil {
		rt.Fatal(err)
	}
	o, err := h.Begin(v.Token)
	if err != nil || o.URL != "" {
		return nothing
	}
	jobs, _, err := h.DueJobs(20)
	if err != nil {
		rt.Fatal(err)
	}
	for _, j := range jobs {
		if j.Value.Kind != desk.JobCreate {
			continue
		}
		w, ok, err := h.TakeJob(j.ID, time.Hour)
		if err != nil || !ok {
			continue
		}
		p := provider.Session{ID: "ses_" + w.Request.Reference, Reference: w.Request.Reference, URL: "https://pay.example/x", Status: provider.Open,
			Amount: w.Request.Amount, Currency: w.Request.Currency}
		if err := h.Answered(j.ID, w.Checkout.ID, p); err != nil {
			rt.Fatal(err)
		}
		h.pages = append(h.pages, p)
	}
	return nothing
}

// answer is the provider's word on any page it ever made, also twice.
func (h *history) answer(rt *rapid.T) func() {
	if len(h.pages) == 0 {
		return nothing
	}
	p := rapid.SampledFrom(h.pages).Draw(rt, "page")
	p.Status = rapid.SampledFrom([]provider.Status{provider.Paid, provider.Failed, provider.Expired, provider.Cancelled}).Draw(rt, "status")
	if p.Status == provider.Paid {
		p.Payment = fmt.Sprint("pay_", rapid.IntRange(1, 2).Draw(rt, "payment"), p.ID)
	}
	h.events++
	e := provider.Event{ID: fmt.Sprint("e", h.events), At: time.Now(), Session: p}
	return func() {
		_ = h.Confirm("sandbox", []provider.Event{e}, "")
		_ = h.Confirm("sandbox", []provider.Event{e}, "")
	}
}

func (h *history) giveBack(rt *rapid.T) func() {
	payments, _, err := h.Payments(boss, desk.PaymentQuery{Limit: 500})
	if err != nil || len(payments) == 0 {
		return nothing
	}
	p := rapid.SampledFrom(payments).Draw(rt, "payment")
	g := desk.Giving{Amount: rapid.Int64Range(1, p.Amount+5).Draw(rt, "amount"), Method: rapid.SampledFrom([]string{"", "cash"}).Draw(rt, "method")}
	return func() { _, _ = h.RefundPayment(boss, p.ID, g, desk.Key{}) }
}

// settleRefund is the provider's answer to what it was asked to give back.
func (h *history) settleRefund(rt *rapid.T) func() {
	jobs, _, err := h.DueJobs(20)
	if err != nil {
		rt.Fatal(err)
	}
	status := rapid.SampledFrom([]string{provider.RefundSucceeded, provider.RefundFailed, provider.RefundPending}).Draw(rt, "status")
	for _, j := range jobs {
		if j.Value.Kind != desk.JobRefund {
			continue
		}
		if w, ok, err := h.TakeJob(j.ID, 0); err == nil && ok {
			return func() { _ = h.RefundAnswered(j.ID, made(w, status)) }
		}
	}
	return nothing
}

func (h *history) attend(rt *rapid.T) func() {
	list, err := h.Attention(boss)
	if err != nil || len(list) == 0 {
		return nothing
	}
	x := rapid.SampledFrom(list).Draw(rt, "notice")
	which, _ := h.some(rt)
	how := rapid.IntRange(0, 3).Draw(rt, "how")
	return func() {
		switch how {
		case 0:
			_ = h.Accept(boss, x.ID)
		case 1:
			_, _ = h.RefundAttention(boss, x.ID, "unexpected")
		case 2:
			_ = h.ReleaseCard(boss, x.ID)
		default:
			_ = h.Assign(boss, x.ID, which)
		}
	}
}

// R16, R18, R22, R23, R25: whatever several tablets, clients and the provider do
// at once and in whatever order, every invariant holds, and what is paid, due
// and handed out agrees for every visit.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(t, rt)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			var together sync.WaitGroup
			for range rapid.IntRange(1, 3).Draw(rt, "at once") {
				acts := h.acts()
				together.Go(acts[rapid.IntRange(0, len(acts)-1).Draw(rt, "act")](rt))
			}
			together.Wait()
		}
		problems, err := desk.Verify(h.db)
		if err != nil || len(problems) > 0 {
			rt.Fatalf("%v %v", problems, err)
		}
		for _, which := range h.visits {
			h.agrees(rt, which)
		}
	})
}

func (h *history) agrees(rt *rapid.T, which id.Visit) {
	v, err := h.Visit(boss, which)
	if err != nil {
		rt.Fatal(err)
	}
	entries, err := h.VisitPayments(boss, which)
	if err != nil {
		rt.Fatal(err)
	}
	net := int64(0)
	for _, e := range entries {
		if e.Kind == ledger.KindRefund {
			net -= e.Amount
		} else {
			net += e.Amount
		}
	}
	if v.Total()-net != v.Balance() {
		rt.Fatalf("%s: total %d less %d isn't %d", which, v.Total(), net, v.Balance())
	}
	for _, l := range v.Lines {
		if v.Handed(l.ID) > l.Quantity {
			rt.Fatalf("%s: line of %d handed out %d", which, l.Quantity, v.Handed(l.ID))
		}
	}
}
