package desk

import (
	"fmt"
	"slices"
	"time"

	"countersign/daemon/catalogue"
	"countersign/daemon/client"
	"countersign/daemon/id"
	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/visit"
	"countersign/store"
)

// disk lists everything that is kept. A new kind of record is one line here
// and one in kinds.
type disk struct {
	visits      *store.Collection[id.Visit, visit.Visit]
	byToken     *store.Index[visit.Visit]
	byExternal  *store.Index[visit.Visit]
	byStart     *store.Index[visit.Visit]
	byWord      *store.Index[visit.Visit]
	byClient    *store.Index[visit.Visit]
	clients     *store.Collection[id.Client, client.Client]
	byPhone     *store.Index[client.Client]
	byEmail     *store.Index[client.Client]
	byTrait     *store.Index[client.Client]
	byOrder     *store.Index[client.Client]
	checkouts   *store.Collection[id.Checkout, visit.Checkout]
	bySession   *store.Index[visit.Checkout]
	byOpen      *store.Index[visit.Checkout]
	byOwner     *store.Index[visit.Checkout]
	hostings    *store.Collection[id.Hosted, visit.Hosted]
	byHost      *store.Index[visit.Hosted]
	ledger      *store.Log[ledger.Entry]
	payments    *store.Collection[id.Payment, posting]
	byVisit     *store.Index[posting]
	byVisitDate *store.Index[posting]
	byReceived  *store.Index[posting]
	bySource    *store.Index[posting]
	byOwing     *store.Index[posting]
	byTill      *store.Index[posting]
	inbox       *store.Collection[string, receipt]
	cursors     *store.Cursors
	jobs        *store.Queue[Job]
	changes     *store.Log[Change]
	audit       *store.Log[Audit]
	accounts    *store.Collection[string, Account]
	revoked     *store.Collection[string, revokedKey]
	keys        *store.Collection[string, keyRecord]
	scenes      *store.Collection[id.Desk, Scene]
	places      *store.Collection[id.Desk, Place]
	displays    *store.Collection[id.Display, Display]
	byKey       *store.Index[Display]
	staff       *store.Collection[id.Staff, Staff]
	tokens      *store.Collection[string, tokenRecord]
	sessions    *store.Collection[string, sessionRecord]
	items       *store.Collection[string, catalogue.Item]
	byShelf     *store.Index[catalogue.Item]
	byTerm      *store.Index[catalogue.Item]
	bySKU       *store.Index[catalogue.Item]
	taxes       *store.Collection[string, catalogue.TaxSystem]
	levels      *store.Collection[string, level]
	movements   *store.Log[movement]
	settings    *store.Collection[string, setting]
	attention   *store.Collection[id.Attention, Attention]
	holdings    *store.Collection[string, holding]
	closes      *store.Log[DayClose]
	refunds     *store.Collection[id.Payment, Refund]
	byPayment   *store.Index[Refund]
	early       *store.Collection[string, earlyRefund]
	byRefunded  *store.Index[earlyRefund]
	disputes    *store.Collection[string, dispute]
	byDisputed  *store.Index[dispute]
	cards       *store.Collection[id.Card, Card]
	byCode      *store.Index[Card]
	byHolder    *store.Index[Card]
	bySale      *store.Index[Card]
	pictures    *store.Collection[id.Item, slidePicture]
	fiscals     *store.Collection[id.Payment, Fiscal]
	byOriginal  *store.Index[Fiscal]
	deliveries  *store.Collection[id.Delivery, Delivery]
	bySubject   *store.Index[Delivery]
	byReceipt   *store.Index[Delivery]
	outbox      *store.Queue[Parcel]
	subscribers *store.Collection[id.Subscriber, Subscriber]
	messages    *store.Collection[string, Message]
	byFeed      *store.Index[Message]
}

// posting finds an entry of the ledger, which is in the log at Seq, and says
// what reports add up of it, so that they needn't read the log.
type posting struct {
	ID        id.Payment     `json:"id"`
	Seq       uint64         `json:"seq"`
	Kind      ledger.Kind    `json:"kind"`
	Visit     id.Visit       `json:"visit,omitempty"`
	VisitDate string         `json:"visit_date"`
	Received  time.Time      `json:"received"`
	Method    string         `json:"method"`
	Register  string         `json:"register"`
	Amount    int64          `json:"amount"`
	Currency  money.Currency `json:"currency"`
	Staff     id.Staff       `json:"staff,omitempty"`
	Client    id.Client      `json:"client,omitempty"` // whose balance it changed
	Flags     []string       `json:"flags,omitempty"`
	// Shares split the amount over what was sold; a refund's are negative.
	Shares []visit.Share `json:"shares,omitempty"`
	// Source is provider/session for payments that a provider confirmed, and
	// Payment the provider's id of them, so that its refunds find them.
	Source   string `json:"source,omitempty"`
	Provider string `json:"provider,omitempty"`
	Payment  string `json:"payment,omitempty"`
	// Refunded is the sum of the refunds of this payment so far, Reserved that
	// of the refunds which its provider was asked for and hasn't made yet.
	Refunded int64 `json:"refunded,omitempty"`
	Reserved int64 `json:"reserved,omitempty"`
}

// listed tells whether an entry is money that moved. Grants, withdrawals, and
// the assignment of money that came before are of the ledger, and not of the
// list of payments.
func (p *posting) listed() bool {
	return (p.Kind == ledger.KindPayment || p.Kind == ledger.KindRefund) && !ledger.Unassigned(p.Register)
}

// receipt is one entry of the inbox: a fact of a provider that was applied, and
// of a refund the entry that booked it.
type receipt struct {
	Key   string     `json:"key"`
	At    time.Time  `json:"at"`
	Entry id.Payment `json:"entry,omitempty"`
}

// setting is a record of which there is one.
type setting struct {
	Name     string    `json:"name"`
	Location Location  `json:"location"`
	Idle     Idle      `json:"idle,omitzero"`
	Provider string    `json:"provider,omitempty"`
	Alive    time.Time `json:"alive,omitzero"`
}

func newDisk() *disk {
	d := &disk{
		byToken:     store.NewUnique("token", func(v *visit.Visit) []string { return present(string(v.Token)) }),
		byExternal:  store.NewUnique("external", func(v *visit.Visit) []string { return present(v.ExternalID) }),
		byStart:     store.NewIndex("start", func(v *visit.Visit) []string { return []string{stamp(v.StartsAt)} }),
		byWord:      store.NewIndex("word", searchWords),
		byClient:    store.NewIndex("client", func(v *visit.Visit) []string { return present(string(v.Client.ID)) }),
		byPhone:     store.NewUnique("phone", func(c *client.Client) []string { return present(client.PhoneKey(c.Phone)) }),
		byEmail:     store.NewIndex("email", func(c *client.Client) []string { return present(client.EmailKey(c.Email)) }),
		byTrait:     store.NewIndex("word", clientWords),
		byOrder:     store.NewIndex("order", inOrder),
		bySession:   store.NewIndex("session", func(c *visit.Checkout) []string { return present(source(c.Provider, c.Session)) }),
		byOpen:      store.NewIndex("open", openKey),
		byOwner:     store.NewIndex("owner", func(c *visit.Checkout) []string { return []string{string(c.Visit)} }),
		byHost:      store.NewIndex("open", hostKey),
		byVisit:     store.NewIndex("visit", ofVisit),
		byVisitDate: store.NewIndex("visit_date", func(p *posting) []string { return p.within(p.VisitDate) }),
		byOwing:     store.NewIndex("client", func(p *posting) []string { return present(string(p.Client)) }),
		byTill:      store.NewIndex("till", till),
		byReceived:  store.NewIndex("received", func(p *posting) []string { return p.within(stamp(p.Received)) }),
		bySource:    store.NewIndex("source", sources),
		byPayment:   store.NewIndex("payment", func(r *Refund) []string { return []string{string(r.Payment)} }),
		byRefunded:  store.NewIndex("source", refundSources),
		byDisputed:  store.NewIndex("source", disputeSources),
		byCode:      store.NewUnique("code", func(c *Card) []string { return []string{c.Code} }),
		byHolder:    store.NewIndex("holder", func(c *Card) []string { return present(string(c.Client)) }),
		bySale:      store.NewIndex("sale", func(c *Card) []string { return []string{string(c.Visit)} }),
		bySubject:   store.NewIndex("visit", func(x *Delivery) []string { return present(string(x.Visit)) }),
		byReceipt:   store.NewIndex("payment", func(x *Delivery) []string { return present(string(x.Payment)) }),
		outbox:      store.NewQueue[Parcel]("outbox"),
		byFeed:      store.NewIndex("feed", inFeed),
		byOriginal:  store.NewIndex("sale", func(f *Fiscal) []string { return present(string(f.Sale)) }),
		byShelf:     store.NewIndex("shelf", onShelf),
		byTerm:      store.NewIndex("term", terms),
		bySKU:       store.NewIndex("sku", func(i *catalogue.Item) []string { return present(catalogue.SKUKey(i.SKU)) }),
		byKey:       store.NewUnique("key", func(d *Display) []string { return present(d.KeyHash) }),
		ledger:      store.NewChain[ledger.Entry]("ledger"),
		cursors:     store.NewCursors("cursors"),
		jobs:        store.NewQueue[Job]("jobs"),
		changes:     store.NewLog[Change]("changes"),
		audit:       store.NewLog[Audit]("audit"),
		closes:      store.NewLog[DayClose]("day_closes"),
		movements:   store.NewLog[movement]("movements"),
	}
	return d.collect()
}

// collect makes the collections, over the indexes that are there by then.
func (d *disk) collect() *disk {
	d.visits = store.NewCollection("visits", func(v *visit.Visit) id.Visit { return v.ID }, d.byToken, d.byExternal, d.byStart, d.byWord, d.byClient)
	d.clients = store.NewCollection("clients", func(c *client.Client) id.Client { return c.ID }, d.byPhone, d.byEmail, d.byTrait, d.byOrder)
	d.checkouts = store.NewCollection("checkouts", func(c *visit.Checkout) id.Checkout { return c.ID }, d.bySession, d.byOpen, d.byOwner)
	d.hostings = store.NewCollection("hosted_links", func(h *visit.Hosted) id.Hosted { return h.ID }, d.byHost)
	d.payments = store.NewCollection("payments", func(p *posting) id.Payment { return p.ID }, d.byVisit, d.byVisitDate, d.byReceived, d.bySource, d.byOwing, d.byTill)
	d.inbox = store.NewCollection("inbox", func(r *receipt) string { return r.Key })
	d.keys = store.NewCollection("keys", func(k *keyRecord) string { return k.Key })
	d.scenes = store.NewCollection("scenes", func(s *Scene) id.Desk { return s.Desk })
	d.places = store.NewCollection("desks", func(p *Place) id.Desk { return p.ID })
	d.displays = store.NewCollection("displays", func(x *Display) id.Display { return x.ID }, d.byKey)
	d.staff = store.NewCollection("staff", func(s *Staff) id.Staff { return s.ID })
	d.tokens = store.NewCollection("tokens", func(t *tokenRecord) string { return t.Hash })
	d.sessions = store.NewCollection("sessions", func(s *sessionRecord) string { return s.Hash })
	d.items = store.NewCollection("items", func(i *catalogue.Item) string { return i.ID }, d.byShelf, d.byTerm, d.bySKU)
	d.taxes = store.NewCollection("tax_systems", func(s *catalogue.TaxSystem) string { return s.ID })
	d.levels = store.NewCollection("levels", func(l *level) string { return l.Item })
	d.revoked = store.NewCollection("revoked_keys", func(k *revokedKey) string { return k.Hash })
	d.accounts = store.NewCollection("accounts", func(a *Account) string { return a.Name })
	d.settings = store.NewCollection("settings", func(s *setting) string { return s.Name })
	d.refunds = store.NewCollection("refunds", func(r *Refund) id.Payment { return r.ID }, d.byPayment)
	d.early = store.NewCollection("early_refunds", func(e *earlyRefund) string { return e.ID }, d.byRefunded)
	d.disputes = store.NewCollection("disputes", func(k *dispute) string { return k.ID }, d.byDisputed)
	d.holdings = store.NewCollection("holdings", func(h *holding) string { return holdingKey(h.Account, h.Currency) })
	d.cards = store.NewCollection("cards", func(c *Card) id.Card { return c.ID }, d.byCode, d.byHolder, d.bySale)
	d.deliveries = store.NewCollection("deliveries", func(x *Delivery) id.Delivery { return x.ID }, d.bySubject, d.byReceipt)
	d.subscribers = store.NewCollection("subscribers", func(s *Subscriber) id.Subscriber { return s.ID })
	d.messages = store.NewCollection("messages", func(m *Message) string { return m.ID }, d.byFeed)
	d.attention = store.NewCollection("attention", func(a *Attention) id.Attention { return a.ID })
	d.pictures = store.NewCollection("pictures", func(p *slidePicture) id.Item { return p.ID })
	d.fiscals = store.NewCollection("fiscal", func(f *Fiscal) id.Payment { return f.Payment }, d.byOriginal)
	return d
}

// Kinds lists every kind of record, for store.Options.
func Kinds() []store.Kind {
	d := newDisk()
	return []store.Kind{
		d.visits, d.clients, d.checkouts, d.ledger, d.payments, d.inbox, d.cursors, d.jobs, d.changes, d.audit, d.keys,
		d.scenes, d.places, d.displays, d.staff, d.tokens, d.sessions, d.items, d.settings, d.attention,
		d.holdings, d.cards, d.levels, d.movements, d.taxes, d.early, d.refunds, d.disputes, d.closes,
		d.pictures, d.fiscals, d.deliveries, d.outbox, d.accounts, d.revoked, d.hostings,
		d.subscribers, d.messages,
	}
}

func ofVisit(p *posting) []string {
	if !p.listed() {
		return nil
	}
	return present(string(p.Visit))
}

// within is a posting's place in an order of time, if it is listed at all.
func (p *posting) within(when string) []string {
	if !p.listed() {
		return nil
	}
	return []string{when + seqKey(p.Seq)}
}

func present(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// stamp orders times as text, to the nanosecond and in UTC.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

func seqKey(seq uint64) string { return fmt.Sprintf("/%016x", seq) }

// source names a payment attempt across providers; empty without a session.
func source(provider, session string) string {
	if session == "" {
		return ""
	}
	return provider + "/" + session
}

// paymentKey names a provider's payment; no session's name has two slashes in a row.
func paymentKey(provider, payment string) string { return provider + "//" + payment }

func sources(p *posting) []string { return sourcesOf(p.Source, p.Provider, p.Payment) }

func refundSources(e *earlyRefund) []string {
	return sourcesOf(source(e.Provider, e.Refund.Session), e.Provider, e.Refund.Payment)
}

func sourcesOf(source, provider, payment string) []string {
	found := present(source)
	if payment != "" {
		found = append(found, paymentKey(provider, payment))
	}
	return found
}

// openKey indexes the checkouts that aren't final, by visit.
func openKey(c *visit.Checkout) []string {
	if c.Final() {
		return nil
	}
	return []string{string(c.Visit)}
}

// hostKey indexes the links that aren't closed, by visit.
func hostKey(h *visit.Hosted) []string {
	if h.State == visit.Closed {
		return nil
	}
	return []string{string(h.Visit)}
}

// searchWords are the words that a visit is found by: of the client's name,
// the number as it is dialled from abroad, at home and by its last digits, the
// short code.
func searchWords(v *visit.Visit) []string {
	words := append(catalogue.Words(v.Client.Name), client.Client{Phone: v.Client.Phone}.Traits()...)
	if v.Code != "" {
		words = append(words, v.Code)
	}
	return distinct(words)
}

func distinct(words []string) []string {
	kept := words[:0]
	for _, w := range words {
		if !slices.Contains(kept, w) { // a dozen words: a map costs more
			kept = append(kept, w)
		}
	}
	return kept
}
