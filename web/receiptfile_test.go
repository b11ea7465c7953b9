package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// R24, R11: what was paid by link can be saved from the phone's page, for good;
// before it is paid there is nothing to save.
func TestR24ReceiptSavedFromThePhone(t *testing.T) {
	s := open(t)
	v := s.book()
	at := "/p/" + string(v.Token)
	if got := s.do(client(nil), http.MethodGet, at+"/receipt.pdf", ""); got.status != http.StatusNotFound {
		t.Errorf("before it is paid: %d", got.status)
	}
	s.pays(string(v.Token), string(v.ID))
	if got := s.do(client(nil), http.MethodGet, at, ""); !strings.Contains(got.text, `href="`+at+`/receipt.pdf"`) {
		t.Errorf("not offered: %.600s", got.text)
	}
	got := s.do(client(nil), http.MethodGet, at+"/receipt.pdf", "")
	if got.status != http.StatusOK || !strings.HasPrefix(got.text, "%PDF-") || got.header.Get("Content-Type") != "application/pdf" ||
		got.header.Get("Content-Disposition") != `attachment; filename="receipt-`+v.Code+`.pdf"` || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", got.status, got.header)
	}
	if again := s.do(client(nil), http.MethodGet, at+"/receipt.pdf", ""); again.text != got.text {
		t.Error("the same receipt is another file")
	}
	if got := s.do(client(nil), http.MethodGet, "/p/"+strings.Repeat("a", len(v.Token))+"/receipt.pdf", ""); got.status != http.StatusNotFound {
		t.Errorf("a wrong token: %d", got.status)
	}
}

// R24: what was paid at the desk has its receipt at the same address, until
// something is due again.
func TestR24ReceiptOfWhatWasPaidAtTheDesk(t *testing.T) {
	s := open(t)
	v := s.book()
	at, pay := "/p/"+string(v.Token), "/visits/"+string(v.ID)+"/payments"
	s.api(http.MethodPost, pay, `{"method": "cash", "amount": 500}`)
	if got := s.do(client(nil), http.MethodGet, at, ""); !strings.Contains(got.text, `data-state="active"`) {
		t.Error("a part is paid, and the rest can't be")
	}
	s.api(http.MethodPost, pay, `{"method": "cash", "amount": 2000}`)
	got := s.do(client(nil), http.MethodGet, at, "")
	if !strings.Contains(got.text, "Paid in cash") || !strings.Contains(got.text, "€25.00") || strings.Contains(got.text, "This link is closed") || !strings.Contains(got.text, "receipt.pdf") {
		t.Errorf("%.1500s", got.text)
	}
	if got := s.do(client(nil), http.MethodGet, at+"/receipt.pdf", ""); got.status != http.StatusOK {
		t.Errorf("the file: %d", got.status)
	}
}

// R24: letters that can't be drawn are left to the browser's own printing.
func TestR24ReceiptInOtherScripts(t *testing.T) {
	s := open(t)
	got := s.api(http.MethodPost, "/visits", `{"lines": [{"kind": "service", "name": "قص الشعر", "quantity": 1, "unit_price": 2500}]}`).json(t)
	link := s.api(http.MethodGet, "/visits/"+got["id"].(string)+"/link", "").json(t)
	s.api(http.MethodPost, "/visits/"+got["id"].(string)+"/payments", `{"method": "card", "amount": 2500}`)
	page := s.do(client(nil), http.MethodGet, "/p/"+link["token"].(string), "")
	if strings.Contains(page.text, "receipt.pdf") || !strings.Contains(page.text, "data-print") || !strings.Contains(page.text, "Print or save") {
		t.Errorf("%.1500s", page.text)
	}
	if file := s.do(client(nil), http.MethodGet, "/p/"+link["token"].(string)+"/receipt.pdf", ""); file.status != http.StatusNotFound {
		t.Errorf("a file with holes: %d", file.status)
	}
}
