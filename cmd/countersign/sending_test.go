package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const mailSettings = "[email]\nhost = \"mail.example.com\"\nuser = \"salon\"\nfrom = \"salon@example.com\"\npassword_file = \"secret\"\n"

// R24, R39: the channels that are set up; a password comes from a file that
// not everybody may read, and is in no sentence about what is wrong.
func TestR39Senders(t *testing.T) {
	const password = "hunter2-is-not-to-be-seen"
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string
		on   int
	}{
		"none":         {"", 0o600, "", 0},
		"email":        {mailSettings, 0o600, "", 1},
		"both":         {mailSettings + "[sms]\nurl = \"https://sms.example.com\"\nfrom = \"Salon\"\npassword_file = \"secret\"\n", 0o640, "", 2},
		"open to all":  {mailSettings, 0o644, "everybody may read the password", 0},
		"no such file": {strings.Replace(mailSettings, `"secret"`, `"nowhere"`, 1), 0o600, "can't be read", 0},
		"no sender":    {"[email]\nhost = \"mail.example.com\"\npassword_file = \"secret\"\n", 0o600, "from must be an address", 0},
		"sms alone":    {"[sms]\nurl = \"sms\"\n", 0o600, "url must be an address", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := settings{File: write(t, c.text)}
			secret := filepath.Join(filepath.Dir(s.File), "secret")
			if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(secret, c.mode); err != nil {
				t.Fatal(err)
			}
			if err := s.read(true); err != nil {
				t.Fatal(err)
			}
			on, err := s.senders()
			if len(on) != c.on || (err == nil) != (c.want == "") {
				t.Fatalf("%d channels, %v", len(on), err)
			}
			if err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), password)) {
				t.Error(err)
			}
		})
	}
}

// What a section doesn't have is named with it.
func TestSectionsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"[email]\nhots = \"x\"": "email.hots is no setting; did you mean email.host?", "[email]\nport = \"587\"": "email.port must be a port",
		"[email]\nsecurity = \"ssl\"": "email.security must be starttls", "email = 5": "email must be a section", "[sms]\nfrom = 36": "sms.from must be a text",
	} {
		s := settings{File: write(t, text)}
		if err := s.read(true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
