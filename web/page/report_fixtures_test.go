package page

import "fmt"

func reportFixtures() []fixture {
	span := Span{Heading: "November 2026", Period: "month", Periods: []string{"today", "yesterday", "week", "month", "last_month"}, From: "2026-11-01", To: "2026-11-22", By: "visit_date", Query: "from=2026-11-01&to=2026-11-22&by=visit_date"}
	full := Reports{Shell: counting(), Span: span, In: "€12,480.00", Out: "€320.00", Net: "€12,160.00", Count: 214, Chart: monthChart(),
		Cuts: []Cut{
			{"methods", []CutRow{{"Link", "€7,100.00", "", "€7,100.00", 100}, {"Cash", "€3,200.00", "€320.00", "€2,880.00", 41}, {"Card", "€2,180.00", "", "€2,180.00", 31}}},
			{"registers", []CutRow{{"acquiring:sandbox", "€7,100.00", "", "€7,100.00", 100}, {"Cash", "€3,200.00", "€320.00", "€2,880.00", 41}}},
			{"kinds", []CutRow{{"Service", "€9,900.00", "€120.00", "€9,780.00", 100}, {"Product", "€1,880.00", "€200.00", "€1,680.00", 17}, {"Gift card", "€700.00", "", "€700.00", 7}}},
			{"tax_systems", []CutRow{{"Standard VAT", "€11,780.00", "€320.00", "€11,460.00", 100}, {"Not of a line", "€700.00", "", "€700.00", 6}}},
			{"staff", []CutRow{{"Maria-Magdalena von Hohenstein-Wittgenstein", "€3,200.00", "€320.00", "€2,880.00", 41}, {"Without staff", "€7,100.00", "", "€7,100.00", 100}}},
		},
		Others: []Cut{{"foreign", []CutRow{{"Link", "¥900,000", "", "¥900,000", 100}}}},
		Rows: []PaidRow{{"10:44", "v_1", "2026-11-22", "Anna Kovacs", "link", false, "", "€25.00", nil}, {"10:38", "v_2", "2026-11-22", "", "cash", true, "Eva", "−€5.00", nil},
			{"10:31", "", "", "", "link", false, "", "€12.00", []string{"unmatched"}}},
		More: "/desk/reports?cursor=x"}
	empty := Reports{Shell: counting(), Span: span, Empty: true}
	empty.Span.Heading, empty.Span.Period = "Sunday, 22 November 2026", "today"
	past := []CloseRow{{"21 November 2026, 19:04", "Eva", "€485.00", "€484.50", "−€0.50", true, "€384.50", "€100.00", "a coin under the till"},
		{"20 November 2026, 19:01", "Jonas", "€312.00", "€312.00", "", false, "€212.00", "€100.00", ""}, {"19 November 2026, 19:10", "Eva", "€200.00", "€205.00", "+€5.00", false, "€105.00", "€100.00", ""}}
	counted := span
	counted.Period = "drawer"
	drawer := Drawer{Shell: counting(), Span: counted, Opening: "€100.00", In: "€410.00", Out: "€25.00", Expected: "€485.00", Key: "k-3", Closes: past, Saved: true}
	first := Drawer{Shell: counting(), Span: counted, First: true, Opening: "€0.00", In: "€410.00", Out: "€0.00", Expected: "€410.00", Key: "k-3", Problem: &Problem{Kind: "amount_invalid"}, Counted: "four hundred"}
	return []fixture{{"reports", full, true, false}, {"reports-none", empty, true, false}, {"drawer", drawer, true, false}, {"drawer-first", first, true, false}}
}

func counting() Shell {
	s := shell()
	s.CanCount, s.CanSell = true, true
	return s
}

func monthChart() *Chart {
	c := &Chart{Width: 960, Height: 260, Lines: []ChartLine{{126, "€500.00"}, {24, "€1,000.00"}}, Legend: []Swatch{{"link", "Link"}, {"cash", "Cash"}, {"card", "Card"}}}
	for i := range 22 {
		x, link, cash := 84+i*39, 40+(i*37)%90, 20+(i*23)%50
		c.Bars = append(c.Bars, Bar{x, 228 - cash, 28, cash, "cash", "Cash"}, Bar{x, 228 - cash - link, 28, link, "link", "Link"}, Bar{x, 228 - cash - link - 18, 28, 18, "card", "Card"})
		if i%2 == 0 {
			c.Days = append(c.Days, ChartDay{x, fmt.Sprintf("%d Nov", i+1)})
		}
	}
	return c
}
