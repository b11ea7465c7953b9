package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/client"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/web/page"
)

// setup serves GET /desk/setup.
func (v *view) setup() error {
	p, err := v.setupPage(v.query("section"))
	if err != nil {
		return err
	}
	p.Saved, p.Open = v.query("saved") == "1", v.query("open")
	v.show(http.StatusOK, *p)
	return nil
}

// sandboxBoard serves GET /desk/setup/sandbox: to the dashboard of the provider that
// is made up, where refunds and disputes are tried. Its ticket is made for each tap.
func (v *view) sandboxBoard() error {
	if err := v.a.Need(access.SettingsManage); err != nil {
		return err
	}
	box := v.s.d.Sandbox()
	if box == nil {
		return fault.NotFound("sandbox")
	}
	return v.seeOther(box.Dashboard())
}

// displayRows serves GET /desk/setup/displays, the part that follows the
// displays as they come and go.
func (v *view) displayRows() error {
	if err := v.a.Need(access.DisplaysManage); err != nil {
		return err
	}
	rows, err := v.displays()
	if err != nil {
		return err
	}
	v.show(http.StatusOK, rows)
	return nil
}

// setupPage is Set up with one section open: the one asked for, if this person
// may see it, else the first. A scanned pairing code opens the displays.
func (v *view) setupPage(section string) (*page.Setup, error) {
	sections := setUpSections(v.a)
	if len(sections) == 0 {
		return nil, v.a.Need(access.SettingsManage)
	}
	if v.query("pair") != "" {
		section = "displays"
	}
	if !slices.Contains(sections, section) {
		section = sections[0]
	}
	shell, err := v.shell(nil)
	if err != nil {
		return nil, err
	}
	p := &page.Setup{Shell: shell, Section: section, Sections: sections, Board: v.s.d.Sandbox() != nil && v.a.Rights.Has(access.SettingsManage), Errors: map[string]string{}}
	for _, role := range access.Roles() {
		p.Roles = append(p.Roles, string(role))
	}
	switch section {
	case "location":
		p.Location = v.settings(v.loc)
		if p.Location.Fine, err = v.fine(); err == nil {
			p.Location.Logo, err = v.hasLogo()
		}
	case "payments":
		p.Payments, err = v.companiesPart(v.query("open"), v.query("tried"))
	case "desks":
		if p.Desks, err = v.deskRows(); err == nil && v.query("print") != "" {
			p.Print, err = v.printForm(v.query("print"))
		}
	case "displays":
		p.Displays, err = v.displays()
	case "slides":
		p.Idle, err = v.idlePart()
	case "staff":
		p.Staff, err = v.staffRows()
	case "software":
		p.Software, err = v.receiversPart(v.query("open"))
	}
	return p, err
}

// settings are the location's form.
func (v *view) settings(l desk.Location) page.Settings {
	own, byZone := v.countries(l)
	return page.Settings{Name: l.Name, Currency: string(l.Currency), Zone: l.Zone, Colour: l.Colour, Countries: own, ZoneCountry: byZone,
		PublicURL: l.PublicURL, ShowNames: l.ShowNames, ShowServices: l.ShowServices, Receipts: !l.ReceiptsByHand, Channels: len(v.s.desk.Channels()) > 0, Sound: l.Sound, SellsShort: l.SellWithoutStock != desk.RefuseWithoutStock, Language: languages(l.Language)[1:]}
}

// countries are those whose telephone numbers can be read, by name, and the name of the one that
// the time zone tells.
func (v *view) countries(l desk.Location) (options []page.Option, byZone string) {
	names := display.Regions(language.Make(v.lang))
	for _, code := range client.Regions() {
		region, err := language.ParseRegion(code)
		if name := names.Name(region); err == nil && region.IsCountry() && name != "" {
			options = append(options, page.Option{Value: code, Text: name, Selected: code == l.Country})
			if code == client.Region(l.Zone) {
				byZone = name
			}
		}
	}
	alphabet := func(o page.Option) string { return strings.Join(catalogue.Words(o.Text), " ") } // Ä is an A
	slices.SortFunc(options, func(a, b page.Option) int { return strings.Compare(alphabet(a), alphabet(b)) })
	return options, byZone
}

func (v *view) hasLogo() (bool, error) {
	png, err := v.s.desk.Logo()
	return png != nil, err
}

// fine tells whether codes at the public address are too fine to scan from afar.
func (v *view) fine() (bool, error) {
	version, err := v.s.desk.CodeVersion()
	return version > desk.FinestCode, err
}

func (v *view) deskRows() ([]page.DeskRow, error) {
	places, err := v.s.desk.Places()
	if err != nil {
		return nil, err
	}
	paired, err := v.s.desk.Displays(v.a)
	if err != nil {
		return nil, err
	}
	base, err := v.s.desk.PublicURL()
	if err != nil {
		return nil, err
	}
	rows := make([]page.DeskRow, 0, len(places))
	for _, p := range places {
		row := page.DeskRow{ID: string(p.ID), Name: p.Name, Print: base + "/q/" + string(p.ID)}
		for _, d := range paired {
			if d.Desk == p.ID {
				row.Displays++
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// displays are the paired displays as they are now, and the form for one more.
func (v *view) displays() (page.Displays, error) {
	places, err := v.s.desk.Places()
	if err != nil {
		return page.Displays{}, err
	}
	paired, err := v.s.desk.Displays(v.a)
	if err != nil {
		return page.Displays{}, err
	}
	base, err := v.s.desk.PublicURL()
	if err != nil {
		return page.Displays{}, err
	}
	desks := func(chosen string) (options []page.Option) {
		for _, p := range places {
			options = append(options, page.Option{Value: string(p.ID), Text: p.Name, Selected: string(p.ID) == chosen})
		}
		return options
	}
	part := page.Displays{Pair: page.PairForm{Code: v.query("pair"), Desks: desks(""), Address: base + "/display"}}
	seen := v.s.seen()
	for _, d := range paired {
		now := seen[string(d.ID)]
		row := page.DisplayRow{ID: string(d.ID), Name: d.Name, Desk: string(d.Desk), Desks: desks(string(d.Desk)), Online: now.Online,
			LastSeen: v.at(lastSeen(d, now)), Shows: now.Kind, Flashed: v.query("flashed") == string(d.ID),
			Twice: !now.Contested.IsZero(), Version: now.Build, Outdated: now.Outdated}
		if now.Online && now.Width > 0 {
			row.Size = strconv.Itoa(now.Width) + " × " + strconv.Itoa(now.Height)
		}
		if !now.ShownAt.IsZero() {
			row.Since = now.ShownAt.In(v.zone).Format(time.TimeOnly)
		}
		for _, p := range places {
			if p.ID == d.Desk {
				row.Desk = p.Name
			}
		}
		row.Client = v.clientOf(now.Visit)
		part.List = append(part.List, row)
	}
	return part, nil
}

// clientOf names whose visit a display shows; "" for none, and for one that is gone.
func (v *view) clientOf(which string) string {
	if which == "" {
		return ""
	}
	x, err := v.s.desk.Visit(v.a, VisitPath{ID: which}.visit())
	if err != nil {
		return ""
	}
	return x.Client.Name
}

func (v *view) staffRows() ([]page.StaffRow, error) {
	people, err := v.s.desk.StaffList()
	if err != nil {
		return nil, err
	}
	rows := make([]page.StaffRow, 0, len(people))
	for _, p := range people {
		rows = append(rows, page.StaffRow{ID: string(p.ID), Name: p.Name, Role: string(p.Role), Active: p.Active, HasPIN: p.PINHash != ""})
	}
	return rows, nil
}

// done leads back to the section after a form was saved.
func (v *view) done(section string) error {
	return v.seeOther("/desk/setup?section=" + section + "&saved=1")
}

// undone shows the section again with what is wrong. fill puts back what was
// typed.
func (v *view) undone(section string, err error, fill func(*page.Setup)) error {
	p := v.s.judge(v.r, err)
	if p.status == http.StatusForbidden || p.status == http.StatusNotFound || p.status >= http.StatusInternalServerError && p.status != http.StatusServiceUnavailable {
		if p.code != "pairing_code_not_found" {
			return err
		}
	}
	again, failed := v.setupPage(section)
	if failed != nil {
		return failed
	}
	for name, values := range p.GetHeaders() {
		v.w.Header()[name] = values
	}
	again.Problem = v.worded(p)
	markFields(v.lang, again.Errors, p.fields)
	fill(again)
	if fragment(v.r) {
		p.status = swapped(p.status)
	}
	v.show(p.status, *again)
	return nil
}

// markFields puts messages beside the fields of a form, by their names.
func markFields(lang string, errors map[string]string, fields []fault.Field) {
	const from = len("body.")
	for _, f := range fields {
		if len(f.Location) > from {
			errors[f.Location[from:]] = page.Refused(lang, f.Message)
		}
	}
}
