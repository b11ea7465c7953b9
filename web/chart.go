package web

import (
	"slices"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/money"
	"countersign/daemon/report"
	"countersign/web/page"
)

// The drawing of a chart, in its own units: bars stand on the floor, which
// leaves room for the names of the days.
const (
	chartWidth  = 960
	chartHeight = 260
	chartFloor  = 228
	chartTop    = 24
	// chartLeft is the room for the amounts beside the bars.
	chartLeft = 84
	// dayRoom is how much a day's name needs.
	dayRoom = 62
)

// chart draws what was taken on every day, stacked by method: which days were
// good, and how people paid. A single day needs none.
func (v *view) chart(r report.Report, q desk.PaymentQuery) *page.Chart {
	days := daysOf(q, v.zone)
	if len(days) < 2 || r.Total.In == 0 {
		return nil
	}
	sums := map[string]report.DaySum{}
	top := int64(1)
	for _, d := range r.Days {
		sums[d.Key] = d
		top = max(top, d.In)
	}
	c := &page.Chart{Width: chartWidth, Height: chartHeight}
	top = round(top)
	for _, part := range []int64{2, 1} {
		amount := top * part / 2
		c.Lines = append(c.Lines, page.ChartLine{Y: height(amount, top), Says: money.Format(amount, r.Currency, v.lang)})
	}
	room := float64(chartWidth-chartLeft) / float64(len(days))
	every := max(1, int(dayRoom/room)+1)
	for i, day := range days {
		x := chartLeft + int(float64(i)*room)
		key := day.Format(time.DateOnly)
		c.Bars = append(c.Bars, v.dayBars(sums[key], x, max(1, int(room*0.72)), top, r.Currency, day)...)
		if i%every == 0 {
			c.Days = append(c.Days, page.ChartDay{X: x, Says: shortDate(v.lang, day, v.zone)})
		}
	}
	for _, m := range r.Methods {
		if m.In > 0 {
			c.Legend = append(c.Legend, page.Swatch{Method: m.Key, Says: v.methodName(m.Key)})
		}
	}
	return c
}

// dayBars is the bars of one day, one on the other.
func (v *view) dayBars(d report.DaySum, x, width int, top int64, c money.Currency, day time.Time) []page.Bar {
	bars := make([]page.Bar, 0, len(d.Methods))
	below := int64(0)
	for _, m := range d.Methods {
		if m.In <= 0 {
			continue
		}
		y, foot := height(below+m.In, top), height(below, top)
		bars = append(bars, page.Bar{X: x, Y: y, W: width, H: max(1, foot-y), Method: m.Key,
			Says: shortDate(v.lang, day, v.zone) + " · " + v.methodName(m.Key) + " · " + money.Format(m.In, c, v.lang)})
		below += m.In
	}
	return bars
}

func height(amount, top int64) int {
	return chartFloor - int(float64(amount)/float64(top)*(chartFloor-chartTop))
}

// round is the next amount that reads well: 1, 2 or 5 with zeros.
func round(amount int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if n*unit >= amount {
				return n * unit
			}
		}
	}
}

// daysOf lists the days of a query.
func daysOf(q desk.PaymentQuery, zone *time.Location) []time.Time {
	first, err1 := time.ParseInLocation(time.DateOnly, q.From, zone)
	last, err2 := time.ParseInLocation(time.DateOnly, q.To, zone)
	if err1 != nil || err2 != nil {
		return nil
	}
	var days []time.Time
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		days = append(days, day)
	}
	return slices.Clip(days)
}
