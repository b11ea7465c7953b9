package client_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/daemon/client"
	"countersign/daemon/fault"

	"pgregory.net/rapid"
)

func TestPhone(t *testing.T) {
	for _, c := range []struct{ typed, region, want string }{
		{"+36 20 123-4567", "", "+36201234567"}, {"06 20 123 4567", "HU", "+36201234567"}, {"0036201234567", "HU", "+36201234567"},
		{"030 123456", "DE", "+4930123456"}, {"(415) 555-2671", "US", "+14155552671"}, {"20 123 4567", "", ""},
		{"1", "DE", ""}, {"", "DE", ""}, {"call me", "DE", ""}, {strings.Repeat("9", 300), "DE", ""},
	} {
		got, ok := client.Phone(c.typed, c.region)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q in %q is %q, %t, want %q", c.typed, c.region, got, ok, c.want)
		}
	}
	for _, known := range []string{"", "HU", "US"} {
		if !client.KnownRegion(known) {
			t.Errorf("%q isn't known", known)
		}
	}
	for _, unknown := range []string{"XX", "hu", "HUN"} {
		if client.KnownRegion(unknown) {
			t.Errorf("%q is known", unknown)
		}
	}
}

// However a number is written, once written as E.164 it stays so.
func TestPhoneStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.StringMatching(`[+0-9 ()/.-]{0,20}`).Draw(t, "typed")
		first, ok := client.Phone(typed, "DE")
		if !ok {
			return
		}
		if again, ok := client.Phone(first, "US"); !ok || again != first {
			t.Fatalf("%q became %q and then %q, %t", typed, first, again, ok)
		}
	})
}

func TestCheck(t *testing.T) {
	good := client.Client{Name: "Anna Kovacs", Phone: "+36201234567", Email: "a@example.com", Language: "hu", Note: "tea\nno sugar"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for field, c := range map[string]client.Client{
		"body.name":     {},
		"body.phone":    {Phone: "none"},
		"body.email":    {Email: "a.example.com"},
		"body.language": {Name: "A", Language: strings.Repeat("x", 36)},
		"body.note":     {Name: "A", Note: "a\x07"},
		"body.id":       {Name: "A", ID: "../x"},
	} {
		f := fault.From(c.Check())
		if f == nil || len(f.Fields) != 1 || f.Fields[0].Location != field {
			t.Errorf("%s: %+v", field, f)
		}
	}
	for _, email := range []string{"a@b", "<script>@example.com", "a b@example.com"} {
		if f := fault.From(client.Client{Email: email}.Check()); f == nil || f.Fields[0].Location != "body.email" {
			t.Errorf("%q: %+v", email, f)
		}
	}
	for _, name := range []string{strings.Repeat("x", 201), "a\nb", "\xff"} {
		if f := fault.From(client.Client{Name: name}.Check()); f == nil || f.Fields[0].Location != "body.name" {
			t.Errorf("%.20q: %+v", name, f)
		}
	}
}

func TestTraitsAndKeys(t *testing.T) {
	c := client.Client{Name: "Anna  Kovács", Phone: "+36201234567", Email: "A@Example.com"}
	traits := c.Traits()
	for _, want := range []string{"36201234567", "06201234567", "567", "1234567", "a@example.com"} {
		if !slices.Contains(traits, want) {
			t.Errorf("%q isn't among %v", want, traits)
		}
	}
	if got := client.Readable("+36201234567") + client.Readable("ext. 5"); got != "+36 20 123 4567ext. 5" {
		t.Errorf("to be read: %s", got)
	}
	if client.PhoneKey("12 34") != "" || client.PhoneKey("+36 20 123-4567") != "36201234567" || client.EmailKey("A@b.C") != "a@b.c" {
		t.Error("keys")
	}
	if got := (client.Client{Note: "tea\r\nno sugar "}).Tidy("").Note; got != "tea\nno sugar" {
		t.Errorf("a note from a form is %q", got)
	}
	if got := (client.Client{Name: " Anna ", Phone: " 06 20 123 4567 "}).Tidy("HU"); got.Name != "Anna" || got.Phone != "+36201234567" {
		t.Errorf("%+v", got)
	}
}

// A zone tells the country wherever it has only one, and that country's numbers are known.
func TestRegion(t *testing.T) {
	for zone, want := range map[string]string{"Europe/Berlin": "DE", "Europe/Budapest": "HU", "America/Chicago": "US", "UTC": "", "Etc/GMT+3": "", "": "", "Local": ""} {
		got := client.Region(zone)
		if got != want || !client.KnownRegion(got) {
			t.Errorf("%s is in %q, want %q", zone, got, want)
		}
	}
}
