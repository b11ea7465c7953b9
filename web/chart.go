package web

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/daemon/ledger"
	"countersign/daemon/money"
	"countersign/daemon/report"
	"countersign/web/page"
)

// A chart's heights are pixels, its widths parts of the room that there is: it
// is as sharp and its words are as large on a phone as on a tablet.
const (
	chartHeight = 264
	chartTop    = 20 // room for the name of the highest line
	chartFoot   = 30 // room for the names of the bars
	chartRoom   = chartHeight - chartTop - chartFoot
	digitWidth  = 8
	// byDay is the longest period whose days are drawn one by one.
	byDay = 62
)

// held is the series of all that was paid with balances and gift cards.
const held = "held"

// series are what a bar is stacked of, from the floor up.
func series() []string { return []string{ledger.Link, ledger.Card, ledger.Cash, held} }

// stack is a bar before it is drawn: an hour, a day or a month.
type stack struct {
	name, says string // below the bar, and in full
	major      bool   // named where there is room for few names
	sum        report.DaySum
}

// chart draws what was taken and given back in every step of a period, stacked
// by method: which days were good, and how people paid.
func (v *view) chart(r report.Report, p report.Period) (*page.Chart, error) {
	if r.Total.Count == 0 {
		return nil, nil
	}
	grain, stacks, err := v.stacks(r, p)
	if err != nil {
		return nil, err
	}
	c := &page.Chart{Height: chartHeight, Grain: grain}
	scale := scaleOf(stacks)
	for amount := scale.step; amount <= scale.top; amount += scale.step {
		says := v.roundMoney(amount, scale.top, r.Currency)
		c.Lines = append(c.Lines, page.ChartLine{Y: scale.y(amount), Says: says})
		c.Margin = max(c.Margin, 8+digitWidth*utf8.RuneCountInString(says))
	}
	c.Floor = scale.y(0)
	wide := 100 / float64(len(stacks))
	for i, s := range stacks {
		left := float64(i) * wide
		c.Bars = append(c.Bars, v.bars(s, scale, left+wide*.14, wide*.72, r.Currency)...)
		if s.name != "" {
			c.Names = append(c.Names, page.ChartName{X: part(left + wide/2), Says: s.name, Major: s.major})
		}
	}
	c.Said = v.said(grain, stacks, r)
	v.numbers(c, stacks, r)
	return c, nil
}

// stacks are the bars of a period, also those with nothing in them.
func (v *view) stacks(r report.Report, p report.Period) (grain string, all []stack, err error) {
	switch days := p.Days(); {
	case len(days) == 1:
		return "hour", v.hours(r.Hours), nil
	case len(days) <= byDay:
		return "day", v.days(days, r.Days), nil
	default:
		sums, err := r.Months()
		return "month", v.months(days, sums), err
	}
}

// hours are those of a working day, and further ones in which something came.
// What was received on another day than the visit's comes last.
func (v *view) hours(sums []report.DaySum) (all []stack) {
	first, last := 9, 18
	var elsewhere *report.DaySum
	found := map[int]report.DaySum{}
	for i, s := range sums {
		if s.Key == "" {
			elsewhere = &sums[i]
			continue
		}
		hour := int(s.Key[0]-'0')*10 + int(s.Key[1]-'0')
		found[hour], first, last = s, min(first, hour), max(last, hour)
	}
	for hour := first; hour <= last; hour++ {
		all = append(all, stack{name: fmt.Sprint(hour), says: fmt.Sprintf("%02d:00–%02d:59", hour, hour), major: (hour-first)%3 == 0, sum: found[hour]})
	}
	if elsewhere != nil {
		all = append(all, stack{name: "+", says: page.Text(v.lang, "chart.elsewhere"), major: true, sum: *elsewhere})
	}
	return all
}

func (v *view) days(days []string, sums []report.DaySum) (all []stack) {
	found := byKey(sums)
	for i, key := range days {
		day, err := time.Parse(time.DateOnly, key)
		if err != nil {
			continue // Period.Days writes dates
		}
		s := stack{name: dayNumber(v.lang, day), says: weekday(v.lang, day.Weekday()) + ", " + shortDate(v.lang, day, time.UTC), major: i%5 == 0, sum: found[key]}
		switch {
		case len(days) <= 7:
			s.name, s.major = string([]rune(weekday(v.lang, day.Weekday()))[:2])+" "+dayNumber(v.lang, day), true
		case len(days) > 31 && i%7 == 0:
			s.name, s.major = shortDate(v.lang, day, time.UTC), i%14 == 0
		case len(days) > 31:
			s.name = ""
		}
		all = append(all, s)
	}
	return all
}

func (v *view) months(days []string, sums []report.DaySum) (all []stack) {
	found := byKey(sums)
	for _, key := range days {
		key = key[:len("2006-01")]
		first, err := time.Parse("2006-01", key)
		if err != nil || len(all) > 0 && all[len(all)-1].sum.Key == key {
			continue
		}
		s := stack{name: string([]rune(month(v.lang, first.Month()))[:3]), says: month(v.lang, first.Month()) + first.Format(" 2006"), major: first.Month()%3 == 1, sum: found[key]}
		switch s.sum.Key = key; {
		case len(days) <= 366: // a year's names fit
		case first.Month() == time.January:
			s.name = first.Format("2006")
		case !s.major:
			s.name = ""
		}
		all = append(all, s)
	}
	return all
}

func byKey(sums []report.DaySum) map[string]report.DaySum {
	found := map[string]report.DaySum{}
	for _, s := range sums {
		found[s.Key] = s
	}
	return found
}

// parts are what a stack has of each series.
func (s stack) parts() map[string]int64 {
	in := map[string]int64{}
	for _, m := range s.sum.Methods {
		key := m.Key
		if ledger.Stored(key) {
			key = held
		}
		in[key] += m.In
	}
	return in
}

// scale is how amounts become heights: from what was given back, below the
// floor, to a line above the highest bar.
type scale struct{ step, top, bottom int64 }

func scaleOf(stacks []stack) scale {
	var s scale
	for _, x := range stacks {
		s.top, s.bottom = max(s.top, x.sum.In), max(s.bottom, x.sum.Out)
	}
	s.step = niceStep(max(s.top, s.bottom))
	if s.top > 0 {
		s.top = (s.top + s.step - 1) / s.step * s.step
	}
	return s
}

func (s scale) y(amount int64) int {
	return chartTop + int(float64(s.top-amount)/float64(max(1, s.top+s.bottom))*chartRoom)
}

// niceStep is the distance of lines that cut an amount into at most four, and
// reads well: 1, 2 or 5 with zeros.
func niceStep(most int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if n*unit >= (most+3)/4 || n*unit > money.Max*100 {
				return n * unit
			}
		}
	}
}

// bars are those of one step, one on the other, and what was given back below.
func (v *view) bars(s stack, by scale, x, wide float64, c money.Currency) (bars []page.Bar) {
	draw := func(kind string, amount, from, to int64) {
		y, foot := by.y(to), by.y(from)
		bars = append(bars, page.Bar{X: part(x), W: part(wide), Y: y, H: max(1, foot-y), Kind: kind,
			Says: s.says + " · " + page.Text(v.lang, "chart."+kind) + " · " + money.Format(amount, c, v.lang)})
	}
	below, in := int64(0), s.parts()
	for _, kind := range series() {
		if amount := in[kind]; amount > 0 {
			draw(kind, amount, below, below+amount)
			below += amount
		}
	}
	if s.sum.Out > 0 {
		draw("back", -s.sum.Out, -s.sum.Out, 0)
	}
	return bars
}

// said is what the chart shows, in words: the best step, and an ordinary one.
func (v *view) said(grain string, stacks []stack, r report.Report) string {
	best, busy := stacks[0], 0
	for _, s := range stacks {
		if s.sum.In > 0 {
			busy++
		}
		if s.sum.In > best.sum.In {
			best = s
		}
	}
	if busy < 2 {
		return ""
	}
	return page.Text(v.lang, "chart.best_"+grain, "Name", best.says, "Amount", money.Format(best.sum.In, r.Currency, v.lang)) + " " +
		page.Text(v.lang, "chart.usual_"+grain, "Amount", money.Format(r.Total.In/int64(busy), r.Currency, v.lang), "Count", busy)
}

// numbers are the chart as a table, and its legend.
func (v *view) numbers(c *page.Chart, stacks []stack, r report.Report) {
	totals := stack{sum: report.DaySum{Methods: r.Methods}}.parts()
	kinds := slices.DeleteFunc(series(), func(kind string) bool { return totals[kind] == 0 })
	c.Legend = slices.Clone(kinds)
	if r.Total.Out > 0 {
		c.Legend = append(c.Legend, "back")
	}
	orNone := func(amount int64) string {
		if amount == 0 {
			return ""
		}
		return money.Format(amount, r.Currency, v.lang)
	}
	for _, s := range stacks {
		if s.sum.Count == 0 {
			continue
		}
		row, in := page.ChartRow{Label: s.says, Net: money.Format(s.sum.Net(), r.Currency, v.lang)}, s.parts()
		for _, kind := range kinds {
			row.Amounts = append(row.Amounts, orNone(in[kind]))
		}
		if r.Total.Out > 0 {
			row.Amounts = append(row.Amounts, orNone(-s.sum.Out))
		}
		c.Rows = append(c.Rows, row)
	}
}

// roundMoney is an amount at a line, without decimals that are all zero. Where
// the highest line is far above a million all are in millions, and so on.
func (v *view) roundMoney(amount, top int64, c money.Currency) string {
	unit := int64(1)
	for range c.Digits() {
		unit *= 10
	}
	for _, short := range []struct {
		name string
		of   int64
	}{{"billion", 1e9}, {"million", 1e6}} {
		if top/unit >= 10*short.of {
			written := v.roundMoney(amount/short.of, 0, c)
			last := strings.LastIndexAny(written, "0123456789") + 1
			return written[:last] + page.Text(v.lang, "chart."+short.name) + written[last:]
		}
	}
	written, zeros := money.Format(amount, c, v.lang), strings.Repeat("0", c.Digits())
	for _, mark := range []string{".", ","} {
		if before, after, ok := strings.Cut(written, mark+zeros); ok && zeros != "" && !strings.ContainsAny(after, "0123456789") {
			return before + after
		}
	}
	return written
}

// part is a share of the width, as SVG writes it.
func part(percent float64) string { return fmt.Sprintf("%.2f%%", percent) }
