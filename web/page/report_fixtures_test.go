package page

import (
	"fmt"
	"slices"
)

func reportFixtures() []fixture {
	span := Span{Heading: "November 2026", Period: "month", Periods: []string{"today", "yesterday", "week", "month", "last_month"}, From: "2026-11-01", To: "2026-11-22", By: "visit_date", Query: "period=month&from=2026-11-01&to=2026-11-22&by=visit_date",
		File: "/desk/reports/payments.csv?period=month&from=2026-11-01&to=2026-11-22&by=visit_date", Before: "/desk/reports/before?period=month&from=2026-11-01&to=2026-11-22&by=visit_date"}
	full := Reports{Shell: counting(), Span: span, In: "€12,480.00", Out: "−€320.00", Held: "€700.00", Tests: "€60.00", Net: "€12,160.00", Count: "214", Chart: monthChart(),
		Cuts: []Cut{
			{"methods", "/desk/reports/methods.csv?period=month", []CutRow{{"Link", "€7,100.00", "", "€7,100.00", 100}, {"Cash", "€3,200.00", "−€320.00", "€2,880.00", 41}, {"Card", "€2,180.00", "", "€2,180.00", 31}}},
			{"registers", "/desk/reports/registers.csv?period=month", []CutRow{{"Link · sandbox", "€7,100.00", "", "€7,100.00", 100}, {"Cash", "€3,200.00", "−€320.00", "€2,880.00", 41}}},
			{"kinds", "/desk/reports/kinds.csv?period=month", []CutRow{{"Service", "€9,900.00", "−€120.00", "€9,780.00", 100}, {"Product", "€1,880.00", "−€200.00", "€1,680.00", 17}, {"Gift card", "€700.00", "", "€700.00", 7}}},
			{"tax_systems", "/desk/reports/tax_systems.csv?period=month", []CutRow{{"Standard VAT", "€11,780.00", "−€320.00", "€11,460.00", 100}, {"Not of a line", "€700.00", "", "€700.00", 6}}},
			{"staff", "/desk/reports/staff.csv?period=month", []CutRow{{"Maria-Magdalena von Hohenstein-Wittgenstein", "€3,200.00", "−€320.00", "€2,880.00", 41}, {"Without staff", "€7,100.00", "", "€7,100.00", 100}}},
		},
		Others: []Cut{{"foreign", "", []CutRow{{"Link", "¥900,000", "", "¥900,000", 100}}}},
		Rows: []PaidRow{{"10:44", "v_1", "2026-11-22", "Anna Kovacs", "link", false, "", "€25.00", nil}, {"10:38", "v_2", "2026-11-22", "", "cash", true, "Eva", "−€5.00", nil},
			{"10:31", "", "", "", "link", false, "", "€12.00", []string{"unmatched"}}},
		More: "/desk/reports?cursor=x"}
	empty := Reports{Shell: counting(), Span: span, Empty: true}
	empty.Span.Heading, empty.Span.Period = "Sunday, 22 November 2026", "today"
	day := full
	day.Span.Heading, day.Span.Period, day.Span.By = "Sunday, 22 November 2026", "today", "received"
	day.Net, day.In, day.Held, day.Out, day.Count, day.Chart, day.Others, day.More = "€1,062.50", "€1,112.50", "", "−€50.00", "23", dayChart(), nil, ""
	year := full
	year.Span.Heading, year.Span.Period = "1 January 2025 – 22 November 2026", "own"
	year.Net, year.In, year.Held, year.Out, year.Count, year.Chart = "¥128,405,000,000", "¥129,000,000,000", "¥1,000", "−¥595,000,000", "183,204", yearChart()
	return append(drawerFixtures(span), fixture{"reports", full, true, false}, fixture{"reports-day", day, true, false}, fixture{"reports-year", year, true, false}, fixture{"reports-none", empty, true, false},
		fixture{"compared-up", Compared{"up", "12", "€10,857.00", "1 – 22 October 2026"}, true, true}, fixture{"compared-down", Compared{"down", "3", "€12,536.00", "1 – 22 October 2026"}, true, true},
		fixture{"compared-same", Compared{"same", "", "€12,160.00", "1 – 22 October 2026"}, true, true}, fixture{"compared-none", Compared{"none", "", "€0.00", "Saturday, 21 November 2026"}, true, true})
}

func drawerFixtures(span Span) []fixture {
	span.Period = "drawer"
	past := []CloseRow{{3, "21 November 2026, 19:04", "Eva", "€485.00", "€484.50", "−€0.50", true, "€384.50", "€100.00", "a coin under the till"},
		{2, "20 November 2026, 19:01", "Jonas", "€312.00", "€312.00", "", false, "€212.00", "€100.00", ""},
		{1, "19 November 2026, 19:10", "Maria-Magdalena von Hohenstein-Wittgenstein", "€9,999,999.99", "€10,000,004.99", "+€5.00", false, "€9,999,904.99", "€100.00", "Somebody had put the change for the next day into it already, before it was counted"}}
	drawer := Drawer{Shell: counting(), Span: span, Since: "21 Nov, 19:04", Opening: "€100.00", In: "€410.00", Out: "−€25.00", Expected: "€485.00", Number: 4, Seq: 812, Key: "k-3", Closes: past, Saved: true}
	short := drawer
	short.Saved, short.Counted, short.Taken, short.Note, short.Problem = false, "484.50", "384.50", "a coin", &Problem{Kind: "cash_moved"}
	short.Sum = DrawerSum{Known: true, Difference: "−€0.50", Short: true, Left: "€100.00"}
	first := Drawer{Shell: counting(), Span: span, First: true, Opening: "€0.00", In: "€410.00", Out: "€0.00", Expected: "€410.00", Number: 1, Seq: 18, Key: "k-3", Problem: &Problem{Kind: "invalid"},
		Counted: "four hundred", Errors: map[string]string{"counted": "Please enter an amount, such as 25.00."}}
	first.Sum.Expected = first.Expected
	return []fixture{{"drawer", drawer, true, false}, {"drawer-short", short, true, false}, {"drawer-first", first, true, false},
		{"drawer-sum-right", DrawerSum{Known: true, Left: "€100.00"}, true, true}, {"drawer-sum-over", DrawerSum{Known: true, Difference: "+€5.00"}, true, true}, {"drawer-sum", DrawerSum{}, true, true}}
}

func counting() Shell {
	s := shell()
	s.CanCount, s.CanSell = true, true
	return s
}

// bars are a chart's: each of parts is a bar's, in pixels from the floor up,
// what was given back last.
func barsOf(floor int, parts [][5]int, name func(int) (says string, major bool)) (bars []Bar, names []ChartName) {
	wide := 100 / float64(len(parts))
	for i, part := range parts {
		x, foot := float64(i)*wide, floor
		for k, kind := range []string{"link", "card", "cash", "held", "back"} {
			bar := Bar{X: fmt.Sprintf("%.2f%%", x+wide*.14), W: fmt.Sprintf("%.2f%%", wide*.72), Y: foot - part[k], H: part[k], Kind: kind, Says: kind}
			if kind == "back" {
				bar.Y = floor
			}
			if part[k] > 0 {
				bars = append(bars, bar)
				foot -= part[k]
			}
		}
		says, major := name(i)
		names = append(names, ChartName{fmt.Sprintf("%.2f%%", x+wide/2), says, major})
	}
	return bars, names
}

func monthChart() *Chart {
	c := &Chart{Height: 264, Margin: 56, Floor: 222, Grain: "day", Said: "The best day was Friday, 13 Nov: €1,240.00. On average €567.27, on 22 days with payments.",
		Lines: []ChartLine{{172, "€500"}, {121, "€1,000"}, {71, "€1,500"}, {20, "€2,000"}}, Legend: []string{"link", "card", "cash", "held", "back"}}
	var parts [][5]int
	for i := range 30 {
		switch {
		case i > 21:
			parts = append(parts, [5]int{})
		case i%7 == 0:
			parts = append(parts, [5]int{20, 0, 0, 0, 0})
		default:
			parts = append(parts, [5]int{30 + (i*37)%70, 10 + (i*13)%40, 20 + (i*23)%50, i % 5 * 4, max(0, i%6-3) * 5})
		}
	}
	c.Bars, c.Names = barsOf(c.Floor, parts, func(i int) (string, bool) { return fmt.Sprint(i + 1), i%5 == 0 })
	for i := range 22 {
		c.Rows = append(c.Rows, ChartRow{fmt.Sprintf("Sunday, %d Nov", i+1), []string{"€320.00", "€100.00", "€180.00", "", "−€12.00"}, "€588.00"})
	}
	return c
}

func dayChart() *Chart {
	c := &Chart{Height: 264, Margin: 40, Floor: 215, Grain: "hour", Said: "The best hour was 10:00–10:59: €310.00. On average €139.06, in 8 hours with payments.",
		Lines: []ChartLine{{150, "€100"}, {85, "€200"}, {20, "€300"}}, Legend: []string{"link", "cash", "back"}}
	c.Bars, c.Names = barsOf(c.Floor, [][5]int{{}, {195, 0, 0}, {40, 0, 60}, {0, 0, 80, 0, 19}, {20, 0, 0}, {60, 0, 60}, {}, {100, 0, 30}, {}, {50, 0, 30}},
		func(i int) (string, bool) { return fmt.Sprint(i + 9), i%3 == 0 })
	c.Rows = []ChartRow{{"10:00–10:59", []string{"€310.00", "", ""}, "€310.00"}, {"12:00–12:59", []string{"", "€120.00", "−€50.00"}, "€70.00"}}
	return c
}

func yearChart() *Chart {
	c := &Chart{Height: 264, Margin: 48, Floor: 234, Grain: "month", Lines: []ChartLine{{127, "¥10bn"}, {20, "¥20bn"}}, Legend: []string{"link", "cash"}}
	parts := slices.Repeat([][5]int{{120, 0, 20}, {60, 0, 80}, {90, 0, 12}}, 8)
	c.Bars, c.Names = barsOf(c.Floor, parts, func(i int) (string, bool) {
		return []string{"2025", "", "", "Apr", "", "", "Jul", "", "", "Oct", "", ""}[i%12], i%3 == 0
	})
	c.Rows = []ChartRow{{"January 2025", []string{"¥9,000,000,000", "¥1,000"}, "¥9,000,001,000"}}
	return c
}
