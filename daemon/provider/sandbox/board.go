package sandbox

import (
	_ "embed" // the dashboard and its stylesheet
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/daemon/money"
	"countersign/daemon/provider"
	"countersign/store"
)

//go:embed board.html
var boardHTML string

//go:embed board.css
var boardCSS []byte

// mostPayments are on the dashboard; what is older is in the API.
const mostPayments = 50

func newBoard() *template.Template { return template.Must(template.New("board").Parse(boardHTML)) }

// boardView is all that the dashboard shows, or the door before it.
type boardView struct {
	Words    boardWords
	CSS      string
	Home     string // the dashboard's address from here: all addresses begin with it
	Door     bool
	Wrong    bool // the key that was given
	Problem  string
	Mood     string // made, pending or refused
	Payments []boardPayment
}

// boardPayment is a payment on the dashboard, with what went back of it.
type boardPayment struct {
	ID, Reference, At  string
	Amount, Left       string
	Input              string // what is left, as it is typed
	Refunded, Disputed string // empty if nothing
	Open               bool   // it is disputed, and nobody has decided
	CanRefund          bool
	CanDispute         bool
	Moves              []boardMove
}

// boardMove is a refund or a dispute. Asks says that somebody has to say how it ends.
type boardMove struct {
	Kind, ID, Title, Tone string
	Amount, Reason, At    string
	Asks                  bool
}

func (s *Server) boardView(r *http.Request) boardView {
	v := boardView{Words: boardWordsFor(r.Header.Get("Accept-Language")), Home: home(r), Mood: "made"}
	v.CSS = strings.TrimSuffix(v.Home, "dashboard") + "static/" + s.face.print + "/"
	switch f := s.Faults(); {
	case f.RefuseRefunds > 0:
		v.Mood = "refused"
	case f.PendRefunds > 0:
		v.Mood = "pending"
	}
	return v
}

// home is the dashboard's address relative to a request's: a proxy may put a
// prefix before both.
func home(r *http.Request) string {
	_, below, _ := strings.Cut(r.URL.Path, "/sandbox/dashboard")
	return strings.Repeat("../", strings.Count(below, "/")) + "dashboard"
}

func (s *Server) showBoard(w http.ResponseWriter, r *http.Request) { s.board(w, r, http.StatusOK, nil) }

// board answers with the dashboard, and what went wrong if something did.
func (s *Server) board(w http.ResponseWriter, r *http.Request, status int, problem error) {
	v := s.boardView(r)
	if problem != nil {
		v.Problem = v.Words.problem(problem)
	}
	err := s.db.View(func(tx *store.Tx) error {
		all, err := s.newest(tx)
		if err != nil {
			return err
		}
		for _, p := range all {
			shown, err := s.boardPayment(tx, p, v.Words)
			if err != nil {
				return err
			}
			v.Payments = append(v.Payments, shown)
		}
		return nil
	})
	if err != nil {
		http.Error(w, "SANDBOX: the dashboard can't be read", http.StatusInternalServerError)
		return
	}
	s.renderBoard(w, status, v)
}

// newest are the payments that are shown, the last one first.
func (s *Server) newest(tx *store.Tx) (all []Payment, err error) {
	for p, err := range s.book.payments.All(tx) {
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b Payment) int { return b.PaidAt.Compare(a.PaidAt) })
	return all[:min(len(all), mostPayments)], nil
}

func (s *Server) boardPayment(tx *store.Tx, p Payment, words boardWords) (boardPayment, error) {
	says := func(amount int64) string { return money.Format(amount, money.Currency(p.Currency), words.Lang) }
	b := boardPayment{ID: p.ID, Reference: p.Reference, At: words.when(p.PaidAt), Amount: says(p.Amount), Left: says(p.left()),
		Input: strings.Replace(money.Decimal(p.left(), money.Currency(p.Currency)), ".", words.Point, 1)}
	if p.Refunded > 0 {
		b.Refunded = says(p.Refunded)
	}
	if p.Disputed > 0 {
		b.Disputed = says(p.Disputed)
	}
	for r, err := range s.book.refunds.Where(tx, s.book.refundsOf, p.ID) {
		if err != nil {
			return b, err
		}
		title, tone := words.refund(r.status(), r.Key == "")
		b.Moves = append(b.Moves, boardMove{Kind: "refunds", ID: r.ID, Title: title, Tone: tone, Amount: says(r.Amount),
			Reason: r.Reason, At: words.when(r.At), Asks: r.status() == provider.RefundPending})
	}
	for d, err := range s.book.disputes.Where(tx, s.book.disputesOf, p.ID) {
		if err != nil {
			return b, err
		}
		open := d.Status == provider.DisputeOpened
		title, tone := words.dispute(d.Status)
		b.Moves = append(b.Moves, boardMove{Kind: "disputes", ID: d.ID, Title: title, Tone: tone, Amount: says(d.Amount),
			Reason: d.Reason, At: words.when(d.At), Asks: open})
		b.Open = b.Open || open
	}
	b.CanDispute = !b.Open && p.Disputed == 0
	b.CanRefund = !b.Open && p.left() > 0
	return b, nil
}

func (s *Server) renderBoard(w http.ResponseWriter, status int, v boardView) {
	s.renderWith(s.face.board, w, status, v)
}

// pressed answers a button of the dashboard: on by GET, so that reloading
// presses nothing, or the dashboard with what was wrong.
func (s *Server) pressed(w http.ResponseWriter, r *http.Request, err error) {
	var no *refusal
	switch {
	case err == nil:
		s.backToBoard(w, r)
	case errors.As(err, &no):
		s.board(w, r, no.status, err)
	default:
		http.Error(w, "SANDBOX: that could not be stored", http.StatusInternalServerError)
	}
}

func (s *Server) backToBoard(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Location", home(r))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}

// typed reads the amount of a payment that a form names.
func (s *Server) typed(r *http.Request) (p Payment, amount int64, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		var ok bool
		if p, ok, err = s.book.payments.Get(tx, r.PathValue("id")); err == nil && !ok {
			return unknown("payment")
		}
		return err
	})
	if err != nil {
		return p, 0, err
	}
	if amount, err = money.Parse(r.PostFormValue("amount"), money.Currency(p.Currency)); err != nil || amount <= 0 {
		return p, 0, invalid("amount: more than zero")
	}
	return p, amount, nil
}

func (s *Server) refundByBoard(w http.ResponseWriter, r *http.Request) {
	p, amount, err := s.typed(r)
	if err == nil {
		_, err = s.giveBack("", "", wireRefundRequest{Payment: p.ID, Amount: amount, Currency: p.Currency})
	}
	s.pressed(w, r, err)
}

func (s *Server) disputeByBoard(w http.ResponseWriter, r *http.Request) {
	p, amount, err := s.typed(r)
	if err == nil {
		_, err = s.dispute(wireDisputeRequest{Payment: p.ID, Amount: amount, Reason: "fraudulent"})
	}
	s.pressed(w, r, err)
}

// verdictByBoard ends a refund that is pending, or a dispute.
func (s *Server) verdictByBoard(w http.ResponseWriter, r *http.Request) {
	id, err := r.PathValue("id"), error(nil)
	switch r.PathValue("kind") + " " + r.PathValue("verdict") {
	case "refunds succeed":
		_, err = s.settleRefund(id, true)
	case "refunds fail":
		_, err = s.settleRefund(id, false)
	case "disputes win":
		_, err = s.decide(id, true)
	case "disputes lose":
		_, err = s.decide(id, false)
	default:
		err = unknown("button")
	}
	s.pressed(w, r, err)
}

// moodByBoard says what becomes of the refunds that the salon asks for.
func (s *Server) moodByBoard(w http.ResponseWriter, r *http.Request) {
	f := s.Faults()
	f.PendRefunds, f.RefuseRefunds = 0, 0
	switch r.PostFormValue("mood") {
	case "made":
	case "pending":
		f.PendRefunds = 1
	case "refused":
		f.RefuseRefunds = 1
	default:
		s.pressed(w, r, unknown("mood"))
		return
	}
	s.SetFaults(f)
	s.pressed(w, r, nil)
}

// when is a moment as the dashboard says it: the company is nowhere, so UTC.
func (w boardWords) when(t time.Time) string { return t.UTC().Format(w.Layout) }
