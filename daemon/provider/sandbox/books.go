package sandbox

import "countersign/store"

// books is everything in the company's file.
type books struct {
	sessions        *store.Collection[string, session]
	byKey           *store.Index[session]
	byReference     *store.Index[session]
	payments        *store.Collection[string, Payment]
	refunds         *store.Collection[string, refund]
	refundByKey     *store.Index[refund]
	refundsOf       *store.Index[refund]
	disputes        *store.Collection[string, dispute]
	disputesOf      *store.Index[dispute]
	receipts        *store.Collection[string, Receipt]
	receiptByNumber *store.Index[Receipt]
	events          *store.Log[event]
	timers          *store.Queue[timer]
	hooks           *store.Queue[delivery]
	deliveries      *store.Collection[string, Delivery]
}

func newBooks() *books {
	b := &books{
		byKey:       store.NewUnique("key", func(x *session) []string { return []string{x.Key} }),
		byReference: store.NewIndex("reference", func(x *session) []string { return []string{x.Reference} }),
		refundByKey: store.NewUnique("key", func(r *refund) []string {
			if r.Key == "" {
				return nil
			}
			return []string{r.Key}
		}),
		refundsOf:       store.NewIndex("payment", func(r *refund) []string { return []string{r.Payment} }),
		receiptByNumber: store.NewUnique("number", func(r *Receipt) []string { return []string{r.Number} }),
		disputesOf:      store.NewIndex("payment", func(d *dispute) []string { return []string{d.Payment} }),
		events:          store.NewLog[event]("events"),
		timers:          store.NewQueue[timer]("timers"),
		hooks:           store.NewQueue[delivery]("hooks"),
	}
	b.sessions = store.NewCollection("sessions", func(x *session) string { return x.ID }, b.byKey, b.byReference)
	b.payments = store.NewCollection("payments", func(p *Payment) string { return p.ID })
	b.refunds = store.NewCollection("refunds", func(r *refund) string { return r.ID }, b.refundByKey, b.refundsOf)
	b.disputes = store.NewCollection("disputes", func(d *dispute) string { return d.ID }, b.disputesOf)
	b.receipts = store.NewCollection("receipts", func(r *Receipt) string { return r.Receipt.Key }, b.receiptByNumber)
	b.deliveries = store.NewCollection("deliveries", func(d *Delivery) string { return d.Event })
	return b
}

func (b *books) kinds() []store.Kind {
	return []store.Kind{b.sessions, b.payments, b.refunds, b.disputes, b.receipts, b.events, b.timers, b.hooks, b.deliveries}
}
