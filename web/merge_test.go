package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

var (
	fieldShape  = regexp.MustCompile(`<input[^>]*?name="([^"]+)"[^>]*>`)
	valueShape  = regexp.MustCompile(` value="([^"]*)"`)
	chosenShape = regexp.MustCompile(`(?s)<select name="([^"]+)".*?</select>`)
	selected    = regexp.MustCompile(`<option value="([^"]*)" selected>`)
	templates   = regexp.MustCompile(`(?s)<template.*?</template>`)
)

// sends is what a form in a page would send.
func (a answer) sends() url.Values {
	form := url.Values{}
	text := templates.ReplaceAllString(a.text, "")
	for _, m := range fieldShape.FindAllStringSubmatch(text, -1) {
		value := ""
		if v := valueShape.FindStringSubmatch(m[0]); v != nil {
			value = html.UnescapeString(v[1])
		}
		if m[1] != "q" && !regexp.MustCompile(`type="radio"`).MatchString(m[0]) {
			form.Add(m[1], value)
		}
	}
	for _, m := range chosenShape.FindAllStringSubmatch(text, -1) {
		value := ""
		if v := selected.FindStringSubmatch(m[0]); v != nil {
			value = html.UnescapeString(v[1])
		}
		form.Add(m[1], value)
	}
	return form
}

func (s *salon) send(c *http.Client, path string, form url.Values) answer {
	return s.do(c, http.MethodPost, path, form.Encode(), "HX-Request", "true", "Content-Type", "application/x-www-form-urlencoded")
}

// two books a visit of two lines, and opens it on a tablet.
func (s *salon) two(c *http.Client) (visit.Visit, string, url.Values) {
	v, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{Client: visit.Client{Name: "Anna", Phone: "+36201234567"}, StartsAt: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC), Status: visit.Arrived, Lines: []visit.Line{
		{Kind: visit.Service, Name: "Haircut", Quantity: 1, UnitPrice: 3500}, {Kind: visit.Membership, Name: "Ten haircuts", Quantity: 1, UnitPrice: 30000}}}, desk.Key{})
	s.must(err)
	at := "/desk/visits/" + string(v.ID)
	return v, at, s.htmx(c, http.MethodGet, at+"/edit").sends()
}

// theirs saves another tablet's change.
func (s *salon) theirs(v visit.Visit, change func(*visit.Edition)) {
	s.t.Helper()
	e := v.Edition()
	change(&e)
	_, err := s.d.Desk().EditVisit(access.System(), v.ID, v.Version, visit.Patch{Client: &e.Client, StartsAt: &e.StartsAt, Staff: &e.Staff, Status: &e.Status, Lines: &e.Lines})
	s.must(err)
}

// R4: what only one of two changed is kept of both, once it was looked at.
func TestR4ASecondSaveOverwritesNothing(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	v, at, form := s.two(c)
	s.theirs(v, func(e *visit.Edition) { e.Lines[1].UnitPrice, e.Status = 31000, visit.Done })
	form["line_price"][0], form["client_phone"][0] = "40", "+36 20 765 4321"
	got := s.send(c, at, form)
	got.wants(t, "the stale edit", http.StatusPreconditionFailed, `data-kind="conflict"`, "Nothing is saved yet", `data-kind="changed"`,
		"Ten haircuts · 1 × €310.00", `name="line_price" inputmode="decimal" value="310.00"`, `name="line_price" inputmode="decimal" value="40.00"`, "Changed on another tablet:", "<bdi>Done</bdi>", "<b>€350.00</b>")
	if x := s.visits()[0]; x.Version != 2 || x.Lines[0].UnitPrice != 3500 {
		t.Errorf("the stale edit was saved: %+v", x)
	}
	s.send(c, at, got.sends()).wants(t, "the second save", http.StatusOK, "€350.00")
	if x := s.visits()[0]; x.Lines[0].UnitPrice != 4000 || x.Lines[1].UnitPrice != 31000 || x.Status != visit.Done || x.Client.Phone != "+36207654321" {
		t.Errorf("%+v", x)
	}
}

// R4: what both changed is chosen, and saved only then.
func TestR4WhatBothChangedIsChosen(t *testing.T) {
	for pick, want := range map[string]struct{ price, lines int64 }{"mine": {29000, 1}, "theirs": {31000, 2}} {
		t.Run(pick, func(t *testing.T) {
			s := open(t)
			c := s.tablet(access.Receptionist)
			v, at, form := s.two(c)
			s.theirs(v, func(e *visit.Edition) {
				e.Lines[1].UnitPrice, e.Lines[0].Quantity = 31000, 2
				e.StartsAt = e.StartsAt.AddDate(0, 0, 1)
				e.Client.Name, e.Status = "Anne", visit.Done
			})
			form["line_price"][1], form["time"][0], form["client_name"][0], form["status"][0] = "290", "23:59", "Hanna", "no-show"
			for field := range form { // the haircut is taken off
				if len(field) > 5 && field[:5] == "line_" {
					form[field] = form[field][1:]
				}
			}
			got := s.send(c, at, form)
			got.wants(t, "the stale edit", http.StatusPreconditionFailed, "Nothing is saved yet: choose", `data-kind="asked"`, `data-kind="removed_asked"`, "You took this off.", `value="290.00"`, "Anne · ")
			again := got.sends()
			unpicked := s.send(c, at, again)
			unpicked.wants(t, "nothing chosen", http.StatusUnprocessableEntity, `data-kind="unpicked"`, `data-kind="asked"`, `data-kind="removed_asked"`, "Anne · ", "€310.00")
			if x := s.visits()[0]; x.Version != 2 {
				t.Fatalf("saved without a choice: %+v", x)
			}
			again = unpicked.sends()
			if n := len(again["asked"]); n != 5 {
				t.Fatalf("%d parts are asked: %v", n, again["asked"])
			}
			for _, part := range again["asked"] {
				again.Set("pick."+part, pick)
			}
			if pick == "mine" {
				again.Set("pick."+string(v.Lines[0].ID), "drop")
			}
			s.send(c, at, again).wants(t, "chosen", http.StatusOK)
			x := s.visits()[0]
			membership := x.Lines[0]
			for _, l := range x.Lines {
				if l.Kind == visit.Membership {
					membership = l
				}
			}
			if int64(len(x.Lines)) != want.lines || membership.UnitPrice != want.price || (x.Client.Name == "Anne") != (pick == "theirs") || (x.Status == visit.Done) != (pick == "theirs") || x.StartsAt.Equal(v.StartsAt.AddDate(0, 0, 1)) != (pick == "theirs") {
				t.Errorf("%+v", x)
			}
		})
	}
}

// R4: a line that they took off and I changed is asked about, one that I left is gone.
func TestR4ALineTakenOff(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Receptionist)
	v, at, form := s.two(c)
	s.theirs(v, func(e *visit.Edition) { e.Lines = nil })
	form["line_price"][1] = "290"
	got := s.send(c, at, form)
	got.wants(t, "the stale edit", http.StatusPreconditionFailed, "Taken off there: <bdi>Haircut</bdi>", `data-kind="gone_asked"`)
	again := got.sends()
	again.Set("pick."+string(v.Lines[1].ID), "drop")
	s.send(c, at, again).wants(t, "dropped", http.StatusOK)
	if x := s.visits()[0]; len(x.Lines) != 0 {
		t.Errorf("%+v", x)
	}
}
