package web

import (
	"net/http"
	"strings"
	"time"

	"countersign/daemon/fault"
	"countersign/display/sheet"
	"countersign/web/page"
)

// receiptFile serves GET /p/{token}/receipt.pdf: what the page says, to keep
// (R24).
func (s *server) receiptFile(w http.ResponseWriter, r *http.Request) {
	p, err := s.opened(r)
	if err == nil && !hasReceipt(p) {
		err = fault.NotFound("receipt")
	}
	if err != nil {
		s.strange(w, r, err)
		return
	}
	lang := tongue(r, p)
	x := receipt(p, lang, time.Now())
	if x.File == "" {
		s.strange(w, r, fault.NotFound("receipt"))
		return
	}
	b, err := receiptSheet(x, lang).PDF()
	if err != nil {
		s.strange(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	// The code is four digits, and the name is ours: nothing in it needs quoting.
	h.Set("Content-Disposition", `attachment; filename="`+strings.TrimSuffix(page.Text(lang, "phone.file")+"-"+x.Code, "-")+`.pdf"`)
	_, _ = w.Write(b) // who has gone needs no answer
}

// receiptSheet is the page of a receipt as a sheet of paper.
func receiptSheet(x page.PhoneReceipt, lang string) sheet.Receipt {
	t := func(key string, args ...any) string { return page.Text(lang, key, args...) }
	r := sheet.Receipt{Language: lang, Title: t("phone.receipt"), House: x.Location, Amount: x.Amount, About: x.Date, Made: x.At}
	if x.Sandbox {
		r.Banner = t("sandbox")
	}
	switch {
	case x.Method == "link" && x.Provider != "":
		r.About += " · " + t("phone.paid_at", "Provider", x.Provider)
	case x.Method != "":
		r.About += " · " + t("method."+x.Method)
	}
	for _, l := range x.Sold() {
		r.Rows = append(r.Rows, sheet.Row{Name: l.Name, Amount: l.Amount})
	}
	r.Rows = append(r.Rows, sheet.Row{Name: t("visit.total"), Amount: x.Total, Bold: true})
	for _, l := range x.Before() {
		r.Rows = append(r.Rows, sheet.Row{Name: t("paid_by." + l.Method), Amount: l.Amount, Faint: true})
	}
	if x.Refunded != "" {
		r.Rows = append(r.Rows, sheet.Row{Name: t("phone.refunded"), Amount: x.Refunded, Faint: true})
	}
	for _, c := range x.Cards {
		if c.State == "active" {
			r.Rows = append(r.Rows, sheet.Row{Name: c.Name, Amount: c.Code})
		}
	}
	if x.Left != "" {
		r.Notes = append(r.Notes, t("phone.left", "Amount", x.Left))
	}
	if x.Code != "" {
		r.Notes = append(r.Notes, t("phone.code", "Code", x.Code))
	}
	r.Notes = append(r.Notes, t("phone.number", "Number", x.Number))
	return r
}
