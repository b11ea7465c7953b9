package sheet

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // a logo may be one
	_ "image/png"  // or this
	"time"

	"codeberg.org/go-pdf/fpdf"

	"countersign/display/qr"
)

// pdf draws on a page of PDF. fpdf keeps the first error and does nothing
// after it; bytes returns it.
type pdf struct{ doc *fpdf.Fpdf }

func newPDF(page size, s Sheet) (*pdf, error) {
	doc := fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "mm", Size: fpdf.SizeType{Wd: page.w, Ht: page.h}})
	doc.SetCatalogSort(true)
	doc.SetCreationDate(time.Unix(0, 0).UTC()) // the same sheet is the same bytes
	doc.SetModificationDate(time.Unix(0, 0).UTC())
	doc.SetTitle(s.Name+" "+s.Desk, true)
	doc.SetLang(s.Language)
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	if err := withFonts(doc); err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	doc.AddPage()
	return &pdf{doc: doc}, nil
}

func (c *pdf) bytes() ([]byte, error) {
	var out bytes.Buffer
	if err := c.doc.Output(&out); err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	return out.Bytes(), nil
}

func (c *pdf) fill(k colour) { c.doc.SetFillColor(k.r, k.g, k.b) }

func (c *pdf) box(r rect, radius float64, fill colour) {
	c.fill(fill)
	c.doc.RoundedRect(r.x, r.y, r.w, r.h, radius, "1234", "F")
}

func (c *pdf) frame(r rect, radius, width float64, ink colour) {
	c.doc.SetDrawColor(ink.r, ink.g, ink.b)
	c.doc.SetLineWidth(width)
	c.doc.RoundedRect(r.x, r.y, r.w, r.h, radius, "1234", "D")
}

func (c *pdf) line(x1, y1, x2, y2 float64, dashed bool) {
	c.doc.SetDrawColor(0, 0, 0)
	c.doc.SetLineWidth(.2)
	if dashed {
		c.doc.SetDashPattern([]float64{1.2, .8}, 0)
		defer c.doc.SetDashPattern(nil, 0)
	}
	c.doc.Line(x1, y1, x2, y2)
}

// code draws every run of dark modules into one path: a viewer that smooths
// edges would leave hairs between shapes that are filled one by one.
func (c *pdf) code(x, y, edge float64, code qr.Code) {
	rows := code.Modules()
	module := edge / float64(len(rows)+2*quiet)
	c.fill(black)
	for row, cells := range rows {
		top := y + float64(row+quiet)*module
		for from, to := range runs(cells) {
			left, right := x+float64(from+quiet)*module, x+float64(to+quiet)*module
			c.doc.MoveTo(left, top)
			c.doc.LineTo(right, top)
			c.doc.LineTo(right, top+module)
			c.doc.LineTo(left, top+module)
			c.doc.ClosePath()
		}
	}
	c.doc.DrawPath("F")
}

// runs are the stretches of dark modules in a row, each up to before its end.
func runs(cells []bool) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		for x := 0; x < len(cells); x++ {
			if !cells[x] {
				continue
			}
			from := x
			for x < len(cells) && cells[x] {
				x++
			}
			if !yield(from, x) {
				return
			}
		}
	}
}

func (c *pdf) words(x, y float64, t lettering, s string) {
	c.doc.SetTextColor(t.ink.r, t.ink.g, t.ink.b)
	c.doc.SetFont(family, t.weight(), 12)
	c.doc.SetFontUnitSize(t.size)
	c.doc.Text(x, y, s)
}

// picture fits an image into a place, and leaves out what is none.
func (c *pdf) picture(r rect, data []byte) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return
	}
	in := r.around(float64(config.Width), float64(config.Height))
	options := fpdf.ImageOptions{ImageType: format}
	c.doc.RegisterImageOptionsReader("logo", options, bytes.NewReader(data))
	c.doc.ImageOptions("logo", in.x, in.y, in.w, in.h, false, options, 0, "")
}

// around is the largest place of a shape's proportions in the middle of r.
func (r rect) around(w, h float64) rect {
	scale := min(r.w/w, r.h/h)
	w, h = w*scale, h*scale
	return rect{r.x + (r.w-w)/2, r.y + (r.h-h)/2, w, h}
}

func (c *pdf) turned(x, y float64, draw func()) {
	c.doc.TransformBegin()
	c.doc.TransformRotate(180, x, y)
	draw()
	c.doc.TransformEnd()
}
