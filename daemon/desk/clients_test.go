package desk_test

import (
	"fmt"
	"testing"

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
	s.refused(err, "version_mismatch")
	_, err = s.SaveClient(boss, client.Client{Name: "Ben", Phone: "+36 20 1234567"}, desk.Key{})
	s.refused(err, "phone_taken")
	_, err = s.SaveClient(boss, client.Client{}, desk.Key{})
	s.refused(err, "validation")
	_, err = s.GrantBalance(boss, "c_nobody", desk.Grant{Method: "loyalty", Amount: 1, Reason: "x"}, desk.Key{})
	s.refused(err, "client_not_found")
}

func TestFindClients(t *testing.T) {
	s := open(t)
	for i, name := range []string{"Anna Kovacs", "Anna Nagy", "Bela Kovacs", "Cleo"} {
		_, err := s.SaveClient(boss, client.Client{Name: name, Phone: fmt.Sprintf("+3620123456%d", i), Email: fmt.Sprintf("c%d@example.com", i)}, desk.Key{})
		s.must(err)
	}
	for q, want := range map[string]int{"": 4, "an": 2, "kovacs": 2, "anna kov": 1, "566": 0, "4561": 1, "+36 20 123 4562": 1, "c3@example.com": 1, "zoe": 0} {
		found, _, err := s.Clients(boss, desk.ClientQuery{Q: q})
		s.must(err)
		if len(found) != want {
			t.Errorf("%q found %d, want %d", q, len(found), want)
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
