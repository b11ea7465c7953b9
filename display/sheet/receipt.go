package sheet

import (
	"bytes"
	"errors"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// ErrLetters says that a text has letters which the font lacks.
var ErrLetters = errors.New("sheet: there are letters that can't be drawn")

// Receipt is what a client keeps of a payment.
type Receipt struct {
	Language string // BCP 47
	Title    string // "Receipt"
	House    string // who was paid
	Banner   string // "SANDBOX: …"; "" for none
	Amount   string
	About    string // when and how it was paid
	Rows     []Row
	Notes    []string
	Made     time.Time // when it was paid: the same receipt is the same file, byte for byte
}

// Row is a line with an amount at its end.
type Row struct {
	Name, Amount string
	Bold, Faint  bool
}

// The sheet is A5, in millimetres: a phone shows it readably, and A4 prints two.
const (
	width, margin = 148.0, 14.0
	column        = width - 2*margin
	lowest        = 210.0 - margin
)

// Drawable tells whether the font has every letter of the receipt.
func (r Receipt) Drawable() bool {
	texts := append([]string{r.Title, r.House, r.Banner, r.Amount, r.About}, r.Notes...)
	for _, row := range r.Rows {
		texts = append(texts, row.Name, row.Amount)
	}
	for _, s := range texts {
		if !drawable(s) {
			return false
		}
	}
	return true
}

// PDF draws the receipt. It is ErrLetters where Drawable is false: a receipt with holes in it is
// none.
func (r Receipt) PDF() ([]byte, error) {
	if !r.Drawable() {
		return nil, ErrLetters
	}
	p, err := blank(r)
	if err != nil {
		return nil, err
	}
	if r.Banner != "" {
		p.SetFillColor(253, 230, 138)
		p.ink(91, 58, 0)
		p.SetCellMargin(2)
		p.text(r.Banner, "bold", 9, 7, true)
		p.SetCellMargin(0)
		p.SetY(p.GetY() + 5)
	}
	p.ink(20, 24, 22)
	p.text(r.House, "bold", 13, 6, false)
	p.SetY(p.GetY() + 7)
	p.ink(90, 96, 93)
	p.text(r.Title, "regular", 10, 5, false)
	p.ink(20, 24, 22)
	p.text(r.Amount, "bold", p.fitting(r.Amount, 30), 13, false)
	p.ink(90, 96, 93)
	p.text(r.About, "regular", 10, 5, false)
	p.SetY(p.GetY() + 7)
	for _, row := range r.Rows {
		p.row(row)
	}
	p.rule()
	p.SetY(p.GetY() + 4)
	p.ink(90, 96, 93)
	for _, note := range r.Notes {
		p.text(note, "regular", 9, 5, false)
	}
	var b bytes.Buffer
	err = p.Output(&b)
	return b.Bytes(), err
}

// paper is a sheet that is being drawn.
type paper struct{ *fpdf.Fpdf }

func blank(r Receipt) (paper, error) {
	p := paper{fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: width, Ht: 210}})}
	p.AddUTF8FontFromBytes("regular", "", bytes.Clone(regular)) // it keeps what it is given
	p.AddUTF8FontFromBytes("bold", "", bytes.Clone(bold))
	p.SetMargins(margin, margin, margin)
	p.SetCellMargin(0) // texts stand on the same edge as the rules
	p.SetAutoPageBreak(true, margin)
	p.SetCompression(true)
	p.SetCatalogSort(true)
	p.SetCreationDate(r.Made.UTC())
	p.SetModificationDate(r.Made.UTC())
	p.SetProducer("Countersign", true)
	p.SetTitle(r.Title+" · "+r.House, true)
	p.SetLang(r.Language)
	p.AddPage()
	return p, p.Error()
}

func (p paper) ink(r, g, b int) { p.SetTextColor(r, g, b) }

// text is a paragraph in the whole width.
func (p paper) text(s, weight string, size, height float64, filled bool) {
	p.SetFont(weight, "", size)
	p.MultiCell(column, height, plain(s), "", "L", filled)
}

// fitting is the size in which a text stays on one line, at most the one given.
func (p paper) fitting(s string, size float64) float64 {
	p.SetFont("bold", "", size)
	if w := p.GetStringWidth(plain(s)); w > column {
		size *= column / w
	}
	return size
}

func (p paper) rule() {
	p.SetDrawColor(214, 217, 214)
	p.SetLineWidth(0.2)
	p.Line(margin, p.GetY(), width-margin, p.GetY())
}

// row is a name as high as it needs to be, beside its amount; it isn't split over two pages.
func (p paper) row(r Row) {
	const size, height, gap = 10.5, 5.2, 2.2
	weight := "regular"
	if r.Bold {
		weight = "bold"
	}
	p.SetFont("bold", "", size)
	amount := p.GetStringWidth(plain(r.Amount)) + 3
	p.SetFont(weight, "", size)
	name := column - amount - 4
	lines := p.SplitText(plain(r.Name), name)
	tall := float64(max(1, len(lines)))*height + 2*gap
	if p.GetY()+tall > lowest {
		p.AddPage()
	}
	p.rule()
	p.ink(20, 24, 22)
	if r.Faint {
		p.ink(90, 96, 93)
	}
	top := p.GetY() + gap
	for i, line := range lines {
		p.SetXY(margin, top+float64(i)*height)
		p.CellFormat(name, height, line, "", 0, "L", false, 0, "")
	}
	p.SetFont("bold", "", size)
	p.SetXY(width-margin-amount, top)
	p.CellFormat(amount, height, plain(r.Amount), "", 0, "R", false, 0, "")
	p.SetXY(margin, top+tall-gap)
}
