package id_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"

	"countersign/daemon/id"

	"pgregory.net/rapid"
)

func TestIdsSayWhatTheyName(t *testing.T) {
	s := id.NewSource(rand.Reader)
	for got, prefix := range map[string]string{
		string(s.Visit()): "v_", string(s.Line()): "l_", string(s.Client()): "c_", string(s.Staff()): "s_",
		string(s.Checkout()): "k_", string(s.Hosted()): "h_", string(s.Payment()): "p_", string(s.Display()): "d_", string(s.Job()): "j_",
		string(s.Event()): "e_", string(s.Item()): "i_", string(s.Device()): "dev_", string(s.Attention()): "a_",
		string(s.Access()): "t_", string(s.Movement()): "m_", string(s.Subscriber()): "w_",
	} {
		rest, ok := strings.CutPrefix(got, prefix)
		if !ok || len(rest) != 16 || rest != strings.ToLower(rest) {
			t.Errorf("id %q, want %s and 16 lower-case characters", got, prefix)
		}
	}
	if !s.Visit().Valid() || !s.Line().Valid() || !s.Client().Valid() || !s.Staff().Valid() {
		t.Error("an id that was made isn't valid")
	}
}

func TestShapeOfIdsFromOutside(t *testing.T) {
	for s, want := range map[string]bool{
		"s_anna": true, "s_A-1_b": true, "": false, "s_": false, "v_anna": false, "anna": false, "s_an na": false,
		"s_ann\u00e4": false, "s_a/b": false, "s_a\x00": false,
		"s_" + strings.Repeat("a", 62): true, "s_" + strings.Repeat("a", 63): false,
	} {
		if got := id.Staff(s).Valid(); got != want {
			t.Errorf("Staff(%q).Valid() = %t", s, got)
		}
	}
}

// R32: a desk's slug is printed in an address.
func TestR32DeskIsASlug(t *testing.T) {
	for s, want := range map[string]bool{
		"front": true, "desk-2": true, "2": true, "": false, "-a": false, "a-": false, "Front": false, "a b": false,
		"a/b": false, "ä": false, strings.Repeat("a", 32): true, strings.Repeat("a", 33): false,
	} {
		if got := id.Desk(s).Valid(); got != want {
			t.Errorf("Desk(%q).Valid() = %t", s, got)
		}
	}
}

func TestR6ParseToken(t *testing.T) {
	const good = "abcdefghijklmnopqrstuvwx2e"
	for _, c := range []struct {
		text string
		ok   bool
		why  string
	}{
		{good, true, "as made"},
		{strings.ToUpper(good), true, "as scanned from a QR"},
		{"ABCdefghijklmnopqrstuvwx2e", true, "mixed"},
		{good[:25], false, "too short"},
		{good + "a", false, "too long"},
		{"", false, "nothing"},
		{good[:25] + "f", false, "left-over bits are set"},
		{"1bcdefghijklmnopqrstuvwx2e", false, "1 is not of the alphabet"},
		{"0bcdefghijklmnopqrstuvwx2e", false, "nor is 0"},
		{" bcdefghijklmnopqrstuvwx2e", false, "space"},
		{good[:25] + "=", false, "padding"},
		{"\u212abcdefghijklmnopqrstuvw2e"[:26], false, "a Kelvin sign, which folds into k"},
	} {
		got, ok := id.ParseToken(c.text)
		if ok != c.ok || ok && string(got) != strings.ToLower(c.text) {
			t.Errorf("%s: ParseToken(%q) = %q, %t", c.why, c.text, got, ok)
		}
	}
}

// R6: 128 bits, one spelling for each, whatever they are.
func TestR6TokensRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bits")
		token := id.NewSource(bytes.NewReader(bits)).Token()
		for _, text := range []string{string(token), token.Upper()} {
			if got, ok := id.ParseToken(text); !ok || got != token {
				t.Fatalf("ParseToken(%q) = %q, %t", text, got, ok)
			}
		}
		other := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "other bits")
		if (id.NewSource(bytes.NewReader(other)).Token() == token) != bytes.Equal(bits, other) {
			t.Fatal("two tokens are one")
		}
	})
}

func TestR28PairingCode(t *testing.T) {
	s := id.NewSource(rand.Reader)
	seen := map[rune]bool{}
	for range 2000 {
		code := s.PairingCode()
		if got, ok := id.ParsePairingCode(strings.ToLower(code[:3]) + "-" + code[3:] + " "); !ok || got != code {
			t.Fatalf("ParsePairingCode of %q gives %q, %t", code, got, ok)
		}
		for _, r := range code {
			seen[r] = true
		}
	}
	if len(seen) != 31 {
		t.Errorf("2000 codes used %d characters of 31", len(seen))
	}
	for _, bad := range []string{"", "K7Q2M", "K7Q2MXX", "K7Q2M0", "K7Q2MO", "K7Q2MI", "K7Q2Mß", strings.Repeat("-", 1000)} {
		if got, ok := id.ParsePairingCode(bad); ok {
			t.Errorf("ParsePairingCode(%q) = %q", bad, got)
		}
	}
}

func TestSecretHas256Bits(t *testing.T) {
	s := id.NewSource(rand.Reader)
	if a, b := s.Secret(), s.Secret(); len(a) != 43 || a == b {
		t.Errorf("secrets %q and %q", a, b)
	}
	if code := s.ShortCode(); len(code) != 4 || strings.Trim(code, "0123456789") != "" {
		t.Errorf("short code %q", code)
	}
}

// A test's reader isn't safe for concurrent use; the source has to be.
func TestSourceIsSafeForConcurrentUse(t *testing.T) {
	s := id.NewSource(bytes.NewReader(bytes.Repeat([]byte{7, 1, 9, 4, 2}, 2*8*100)))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				s.Visit()
			}
		})
	}
	group.Wait()
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestNoIdWithoutRandomness(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a token was made of nothing")
		}
	}()
	id.NewSource(broken{}).Token()
}
