package notify_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/daemon/money"
	"countersign/daemon/notify"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sample() notify.Receipt {
	return notify.Receipt{Location: "Szőke & Söhne", Amount: 6850, Currency: "EUR", Method: "link", At: time.Date(2026, 3, 22, 10, 44, 2, 0, time.UTC),
		Number: "p_4k2m", Code: "4831", Link: "https://pay.example.com/p/abcdefghij", Total: 8850, LinesIn: "EUR",
		Lines: []notify.Line{{Name: "Haarschnitt <kurz>", Quantity: 1, Amount: 4500}, {Name: "Shampoo", Quantity: 3, Amount: 4350}}}
}

// R24: a receipt as it is sent, in every channel and language.
func TestR24ReceiptMessages(t *testing.T) {
	made := map[string]notify.Receipt{"receipt": sample(), "sandbox": sample(), "yen": sample(), "dinar": sample(), "bare": sample()}
	change := func(name string, fn func(*notify.Receipt)) { r := made[name]; fn(&r); made[name] = r }
	change("sandbox", func(r *notify.Receipt) { r.Sandbox = true })
	change("yen", func(r *notify.Receipt) { r.Currency, r.LinesIn = "JPY", "JPY" })
	change("dinar", func(r *notify.Receipt) { r.Currency, r.LinesIn = "KWD", "KWD" })
	change("bare", func(r *notify.Receipt) { r.Lines, r.Code, r.Method = nil, "", "cash" })
	for name, r := range made {
		for _, lang := range []string{"en", "de-AT", "hu"} {
			for _, by := range []notify.Channel{notify.Email, notify.SMS} {
				m, err := r.Message(by, "n_1", "to", lang)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, fmt.Sprintf("%s.%s.%s.golden", name, lang, by), "Subject: "+m.Subject+"\nLanguage: "+m.Language+"\n\n"+m.Text+"\n---\n"+m.HTML)
			}
		}
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v); -update writes it anew. It is now:\n%s", name, err, got)
	}
}

// R24: what a line is called is text in every part of a message, and never a
// new header or tag.
func TestR24NamesStayText(t *testing.T) {
	r := sample()
	r.Location = "<script>alert(1)</script>"
	m, err := r.Message(notify.Email, "n_1", "to", "en")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(m.HTML, "<script>") || strings.Contains(m.Subject, "\n") {
		t.Errorf("%s\n%s", m.Subject, m.HTML)
	}
	r.Link = "javascript:alert(1)"
	if m, err = r.Message(notify.Email, "n_1", "to", "en"); err != nil || strings.Contains(m.HTML, "javascript:") {
		t.Errorf("%v: %s", err, m.HTML)
	}
}

// R24: a receipt by SMS fits into two, also with a long address, and keeps to
// the alphabet that counts 153 characters each.
func TestR24ShortMessageIsShort(t *testing.T) {
	for _, currency := range []money.Currency{"EUR", "JPY", "KWD", "HUF"} {
		r := sample()
		r.Location, r.Currency, r.Sandbox = "Studio am Marktplatz", currency, true
		r.Link = "https://" + strings.Repeat("a", 60) + ".example.com/p/" + strings.Repeat("b", 26)
		m, err := r.Message(notify.SMS, "n_1", "to", "de")
		if err != nil || len(m.Text) > 306 || strings.ContainsAny(m.Text, "\u202f\u00a0\n") {
			t.Errorf("%v: %q has %d characters", err, m.Text, len(m.Text))
		}
	}
}

// An error that nobody explains may mean anything: it is never "not sent".
func TestUnknownErrorsAreUnclear(t *testing.T) {
	for err, want := range map[error]notify.ErrorKind{
		nil: 0, os.ErrDeadlineExceeded: notify.Unclear, notify.Errorf(notify.Refused, "no such box"): notify.Refused,
		fmt.Errorf("sending: %w", notify.Errorf(notify.Unavailable, "down")): notify.Unavailable,
	} {
		if got := notify.KindOf(err); got != want {
			t.Errorf("%v is %v, want %v", err, got, want)
		}
	}
	if got := notify.Reason(fmt.Errorf("x: %w", notify.Errorf(notify.Refused, "no such box"))); got != "no such box" {
		t.Error(got)
	}
}
