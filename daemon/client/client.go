// Package client holds the rules of clients: what a valid one is, how a telephone number is
// written so that two spellings of it are the same, and by which words a client is found.
//
// It is pure: it is given the time and the ids, returns new values and stores nothing. What a
// client holds with us is in the ledger.
package client

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"countersign/daemon/fault"
	"countersign/daemon/id"
)

// The bounds of what may be stored, in characters.
const (
	maxName     = 200
	maxPhone    = 32
	maxEmail    = 254 // RFC 5321
	maxLanguage = 35  // RFC 5646, 4.4.1
	maxNote     = 2000
)

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
}

// Tidy takes off the spaces that typing leaves, and writes the number as E.164
// where it is one of the region or names its country itself.
func (c Client) Tidy(region string) Client {
	for _, s := range []*string{&c.Name, &c.Phone, &c.Email, &c.Language, &c.Note} {
		*s = strings.TrimSpace(*s)
	}
	if e164, ok := Phone(c.Phone, region); ok {
		c.Phone = e164
	}
	return c
}

// Check says everything that is wrong with a client. One needs a name, a number or an address.
func (c Client) Check() error {
	var faults []fault.Field
	add := func(where, what string) {
		faults = append(faults, fault.Field{Location: "body." + where, Message: what})
	}
	for _, f := range []struct {
		where, text string
		limit       int
	}{{"name", c.Name, maxName}, {"phone", c.Phone, maxPhone}, {"email", c.Email, maxEmail}, {"language", c.Language, maxLanguage}, {"note", c.Note, maxNote}} {
		if problem := unfit(f.text, f.limit, f.where == "note"); problem != "" {
			add(f.where, problem)
		}
	}
	if c.Name == "" && c.Phone == "" && c.Email == "" {
		add("name", "is missing")
	}
	if c.Phone != "" && Digits(c.Phone) == "" {
		add("phone", "must be a telephone number")
	}
	if at := strings.LastIndex(c.Email, "@"); c.Email != "" && (at < 1 || !strings.Contains(c.Email[at:], ".") || strings.ContainsFunc(c.Email, unicode.IsSpace)) {
		add("email", "must be an email address")
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

// unfit says what is wrong with a text, "" if nothing is. Only a note has lines.
func unfit(s string, limit int, lines bool) string {
	switch {
	case !utf8.ValidString(s):
		return "must be valid UTF-8"
	case utf8.RuneCountInString(s) > limit:
		return fmt.Sprintf("must be at most %d characters", limit)
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !(lines && r == '\n') }):
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

// Words are what a client is found by: the words of the name, the number and its last digits, the
// address.
func Words(c *Client) []string {
	words := strings.Fields(strings.ToLower(c.Name))
	if d := Digits(c.Phone); d != "" {
		words = append(words, d)
		// Numbers are read off a screen from their end.
		for n := 3; n < len(d) && n <= 10; n++ {
			words = append(words, d[len(d)-n:])
		}
	}
	if c.Email != "" {
		words = append(words, EmailKey(c.Email))
	}
	return words
}
