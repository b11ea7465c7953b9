package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/client"
	"countersign/daemon/desk"
	"countersign/daemon/visit"
)

func (s salon) visitOf(c visit.Client) visit.Visit {
	s.t.Helper()
	v, _, err := s.CreateVisit(boss, visit.Draft{Client: c, Lines: draft(1000).Lines}, desk.Key{})
	s.must(err)
	return v
}

// A visit finds its client by number, then by address, however they are
// written; a name alone makes none.
func TestVisitsFindTheirClient(t *testing.T) {
	s := open(t)
	loc := desk.DefaultLocation()
	loc.Country = "HU"
	s.must(s.SaveLocation(boss, loc))
	anna := s.visitOf(visit.Client{Name: "Anna", Phone: "06 20 123 4567"})
	if anna.Client.ID == "" || anna.Client.Phone != "+36201234567" {
		t.Fatalf("%+v", anna.Client)
	}
	again := s.visitOf(visit.Client{Name: "Anna Kovacs", Phone: "+36 20/123-4567", Email: "Anna@example.com"})
	byMail := s.visitOf(visit.Client{Name: "A. Kovacs", Email: "anna@EXAMPLE.com"})
	family := s.visitOf(visit.Client{Name: "Bela Kovacs", Phone: "06 20 765 4321", Email: "anna@example.com"})
	walkIn := s.visitOf(visit.Client{Name: "Anna"})
	if again.Client.ID != anna.Client.ID || byMail.Client.ID != anna.Client.ID {
		t.Errorf("three visits of Anna: %s, %s, %s", anna.Client.ID, again.Client.ID, byMail.Client.ID)
	}
	if family.Client.ID == anna.Client.ID || family.Client.ID == "" || walkIn.Client.ID != "" {
		t.Errorf("Bela is %s, the walk-in %q", family.Client.ID, walkIn.Client.ID)
	}
	c, err := s.Client(boss, anna.Client.ID)
	s.must(err)
	if c.Name != "Anna" || c.Email != "Anna@example.com" {
		t.Errorf("%+v", c)
	}
	visits, err := s.ClientVisits(boss, anna.Client.ID)
	s.must(err)
	if len(visits) != 3 {
		t.Errorf("%d visits", len(visits))
	}
}

// R16: who puts another person into a visit doesn't leave them the first one's balance.
func TestR16AnotherPersonIsAnotherClient(t *testing.T) {
	s := open(t)
	v := s.visitOf(visit.Client{Name: "Anna", Phone: "+36201234567"})
	edit := func(c visit.Client) visit.Client {
		t.Helper()
		v = s.reread(v)
		w, err := s.EditVisit(boss, v.ID, v.Version, visit.Patch{Client: &c})
		s.must(err)
		return w.Client
	}
	if c := edit(visit.Client{Name: "Anna Nagy", Phone: "+36 20 123 4567"}); c.ID != v.Client.ID {
		t.Errorf("corrected, she became %s", c.ID)
	}
	anna := v.Client.ID
	if c := edit(visit.Client{Name: "Ben", Phone: "+36207654321"}); c.ID == anna || c.ID == "" {
		t.Errorf("Ben is %q", c.ID)
	}
	if c := edit(visit.Client{Name: "Cleo"}); c.ID != "" {
		t.Errorf("Cleo, of whom nothing is known, is %s", c.ID)
	}
	if c := edit(visit.Client{ID: anna, Name: "Anna"}); c.ID != anna {
		t.Errorf("chosen by id, she is %s", c.ID)
	}
}

// Two tablets don't overwrite each other's client (R4), and a number is one client's.
func TestSaveClient(t *testing.T) {
	s := open(t)
	anna, err := s.SaveClient(boss, client.Client{Name: "Anna", Phone: "+36201234567"}, desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	again, err := s.SaveClient(boss, client.Client{Name: "Anna", Phone: "+36201234567"}, desk.Key{Value: "k", Hash: "h"})
	s.must(err)
	if again.ID != anna.ID || anna.Version != 1 {
		t.Errorf("%+v, %+v", anna, again)
	}
	anna.Note = "tea"
	anna, err = s.SaveClient(boss, anna, desk.Key{})
	s.must(err)
	stale := anna
	stale.Version = 1
	_, err = s.SaveClient(boss, stale, desk.Key{})
	if f := s.refused(err, "version_mismatch"); fmt.Sprint(f.Details["changed"]) != "[note]" {
		t.Errorf("changed: %v", f.Details["changed"])
	}
	_, err = s.SaveClient(boss, client.Client{Name: "Ben", Phone: "+36 20 1234567"}, desk.Key{})
	if f := s.refused(err, "phone_taken"); f.Details["client"] != anna.ID {
		t.Errorf("the number is said to be that of %v", f.Details["client"])
	}
	_, err = s.SaveClient(boss, client.Client{}, desk.Key{})
	s.refused(err, "validation")
	_, err = s.GrantBalance(boss, "c_nobody", desk.Grant{Method: "loyalty", Amount: 1, Reason: "x"}, desk.Key{})
	s.refused(err, "client_not_found")
}

func TestFindClients(t *testing.T) {
	s := open(t)
	for i, name := range []string{"anna Kovács", "Anna Nagy", "Béla Kovacs", "Cleo"} {
		_, err := s.SaveClient(boss, client.Client{Name: name, Phone: fmt.Sprintf("+3620123456%d", i), Email: fmt.Sprintf("c%d@example.com", i)}, desk.Key{})
		s.must(err)
	}
	for q, want := range map[string]int{"": 4, "an": 2, "kovacs": 2, "anna kov": 1, "Kóvacs": 2, "nagy 4561": 1, "566": 0, "0620123": 4, "4561": 1, "+36 20 123 4562": 1, "c3@example.com": 1, "zoe": 0} {
		found, _, err := s.Clients(boss, desk.ClientQuery{Q: q})
		s.must(err)
		if len(found) != want {
			t.Errorf("%q found %d, want %d", q, len(found), want)
		}
	}
	for _, q := range []string{"", "an"} { // in pages, whether all are listed or some are found
		var names []string
		for next := ""; ; {
			some, more, err := s.Clients(boss, desk.ClientQuery{Q: q, Limit: 1, Cursor: next})
			s.must(err)
			for _, c := range some {
				names = append(names, c.Name)
			}
			if next = more; next == "" {
				break
			}
		}
		if want := []string{"anna Kovács", "Anna Nagy", "Béla Kovacs", "Cleo"}[:map[string]int{"": 4, "an": 2}[q]]; !slices.Equal(names, want) {
			t.Errorf("%q: %q", q, names)
		}
	}
	first, next, err := s.Clients(boss, desk.ClientQuery{Limit: 3})
	s.must(err)
	rest, end, err := s.Clients(boss, desk.ClientQuery{Limit: 3, Cursor: next})
	s.must(err)
	if len(first) != 3 || len(rest) != 1 || rest[0].Name != "Cleo" || end != "" {
		t.Errorf("%d, then %v, %q", len(first), rest, end)
	}
}

// What is corrected of a client is corrected in what is still to come, and only there; what a visit
// says otherwise stays.
func TestClientsCorrectTheirVisits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		past := s.visitOf(visit.Client{Name: "Ana", Phone: "+36201234567"})
		time.Sleep(48 * time.Hour)
		next := s.visitOf(visit.Client{Name: "Ana", Phone: "+36201234567"})
		own := s.visitOf(visit.Client{Name: "Ana's mother", Phone: "+36201234567"})
		paying := s.visitOf(visit.Client{Name: "Ana", Phone: "+36201234567"})
		if _, err := s.Begin(paying.Token); err != nil {
			t.Fatal(err)
		}
		c, err := s.Client(boss, next.Client.ID)
		s.must(err)
		c.Name, c.Email = "Anna", "anna@example.com"
		_, err = s.SaveClient(boss, c, desk.Key{})
		s.must(err)
		for name, x := range map[string]struct {
			v           visit.Visit
			name, email string
		}{"past": {past, "Ana", ""}, "next": {next, "Anna", "anna@example.com"}, "own": {own, "Ana's mother", "anna@example.com"}, "paying": {paying, "Ana", ""}} {
			if got := s.reread(x.v); got.Client.Name != x.name || got.Client.Email != x.email || got.Client.ID != c.ID {
				t.Errorf("%s: %+v", name, got.Client)
			}
		}
		_, err = s.EditVisit(boss, next.ID, next.Version, visit.Patch{Client: &next.Client})
		s.refused(err, "version_mismatch") // an editor who saw the old name doesn't bring it back
	})
}

// A client who is named by id alone is taken as we know them; one who isn't ours is refused.
func TestClientByID(t *testing.T) {
	s := open(t)
	c, err := s.SaveClient(boss, client.Client{Name: "Anna", Phone: "+36201234567", Language: "hu"}, desk.Key{})
	s.must(err)
	if v := s.visitOf(visit.Client{ID: c.ID}); v.Client != c.Contact() {
		t.Errorf("%+v", v.Client)
	}
	_, _, err = s.CreateVisit(boss, visit.Draft{Client: visit.Client{ID: "c_nobody"}}, desk.Key{})
	s.refused(err, "validation")
	// Somebody of whom only the name is known stays who they are.
	noah, err := s.SaveClient(boss, client.Client{Name: "Noah"}, desk.Key{})
	s.must(err)
	v := s.visitOf(visit.Client{ID: noah.ID})
	v, err = s.EditVisit(boss, v.ID, v.Version, visit.Patch{Client: &visit.Client{Name: "Noah", Language: "en"}})
	s.must(err)
	if v.Client.ID != noah.ID {
		t.Errorf("with a language, Noah became %q", v.Client.ID)
	}
	// Unless somebody says that this is another one; a number says who it is in any case.
	v, err = s.EditVisit(boss, v.ID, v.Version, visit.Patch{Client: &visit.Client{Name: "Noah"}, SomeoneElse: true})
	s.must(err)
	if v.Client.ID != "" {
		t.Errorf("another Noah is %q", v.Client.ID)
	}
	v, err = s.EditVisit(boss, v.ID, v.Version, visit.Patch{Client: &visit.Client{Name: "Anna", Phone: "+36201234567"}, SomeoneElse: true})
	s.must(err)
	if v.Client.ID != c.ID {
		t.Errorf("Anna's number is %q", v.Client.ID)
	}
}

// A location that has told its time zone needn't tell its country, but may.
func TestNumbersAreOfTheLocation(t *testing.T) {
	s := open(t)
	for _, c := range []struct{ zone, country, want string }{{"Europe/Berlin", "", "+4930123456"}, {"Europe/Berlin", "AT", "+4330123456"}, {"UTC", "", "030 123456"}} {
		loc := desk.DefaultLocation()
		loc.Zone, loc.Country = c.zone, c.country
		s.must(s.SaveLocation(boss, loc))
		if got := s.visitOf(visit.Client{Name: "A", Phone: "030 123456"}).Client.Phone; got != c.want {
			t.Errorf("in %s, %q: %s, want %s", c.zone, c.country, got, c.want)
		}
	}
}
