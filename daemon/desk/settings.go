package desk

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/daemon/access"
	"countersign/daemon/client"
	"countersign/daemon/fault"
	"countersign/daemon/money"
)

// Location is the business at one address.
type Location struct {
	Name     string         `json:"name"`
	Zone     string         `json:"zone"`
	Language string         `json:"language"`
	Colour   string         `json:"colour"`
	Currency money.Currency `json:"currency"`
	// ShowNames and ShowServices let a display show the client's first name
	// and what is paid for. Both are off at first: a clinic's services are
	// health data (R31).
	ShowNames    bool `json:"show_names"`
	ShowServices bool `json:"show_services"`
	// Sound has displays play two soft notes when a client has paid (R31).
	Sound bool `json:"sound,omitempty"`
	// Country is the ISO 3166 country whose telephone numbers are written
	// without their country's code; "" knows only those that have it.
	Country string `json:"country"`
	// PublicURL is the address that phones reach; empty means the one that the
	// daemon found for itself.
	PublicURL string `json:"public_url"`
	// SellWithoutStock is what happens when more of a product is to be sold
	// than is on hand: AskWithoutStock, which "" is as well, or RefuseWithoutStock.
	SellWithoutStock string `json:"sell_without_stock"`
	// ReceiptsByHand leaves it to staff to send receipts; otherwise one goes
	// out by itself for every payment by link (R24).
	ReceiptsByHand bool `json:"receipts_by_hand,omitempty"`
}

// What SellWithoutStock may be.
const (
	AskWithoutStock    = "ask"
	RefuseWithoutStock = "refuse"
)

// DefaultLocation is what a fresh file starts with.
func DefaultLocation() Location {
	return Location{Name: "My studio", Zone: "UTC", Language: "en", Colour: "#14514a", Currency: "EUR", SellWithoutStock: AskWithoutStock}
}

// Clock returns the location's time zone, UTC where the name is unknown.
func (l Location) Clock() *time.Location {
	zone, err := time.LoadLocation(l.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Location returns the location's settings.
func (d *Desk) Location() (l Location, err error) {
	err = d.view(func(o *op) error {
		l, err = o.location()
		return err
	})
	return l, err
}

// location reads the settings once in an operation.
func (o *op) location() (Location, error) {
	if o.loc != nil {
		return *o.loc, nil
	}
	s, ok, err := o.settings.Get(o.tx, "location")
	if err != nil {
		return Location{}, err
	}
	if !ok {
		s.Location = DefaultLocation()
	}
	o.loc = &s.Location
	return s.Location, nil
}

var (
	colourShape = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	addressHost = regexp.MustCompile(`^https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~/-]*)?$`)
)

// SaveLocation replaces the location's settings. The currency can't change
// once something is sold in it: sums of two currencies mean nothing.
func (d *Desk) SaveLocation(a access.Actor, l Location) error {
	if err := a.Need(access.SettingsManage); err != nil {
		return err
	}
	l.Name, l.PublicURL = strings.TrimSpace(l.Name), strings.TrimRight(strings.TrimSpace(l.PublicURL), "/")
	if err := checkLocation(l); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		was, err := o.location()
		if err != nil {
			return err
		}
		if n, err := o.visits.Count(o.tx); err != nil {
			return err
		} else if n > 0 && was.Currency != l.Currency {
			return fault.Invalid(fault.Field{Location: "body.currency", Message: "can't change once there are visits"})
		}
		if err := o.settings.Put(o.tx, setting{Name: "location", Location: l}); err != nil {
			return err
		}
		if err := o.record(a, "location.save", l); err != nil {
			return err
		}
		return o.tell(DisplayChanged, Detail{})
	})
}

func checkLocation(l Location) error {
	var faults []fault.Field
	add := func(where, what string) {
		faults = append(faults, fault.Field{Location: "body." + where, Message: what})
	}
	if problem := checkName(l.Name); problem != "" {
		add("name", problem)
	}
	if _, err := time.LoadLocation(l.Zone); err != nil || l.Zone == "" || l.Zone == "Local" {
		add("zone", "is not a time zone such as Europe/Berlin")
	}
	if l.Language != "en" && l.Language != "de" {
		add("language", "must be en or de")
	}
	if !colourShape.MatchString(l.Colour) {
		add("colour", "must look like #14514a")
	}
	if _, err := money.ParseCurrency(string(l.Currency)); err != nil {
		add("currency", "is not an ISO 4217 currency")
	}
	if s := l.SellWithoutStock; s != "" && s != AskWithoutStock && s != RefuseWithoutStock {
		add("sell_without_stock", "must be ask or refuse")
	}
	if !client.KnownRegion(l.Country) {
		add("country", "must be a country such as DE")
	}
	if l.PublicURL != "" && !addressHost.MatchString(l.PublicURL) {
		add("public_url", "must be an address such as https://pay.example.com")
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

// checkName says what is wrong with a name, "" if nothing is.
func checkName(s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "is missing"
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "has characters that can't be printed"
	case utf8.RuneCountInString(s) > 80:
		return "is longer than 80 characters"
	}
	return ""
}
