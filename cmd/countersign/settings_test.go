package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds text against a file, or writes the file with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs from what is made (go test -update writes it); made was:\n%s", path, got)
	}
}

// packaging is a file of the folder that packages are made from.
func packaging(name string) string { return filepath.Join("..", "..", "packaging", name) }

// TestSample keeps the sample that packages bring equal to the settings there are.
func TestSample(t *testing.T) {
	golden(t, packaging("countersign.toml"), sample())
}

// TestSampleIsRead takes every comment off the sample: what it shows must be
// what is accepted.
func TestSampleIsRead(t *testing.T) {
	var lines []string
	for line := range strings.Lines(sample()) {
		if rest, ok := strings.CutPrefix(line, "#"); ok && !strings.HasPrefix(rest, " ") {
			lines = append(lines, rest)
		}
	}
	s := settings{File: write(t, strings.Join(lines, ""))}
	if err := s.read(true); err != nil {
		t.Fatal(err)
	}
	if len(lines) != len(keys())+3 || s.Sending.Email.Port != 587 || s.Sending.SMSPassword == "" || s.Fiscal.Device != "gateway" || s.Fiscal.URL == "" || s.Fiscal.TokenFile == "" || s.Listen != ":8791" || s.PublicURL != "https://pay.example.com" || !s.ProviderLinks || len(s.Hosts) != 1 || s.Sandbox == nil || s.Log != zerolog.InfoLevel {
		t.Errorf("read %d lines as %+v", len(lines), s)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "countersign.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSettingsRefused wants every fault named with its key, and the nearest
// key where there is no such one.
func TestSettingsRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`lisen = ":1"`, "lisen is no setting; did you mean listen?"},
		{`publicurl = "x"`, "did you mean public_url?"},
		{"[log]\nlevel = 1", "log must be debug, info, warn or error"},
		{`listen = 8791`, `listen must be an address and a port, such as ":8791", not 8791`},
		{`listen = "8791"`, "listen must be an address and a port"},
		{`public_url = "pay.example.com"`, "public_url must be an address such as"},
		{`public_url = "ftp://pay.example.com"`, "public_url must be an address such as"},
		{`links = "stripe"`, `links must be "daemon" or "provider", not stripe`},
		{`links = true`, `links must be "daemon" or "provider", not true`},
		{`sandbox = "yes"`, "sandbox must be true or false, not yes"},
		{`data = 5`, "data must be a folder, not 5"},
		{`log = "loud"`, "log must be debug, info, warn or error, not loud"},
		{`hosts = "salon.example.com"`, "hosts must be a list of names such as [\"salon.example.com\"]"},
		{`hosts = ["http://salon.example.com"]`, "hosts must be a list of names"},
		{`hosts = [1]`, "hosts must be a list of names"},
		{`listen = `, "can't be read"},
		{"[fiscal]\ndevice = \"till\"", "fiscal.device must be \"provider\" or \"gateway\", not till"},
		{"[fiscal]\ndevise = \"gateway\"", "fiscal.devise is no setting; did you mean fiscal.device?"},
		{"[fiscal]\nurl = \"127.0.0.1:9001\"", "fiscal.url must be an address such as"},
		{"[fiscal]\nurl = \"https://me:secret@device/\"", "fiscal.url must be an address such as"},
		{"[fiscal]\ntoken_file = 5", "fiscal.token_file must be a file, not 5"},
		{"[fiscal]\ndevice = \"gateway\"", "fiscal.url is missing"},
		{`fiscal = "gateway"`, "fiscal must be a section"},
		{"[tax]\ndevice = 1", "tax.device is no setting"},
		{"lisen = 1\nsandbox = 2", "sandbox must be true or false"},
	} {
		c1 := commands{Config: write(t, c.text)}
		_, err := c1.load("")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.text, err, c.want)
		}
	}
}

// TestSettingsOrder: a flag goes before the file, the file before the default.
func TestSettingsOrder(t *testing.T) {
	dir := t.TempDir()
	file := write(t, "listen = \":1111\"\ndata = \"/from/file\"\npublic_url = \"https://a.example/pay/\"\n")
	c := commands{Config: file, Data: dir}
	s, err := c.load(":2222")
	if err != nil {
		t.Fatal(err)
	}
	if s.Listen != ":2222" || s.Data != dir || s.PublicURL != "https://a.example/pay" {
		t.Errorf("with flags: %+v", s)
	}
	s, err = (&commands{Config: file}).load("")
	if err != nil {
		t.Fatal(err)
	}
	if s.Listen != ":1111" || s.Data != "/from/file" {
		t.Errorf("without flags: %+v", s)
	}
	if _, err := (&commands{Config: filepath.Join(dir, "none.toml")}).load(""); err == nil {
		t.Error("a file that was asked for and isn't there was taken for empty")
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"log", "log", 0}, {"lgo", "log", 2}, {"lisen", "listen", 1}, {"", "data", 4}, {"kitten", "sitting", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
