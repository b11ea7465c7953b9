// Package client holds the rules of clients: what a valid one is, how a telephone number is
// written so that two spellings of it are the same, and by which words a client is found.
//
// It is pure: it is given the time and the ids, returns new values and stores nothing. What a
// client holds with us is in the ledger.
package client

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/visit"
)

// maxNote is how long a note may be, in characters.
const maxNote = 2000

// Client is a person who comes to the location.
type Client struct {
	ID        id.Client `json:"id"`
	Name      string    `json:"name"`
	Phone     string    `json:"phone"` // E.164 where it can be read as a number, else as typed
	Email     string    `json:"email"`
	Language  string    `json:"language"` // BCP 47, for messages
	Note      string    `json:"note"`     // for staff
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Touched   Touched   `json:"touched"`
}

// Touched are the versions in which the fields of a client were last changed, so that a stale
// edit can be told what somebody else has done (R4).
type Touched struct {
	Name     int64 `json:"name,omitempty"`
	Phone    int64 `json:"phone,omitempty"`
	Email    int64 `json:"email,omitempty"`
	Language int64 `json:"language,omitempty"`
	Note     int64 `json:"note,omitempty"`
}

// Edited is what becomes of a client by an edit: c's fields, one version on.
func (was Client) Edited(c Client, now time.Time) Client {
	c.CreatedAt, c.UpdatedAt, c.Version, c.Touched = was.CreatedAt, now, was.Version+1, was.Touched
	for _, f := range []struct {
		is, was string
		at      *int64
	}{{c.Name, was.Name, &c.Touched.Name}, {c.Phone, was.Phone, &c.Touched.Phone}, {c.Email, was.Email, &c.Touched.Email},
		{c.Language, was.Language, &c.Touched.Language}, {c.Note, was.Note, &c.Touched.Note}} {
		if f.is != f.was {
			*f.at = c.Version
		}
	}
	return c
}

// ChangedSince names the fields that were changed after a version.
func (c Client) ChangedSince(version int64) []string {
	changed := []string{}
	for _, f := range []struct {
		name string
		at   int64
	}{{"name", c.Touched.Name}, {"phone", c.Touched.Phone}, {"email", c.Touched.Email}, {"language", c.Touched.Language}, {"note", c.Touched.Note}} {
		if f.at > version {
			changed = append(changed, f.name)
		}
	}
	return changed
}

// Contact is how a client is named and reached, as their visits have it.
func (c Client) Contact() visit.Client {
	return visit.Client{ID: c.ID, Name: c.Name, Phone: c.Phone, Email: c.Email, Language: c.Language}
}

// Tidy takes off the spaces that typing leaves, and writes the number as E.164
// where it is one of the region or names its country itself.
func (c Client) Tidy(region string) Client {
	for _, s := range []*string{&c.Name, &c.Phone, &c.Email, &c.Language, &c.Note} {
		*s = strings.TrimSpace(*s)
	}
	c.Note = strings.ReplaceAll(c.Note, "\r\n", "\n") // as forms send lines
	if e164, ok := Phone(c.Phone, region); ok {
		c.Phone = e164
	}
	return c
}

// Check says everything that is wrong with a client. One needs a name, a number or an address, and
// can be the client of a visit.
func (c Client) Check() error {
	faults := c.Contact().Check("")
	if c.Name == "" && c.Phone == "" && c.Email == "" {
		faults = append(faults, fault.Field{Location: "body.name", Message: "is missing"})
	}
	if problem := unfit(c.Note); problem != "" {
		faults = append(faults, fault.Field{Location: "body.note", Message: problem})
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

// unfit says what is wrong with a note, "" if nothing is. Unlike a name, a note has lines.
func unfit(note string) string {
	switch {
	case !utf8.ValidString(note):
		return "must be valid UTF-8"
	case utf8.RuneCountInString(note) > maxNote:
		return fmt.Sprintf("must be at most %d characters", maxNote)
	case strings.ContainsFunc(note, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return "must not contain control characters"
	}
	return ""
}

// Phone writes a telephone number as E.164. region is the ISO 3166 country whose numbers are
// written without their country's code; "" knows only those that have it. ok is false for what
// can't be a number there.
func Phone(typed, region string) (e164 string, ok bool) {
	n, err := phonenumbers.Parse(typed, region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// KnownRegion reports whether a country's way of writing numbers is known; "" is none.
func KnownRegion(region string) bool {
	return region == "" || phonenumbers.GetSupportedRegions()[region]
}

// Regions are the countries whose way of writing numbers is known, by ISO 3166.
func Regions() []string { return slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions())) }

// Digits are the digits of a number, without how they are grouped.
func Digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}

// PhoneKey is what two spellings of a client's number have in common: "" for too few digits to
// tell people apart.
func PhoneKey(phone string) string {
	if d := Digits(phone); len(d) >= 6 {
		return d
	}
	return ""
}

// EmailKey is what two spellings of an address have in common.
func EmailKey(email string) string { return strings.ToLower(email) }

// Readable is a number as people write it to somebody abroad: "+36 20 123 4567".
func Readable(phone string) string {
	n, err := phonenumbers.Parse(phone, "")
	if err != nil {
		return phone
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// Traits are what a client is found by besides the name: the number, as it is dialled from abroad
// and at home, its last digits, and the address.
func (c Client) Traits() []string {
	var traits []string
	if d := Digits(c.Phone); d != "" {
		traits = append(traits, d)
		if n, err := phonenumbers.Parse(c.Phone, ""); err == nil {
			traits = append(traits, Digits(phonenumbers.Format(n, phonenumbers.NATIONAL)))
		}
		// Numbers are read off a screen from their end.
		for n := 3; n < len(d) && n <= 10; n++ {
			traits = append(traits, d[len(d)-n:])
		}
	}
	if c.Email != "" {
		traits = append(traits, EmailKey(c.Email))
	}
	return traits
}
