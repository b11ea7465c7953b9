package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/stock"
	"countersign/daemon/visit"
)

// The salon of the demo, and who runs it.
const (
	salonName     = "Studio Lumen"
	administrator = "Eva"
)

// salon is a demo being filled, by the same operations that people use.
type salon struct {
	desk  *desk.Desk
	who   access.Actor
	day   time.Time // midnight of today, where the salon is
	now   time.Time
	items map[string]catalogue.Item
	staff map[string]id.Staff
}

// fillSalon makes a salon with its catalogue, its people and a day of visits.
func fillSalon(d *desk.Desk, pin string) error {
	s := &salon{desk: d, who: access.System(), items: map[string]catalogue.Item{}, staff: map[string]id.Staff{}}
	for _, step := range []func() error{s.furnish, s.stock, func() error { return s.hire(pin) }, s.receive} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (s *salon) furnish() error {
	location := desk.DefaultLocation()
	location.Name, location.Zone = salonName, localZone("Europe/Berlin")
	if err := s.desk.SaveLocation(s.who, location); err != nil {
		return err
	}
	s.now = time.Now().In(location.Clock())
	year, month, day := s.now.Date()
	s.day = time.Date(year, month, day, 0, 0, 0, 0, location.Clock())
	_, err := s.desk.SavePlace(s.who, desk.Place{ID: "front", Name: "Reception"})
	return err
}

func (s *salon) stock() error {
	standard := catalogue.Standard()
	standard.Rate = 1900
	if _, err := s.desk.SaveTaxSystem(s.who, standard); err != nil {
		return err
	}
	if _, err := s.desk.CreateTaxSystem(s.who, catalogue.TaxSystem{ID: "exempt", Name: "Exempt", Active: true}, desk.Key{}); err != nil {
		return err
	}
	for _, i := range []catalogue.Item{
		{Kind: visit.Service, Name: "Haircut", Price: 3500, Min: 3000, Max: 5000},
		{Kind: visit.Service, Name: "Colour", Price: 8500, Min: 6500, Max: 14000},
		{Kind: visit.Service, Name: "Beard trim", Price: 1800, Min: 1500, Max: 2500},
		{Kind: visit.Service, Name: "Massage", Price: 6000, Min: 5000, Max: 10000},
		// Medical treatments are exempt, so they can't be paid together with the rest by link (R8).
		{Kind: visit.Service, Name: "Scalp treatment", Price: 4000, TaxSystem: "exempt"},
		{Kind: visit.Product, Name: "Shampoo 250 ml", SKU: "2041", Price: 1450},
		{Kind: visit.Product, Name: "Hair oil 50 ml", SKU: "2055", Price: 2290},
		{Kind: visit.Membership, Name: "Ten haircuts", Price: 29000, Uses: 10, Days: 365},
		{Kind: visit.GiftCard, Name: "Gift card", Price: 5000, Days: 3 * 365},
	} {
		i.Active = true
		saved, err := s.desk.SaveItem(s.who, i)
		if err != nil {
			return err
		}
		s.items[saved.Name] = saved
	}
	return s.deliver(map[string]int64{"Shampoo 250 ml": 24, "Hair oil 50 ml": 4})
}

// deliver puts products on the shelf.
func (s *salon) deliver(pieces map[string]int64) error {
	for name, n := range pieces {
		if _, err := s.desk.Move(s.who, s.items[name].ID, n, stock.Receipt, "", desk.Key{}); err != nil {
			return err
		}
	}
	return nil
}

// hire gives the others PINs that nobody knows: the demo is reached from the
// whole network, and the administrator can reset them.
func (s *salon) hire(pin string) error {
	for _, person := range []struct {
		name string
		role access.Role
		pin  string
	}{
		{administrator, access.Administrator, pin},
		{"Jonas", access.Receptionist, ""},
		{"Mira", access.Viewer, ""},
	} {
		var err error
		if person.pin == "" {
			if person.pin, err = newPIN(); err != nil {
				return err
			}
		}
		saved, err := s.desk.SaveStaff(s.who, desk.StaffDraft{Name: person.name, Role: person.role, PIN: person.pin, Active: true})
		if err != nil {
			return err
		}
		s.staff[person.name] = saved.ID
	}
	return nil
}

// guest is one visit of the day. At zero minutes somebody walks in now.
type guest struct {
	at                    time.Duration
	name, phone, language string
	email                 string
	staff                 string
	status                visit.Status
	items                 []string
	cash, card            int64
}

// guests are in every state that a visit can be in before a client pays by link.
func guests() []guest {
	clock := func(h, m time.Duration) time.Duration { return h*time.Hour + m*time.Minute }
	return []guest{
		{at: clock(8, 30), name: "Clara Brandt", phone: "+4915112345001", language: "de", staff: "Jonas", status: visit.Done, items: []string{"Haircut"}, cash: 3500},
		{at: clock(9, 15), name: "David Okafor", phone: "+447700900123", language: "en", staff: administrator, status: visit.Done, items: []string{"Beard trim", "Hair oil 50 ml"}, card: 4090},
		{at: clock(10, 0), name: "Lena Vogel", phone: "+4915112345003", language: "de", staff: "Mira", status: visit.NoShow, items: []string{"Massage"}},
		{at: clock(10, 30), name: "Anna Kovács", phone: "+36201234567", email: "anna@example.com", language: "en", staff: administrator, status: visit.Arrived, items: []string{"Haircut", "Shampoo 250 ml"}, cash: 2000},
		{at: clock(11, 30), name: "Yusuf Demir", phone: "+4915112345005", language: "de", staff: "Jonas", status: visit.Arrived, items: []string{"Colour"}},
		{at: clock(13, 0), name: "Sofia Lindqvist-Bergström", phone: "+46701740605", email: "sofia@example.com", language: "en", staff: "Mira", status: visit.Confirmed, items: []string{"Massage", "Scalp treatment"}},
		{at: clock(14, 45), name: "Tom Weber", phone: "+4915112345007", language: "de", staff: "Jonas", status: visit.StatusCancelled, items: []string{"Haircut"}},
		{at: clock(16, 0), name: "Mei Tanaka", phone: "+819012345678", language: "en", staff: administrator, status: visit.Booked, items: []string{"Colour", "Haircut"}},
		{name: "Walk-in", language: "en", staff: administrator, status: visit.Arrived, items: []string{"Shampoo 250 ml", "Gift card"}},
	}
}

func (s *salon) receive() error {
	for _, g := range guests() {
		v, _, err := s.desk.CreateVisit(s.who, s.draft(g), desk.Key{})
		if err != nil {
			return err
		}
		for method, amount := range map[string]int64{"cash": g.cash, "card": g.card} {
			if amount == 0 {
				continue
			}
			if _, err := s.desk.TakePayment(s.who, v.ID, desk.Taking{Method: method, Amount: amount}, desk.Key{}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *salon) draft(g guest) visit.Draft {
	d := visit.Draft{
		Client:   visit.Client{Name: g.name, Phone: g.phone, Email: g.email, Language: g.language},
		StartsAt: s.now,
		Staff:    s.staff[g.staff],
		Status:   g.status,
	}
	if g.at > 0 {
		// By the clock on the wall, also on the day that the clock is changed.
		d.StartsAt = time.Date(s.day.Year(), s.day.Month(), s.day.Day(), int(g.at/time.Hour), int(g.at%time.Hour/time.Minute), 0, 0, s.day.Location())
	}
	for _, name := range g.items {
		i := s.items[name]
		d.Lines = append(d.Lines, visit.Line{Kind: i.Kind, Ref: i.ID, Name: i.Name, Quantity: 1, UnitPrice: i.Price, TaxSystem: i.TaxSystem})
	}
	return d
}

// localZone is the time zone of this computer, by its name; otherwise fallback.
func localZone(fallback string) string {
	name := os.Getenv("TZ")
	if target, err := filepath.EvalSymlinks("/etc/localtime"); name == "" && err == nil {
		if _, zone, ok := strings.Cut(filepath.ToSlash(target), "/zoneinfo/"); ok {
			name = zone
		}
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, ":"), "posix/")
	// UTC is what a computer says that nobody told where it stands.
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" || strings.HasSuffix(name, "UTC") {
		return fallback
	}
	return name
}
