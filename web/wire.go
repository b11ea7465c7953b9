package web

import (
	"time"

	"countersign/daemon/ledger"
	"countersign/daemon/visit"
)

// The shapes of the API, apart from the records behind them: what is stored
// may change, these may only grow.

type wireClient struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	Email    string `json:"email"`
	Language string `json:"language"`
}

type wireLine struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Ref       string `json:"ref"`
	Name      string `json:"name"`
	Quantity  int64  `json:"quantity"`
	UnitPrice int64  `json:"unit_price"`
	Discount  int64  `json:"discount"`
	TaxSystem string `json:"tax_system"`
	CoveredBy string `json:"covered_by,omitempty" doc:"The card of the membership that pays for the line, which then costs nothing; an edit of the lines neither says nor loses it."`
}

type wireVisit struct {
	ID           string     `json:"id"`
	ExternalID   string     `json:"external_id"`
	Version      int64      `json:"version"`
	Code         string     `json:"code" doc:"Four digits to name the visit aloud; unique within its day."`
	Client       wireClient `json:"client"`
	StartsAt     time.Time  `json:"starts_at"`
	Staff        string     `json:"staff"`
	Status       string     `json:"status"`
	Lines        []wireLine `json:"lines"`
	Currency     string     `json:"currency"`
	Total        int64      `json:"total"`
	Paid         int64      `json:"paid"`
	Refunded     int64      `json:"refunded"`
	Due          int64      `json:"due"`
	PaymentState string     `json:"payment_state"`
	BlockedUntil *time.Time `json:"blocked_until" doc:"Until when a client is paying; null when none is."`
	LinkState    string     `json:"link_state"`
	PaidByLink   bool       `json:"paid_by_link"`
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
}

// showVisit is a visit as the API tells it: times in the location's zone, and
// a block only while it holds.
func showVisit(v visit.Visit, zone *time.Location, now time.Time) wireVisit {
	w := wireVisit{
		ID: string(v.ID), ExternalID: v.ExternalID, Version: v.Version, Code: v.Code,
		Client: wireClient{ID: string(v.Client.ID), Name: v.Client.Name, Phone: v.Client.Phone,
			Email: v.Client.Email, Language: v.Client.Language},
		StartsAt: v.StartsAt.In(zone), Staff: string(v.Staff), Status: string(v.Status), Lines: showLines(v.Lines),
		Currency: string(v.Currency), Total: v.Total(), Paid: v.Paid, Refunded: v.Refunded, Due: v.Due(),
		PaymentState: string(v.PaymentState()), LinkState: string(v.LinkState), PaidByLink: v.PaidByLink,
		CreatedAt: v.CreatedAt.In(zone), UpdatedAt: v.UpdatedAt.In(zone),
	}
	if v.Blocked(now) {
		until := v.BlockedUntil.In(zone)
		w.BlockedUntil = &until
	}
	return w
}

func showLines(lines []visit.Line) []wireLine {
	shown := make([]wireLine, 0, len(lines))
	for _, l := range lines {
		shown = append(shown, wireLine{ID: string(l.ID), Kind: string(l.Kind), Ref: l.Ref, Name: l.Name, Quantity: l.Quantity,
			UnitPrice: l.UnitPrice, Discount: l.Discount, TaxSystem: l.TaxSystem, CoveredBy: string(l.CoveredBy)})
	}
	return shown
}

type wirePayment struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	Visit      string    `json:"visit"`
	Method     string    `json:"method"`
	Provider   string    `json:"provider"`
	Register   string    `json:"register"`
	Amount     int64     `json:"amount"`
	Currency   string    `json:"currency"`
	ReceivedAt time.Time `json:"received_at"`
	VisitDate  string    `json:"visit_date"`
	Checkout   string    `json:"checkout"`
	Refunds    string    `json:"refunds" doc:"The payment that a refund gives back."`
	Refunded   int64     `json:"refunded"`
	Restores   string    `json:"restores,omitempty" doc:"The refund that a payment makes good: a bank took it, and gave it back."`
	Staff      string    `json:"staff"`
	Flags      []string  `json:"flags"`
	Receipt    string    `json:"receipt"`
	Client     string    `json:"client,omitempty" doc:"Whose points, cashback or deposit."`
	Reason     string    `json:"reason,omitempty" doc:"Why a refund was made."`
	State      string    `json:"state,omitempty" enum:"booked,pending,failed" doc:"Of a refund that was asked for."`

	Fiscal *wireFiscal `json:"fiscal,omitempty" doc:"Its receipt at the fiscal device, where one is configured and it needs one."`
}

// showEntry is an entry of the ledger as the API tells it.
func (s *server) showEntry(e ledger.Entry, zone *time.Location) (wirePayment, error) {
	refunded := int64(0)
	if e.Kind == ledger.KindPayment {
		var err error
		if refunded, err = s.desk.Refunded(e.ID); err != nil {
			return wirePayment{}, err
		}
	}
	registered, err := s.showFiscal(e.ID)
	if err != nil {
		return wirePayment{}, err
	}
	return wirePayment{ID: string(e.ID), Fiscal: registered, Kind: string(e.Kind), Visit: string(e.Visit), Method: e.Method, Provider: e.Provider,
		Register: e.Register, Amount: e.Amount, Currency: string(e.Currency), ReceivedAt: e.ReceivedAt.In(zone),
		VisitDate: e.VisitDate, Checkout: string(e.Checkout), Refunds: string(e.Refunds), Refunded: refunded, Restores: string(e.Restores),
		Staff: string(e.Staff), Flags: append([]string{}, e.Flags...), Client: string(e.Client), Reason: e.Note}, nil
}

type wireStaff struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Active bool   `json:"active"`
}

// moment is a time in a zone, nil for none.
func moment(t time.Time, zone *time.Location) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(zone)
	return &t
}
