package sandbox

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/daemon/fiscal"
	"countersign/daemon/money"
	"countersign/store"
)

// Receipt is one that the sandbox has registered, playing a fiscal device. No
// tax office hears of it.
type Receipt struct {
	Number  string         `json:"number"`
	Code    string         `json:"code"`
	At      time.Time      `json:"at"`
	Print   string         `json:"print"` // the hash of the request made with its key
	Receipt fiscal.Receipt `json:"receipt"`
}

// createReceipt serves POST /sandbox/v1/receipts.
func (s *Server) createReceipt(w http.ResponseWriter, r *http.Request) {
	var body fiscal.Receipt
	key, print, err := readOnce(r, &body)
	if err != nil {
		refuse(w, err)
		return
	}
	if s.dice.chance(s.Faults().RefuseReceipts) {
		refuse(w, &refusal{http.StatusUnprocessableEntity, "receipt_refused", "The fiscal day isn't open."})
		return
	}
	body.Key = key
	done, err := s.register(print, body)
	reply(w, fiscal.Record{Number: done.Number, Code: done.Code, At: done.At}, err)
}

// register gives a receipt the next number, or finds the one made with its key
// before.
func (s *Server) register(print string, r fiscal.Receipt) (done Receipt, err error) {
	err = s.db.Update(func(tx *store.Tx) error {
		old, ok, err := s.book.receipts.Get(tx, r.Key)
		if err != nil {
			return err
		}
		if ok {
			done = old
			return sameRequest(old.Print, print)
		}
		if err := s.receiptable(tx, r); err != nil {
			return err
		}
		n, err := s.book.receipts.Count(tx) // none is ever deleted
		if err != nil {
			return err
		}
		number := fmt.Sprintf("FS-%06d", n+1)
		done = Receipt{Number: number, Code: s.seal(number, r), At: tx.Now(), Print: print, Receipt: r}
		return s.book.receipts.Put(tx, done)
	})
	return done, err
}

// receiptable refuses what no device would register.
func (s *Server) receiptable(tx *store.Tx, r fiscal.Receipt) error {
	_, err := money.ParseCurrency(r.Currency)
	var sum int64
	for _, l := range r.Lines {
		sum += l.Amount
	}
	switch {
	case r.Kind != fiscal.Sale && r.Kind != fiscal.Refund:
		return invalid("kind: sale or refund")
	case err != nil:
		return invalid("currency: an ISO 4217 code")
	case r.Amount <= 0 || r.Amount > money.Max || sum != r.Amount:
		return invalid("amount: more than zero, and the sum of the lines")
	case r.Kind == fiscal.Sale && r.Original != "":
		return invalid("original: of refunds only")
	case r.Original == "":
		return nil
	}
	for of, err := range s.book.receipts.Where(tx, s.book.receiptByNumber, r.Original) {
		if err != nil {
			return err
		}
		if of.Receipt.Kind == fiscal.Sale {
			return nil
		}
	}
	return invalid("original: the number of a sale")
}

// seal is what is printed to verify a receipt: nobody else could have made it.
func (s *Server) seal(number string, r fiscal.Receipt) string {
	h := hmac.New(sha256.New, []byte(s.opt.Secret))
	fmt.Fprintf(h, "%s %s %d %s", number, r.Kind, r.Amount, r.Currency)
	text := strings.ToUpper(fmt.Sprintf("%x", h.Sum(nil)[:8]))
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

func (s *Server) listReceipts(w http.ResponseWriter, _ *http.Request) {
	all, err := s.Receipts()
	reply(w, map[string]any{"receipts": append([]Receipt{}, all...)}, err)
}

// Receipts is what the sandbox has registered, by number: in tests the other
// side of the salon's ledger.
func (s *Server) Receipts() (all []Receipt, err error) {
	err = s.db.View(func(tx *store.Tx) error {
		for r, err := range s.book.receipts.All(tx) {
			if err != nil {
				return err
			}
			all = append(all, r)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b Receipt) int { return cmp.Compare(a.Number, b.Number) })
	return all, err
}
