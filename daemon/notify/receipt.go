package notify

import (
	"embed"
	html "html/template"
	"strconv"
	"strings"
	"text/template"
	"time"

	"countersign/daemon/money"
)

//go:embed templates
var templates embed.FS

// Receipt is what a client is told of money that was received. It says what was paid and where the
// receipt is; it holds no code of a gift card, which whoever reads the message could spend.
type Receipt struct {
	Location string
	// Amount is this payment's, in minor units of Currency: it may be another than the visit's.
	Amount   int64
	Currency money.Currency
	Method   string    // as in the ledger: link, cash, …
	At       time.Time // in the location's zone
	Number   string    // the payment's id
	Code     string    // the visit's short code
	Link     string    // where the receipt is
	Lines    []Line
	Total    int64 // of the lines, in LinesIn
	LinesIn  money.Currency
	Sandbox  bool // no real money moved
}

// Line is a thing sold. Amount is in minor units, its discount taken off.
type Line struct {
	Name     string
	Quantity int64
	Amount   int64
}

// Language is the language that a message is written in for somebody who reads another: English
// where it is none of ours.
func Language(wanted string) string {
	base, _, _ := strings.Cut(strings.ToLower(wanted), "-")
	if base == "de" {
		return "de"
	}
	return "en"
}

// drawn is a receipt as its templates read it.
type drawn struct {
	Receipt
	Lang, Paid, Total, When, How, SandboxTag string
	Lines                                    []drawnLine
	Words                                    words
}

type drawnLine struct{ Name, Amount string }

// words are what the one template of HTML says in a language.
type words struct{ Title, Sandbox, Total, Payment, Open, Visit, Number string }

func wordsOf(lang string) words {
	if lang == "de" {
		return words{"Beleg", "SANDBOX: ein Test, es ist kein echtes Geld geflossen.", "Summe", "Diese Zahlung", "Beleg öffnen", "Besuch", "Zahlung"}
	}
	return words{"Receipt", "SANDBOX: a test, no real money was moved.", "Total", "This payment", "Open the receipt", "Visit", "Payment"}
}

// Message writes the receipt for a channel. lang may be any language: see Language.
func (r Receipt) Message(by Channel, key, to, lang string) (Message, error) {
	d := r.draw(Language(lang))
	m := Message{Key: key, To: to, Language: d.Lang}
	if by != Email {
		// Spaces and signs outside the alphabet of SMS would halve its length.
		text, err := written("receipt."+d.Lang+".sms", d)
		m.Text = strings.NewReplacer("\u202f", " ", "\u00a0", " ", "−", "-").Replace(strings.TrimSpace(text))
		return m, err
	}
	text, err := written("receipt."+d.Lang+".txt", d)
	if err != nil {
		return Message{}, err
	}
	head, body, _ := strings.Cut(text, "\n")
	m.Subject, m.Text = strings.TrimPrefix(head, "Subject: "), body
	m.HTML, err = drawnHTML("receipt.html", d)
	return m, err
}

func (r Receipt) draw(lang string) drawn {
	d := drawn{Receipt: r, Lang: lang, Paid: money.Format(r.Amount, r.Currency, lang), When: longDate(lang, r.At), How: how(lang, r.Method), Words: wordsOf(lang)}
	for _, l := range r.Lines {
		name := l.Name
		if l.Quantity > 1 {
			name = strconv.FormatInt(l.Quantity, 10) + " × " + name
		}
		d.Lines = append(d.Lines, drawnLine{Name: name, Amount: money.Format(l.Amount, r.LinesIn, lang)})
	}
	if len(r.Lines) > 0 {
		d.Total = money.Format(r.Total, r.LinesIn, lang)
	}
	if r.Sandbox {
		d.SandboxTag = "SANDBOX "
	}
	return d
}

func written(name string, d drawn) (string, error) {
	t, err := template.ParseFS(templates, "templates/"+name)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, d)
	return b.String(), err
}

func drawnHTML(name string, d drawn) (string, error) {
	t, err := html.ParseFS(templates, "templates/"+name)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, d)
	return b.String(), err
}

// how says by what was paid.
func how(lang, method string) string {
	said := map[string][2]string{
		"link": {"paid online", "online bezahlt"}, "cash": {"paid in cash", "bar bezahlt"}, "card": {"paid by card", "mit Karte bezahlt"},
		"loyalty": {"paid with points", "mit Punkten bezahlt"}, "cashback": {"paid with cashback", "mit Cashback bezahlt"},
		"gift_card": {"paid with a gift card", "mit Gutschein bezahlt"}, "deposit": {"paid from a deposit", "aus Anzahlung bezahlt"},
	}[method]
	if lang == "de" {
		return said[1]
	}
	return said[0]
}

// longDate is "22 November 2026, 10:44", or "22. November 2026, 10:44".
func longDate(lang string, t time.Time) string {
	if lang != "de" {
		return t.Format("2 January 2006, 15:04")
	}
	month := [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}[t.Month()-1]
	return t.Format("2. ") + month + t.Format(" 2006, 15:04")
}
