package sheet

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/sfnt"
)

func sample() Receipt {
	return Receipt{Language: "hu", Title: "Receipt", House: "Szőke & Söhne, Große Straße", Amount: "68,50\u202f€", About: "22. November 2026, 10:44 · Paid online",
		Rows: []Row{{Name: "Hajvágás, Ärzte-Beratung, Тест, Κούρεμα", Amount: "45,00\u202f€"}, {Name: "3 × Shampoo", Amount: "43,50\u202f€"},
			{Name: "Total", Amount: "88,50\u202f€", Bold: true}, {Name: "Paid in cash", Amount: "−20,00\u202f€", Faint: true}},
		Notes: []string{"Visit 4831", "Payment p_4k2m"}, Made: time.Date(2026, 11, 22, 10, 44, 0, 0, time.UTC)}
}

// draw draws a receipt, and leaves it among the artifacts for people to look at.
func draw(t *testing.T, name string, r Receipt) []byte {
	t.Helper()
	b, err := r.PDF()
	if err != nil {
		t.Fatal(name, err)
	}
	into := filepath.Join("..", "..", "artifacts", "sheets")
	if err := os.MkdirAll(into, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(into, name+".pdf"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	return b
}

func pages(b []byte) int { return len(regexp.MustCompile(`/Type /Page\b[^s]`).FindAll(b, -1)) }

// R24: a receipt can be kept as a file, in any currency and with long names;
// the same receipt is the same file.
func TestR24ReceiptAsFile(t *testing.T) {
	first := draw(t, "receipt", sample())
	again, err := sample().PDF()
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("the same receipt is another file: %v", err)
	}
	if !bytes.HasPrefix(first, []byte("%PDF-")) || pages(first) != 1 || len(first) > 120<<10 {
		t.Errorf("%d pages in %d bytes", pages(first), len(first))
	}
	long := sample()
	long.Banner, long.Amount = "SANDBOX: no real money moves here", "KWD\u202f9,999,999,999.999"
	for range 40 {
		long.Rows = append(long.Rows, Row{Name: strings.Repeat("Donaudampfschifffahrtsgesellschaft", 4) + " " + strings.Repeat("wort ", 20), Amount: "¥1,234,567"})
	}
	if b := draw(t, "receipt-long", long); pages(b) < 3 {
		t.Errorf("%d pages", pages(b))
	}
}

// R24: a receipt whose letters the font lacks isn't drawn with holes.
func TestR24NoHoles(t *testing.T) {
	for _, name := range []string{"ليلى حداد", "שלום", "髪を切る", "🎁", "अ"} {
		r := sample()
		r.Rows[0].Name = name
		if _, err := r.PDF(); r.Drawable() || !errors.Is(err, ErrLetters) {
			t.Errorf("%q: %v", name, err)
		}
	}
	r := sample()
	r.Rows[0].Name = "Szo\u030bke" // as a Mac writes it
	if !r.Drawable() {
		t.Error("an accent by itself")
	}
	for _, symbol := range []string{"€", "£", "¥", "zł", "Kč", "₴", "₽", "₺", "₹", "₪", "₩", "₫", "CHF", "лв", "₾", "₸"} {
		r := sample()
		if r.Amount = symbol + "1"; !r.Drawable() {
			t.Errorf("%s can't be drawn", symbol)
		}
	}
}

// What is drawn in bold has the letters that were looked for in the other weight.
func TestBothWeightsHaveTheSameLetters(t *testing.T) {
	light, err := sfnt.Parse(regular)
	if err != nil {
		t.Fatal(err)
	}
	heavy, err := sfnt.Parse(bold)
	if err != nil {
		t.Fatal(err)
	}
	for r := rune(0x20); r < 0x10000; r++ {
		if covers(light, string(r)) != covers(heavy, string(r)) {
			t.Errorf("%U is in one weight only", r)
		}
	}
}

func BenchmarkReceipt(b *testing.B) {
	for b.Loop() {
		if _, err := sample().PDF(); err != nil {
			b.Fatal(err)
		}
	}
}
