package main

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/kardianos/service"
)

// TestPackagedUnit keeps the unit that packages bring equal to the one that
// the program writes, but for who it runs as.
func TestPackagedUnit(t *testing.T) {
	text, err := unit{Name: serviceName, About: serviceAbout, Program: packageBinary, Arguments: []string{"run"}, Packaged: true}.systemd()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, packaging("countersign.service"), text)
}

// TestPlist keeps the property list that a macOS archive brings, and holds it
// to be XML.
func TestPlist(t *testing.T) {
	text, err := unit{Name: macOSName, Program: "/usr/local/bin/countersign", Arguments: []string{"run"}, Log: "/Library/Logs/Countersign.log"}.launchd()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, packaging(macOSName+".plist"), text)
}

func TestPlistEscapes(t *testing.T) {
	text, err := unit{Name: macOSName, Program: "/Applications/Tom & <Eva>/countersign", Arguments: []string{"run", "--data", `/a "b"`}}.launchd()
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if chars, ok := token.(xml.CharData); ok {
			words = append(words, string(chars))
		}
	}
	for _, want := range []string{"/Applications/Tom & <Eva>/countersign", `/a "b"`} {
		if !slices.Contains(words, want) {
			t.Errorf("%q is not in %q", want, words)
		}
	}
}

// TestInstalledUnit: what the library is handed is finished text, for it has a
// small template language of its own, and leaves an empty unit where that fails.
func TestInstalledUnit(t *testing.T) {
	c, err := serviceConfig("linux", "/opt/my salon/100%/countersign", []string{"run", "--config", "/etc/$x.toml"})
	if err != nil {
		t.Fatal(err)
	}
	text := c.Option["SystemdScript"].(string)
	for _, want := range []string{
		`ExecStart="/opt/my salon/100%%/countersign" run --config /etc/$$x.toml` + "\n",
		"\nDynamicUser=yes\n", "\nType=notify\n", "\nRestart=always\nRestartSec=1\nWatchdogSec=30\n",
		"\nStateDirectory=countersign\n", "\nProtectSystem=strict\n", "AF_NETLINK", "\n[Install]\nWantedBy=multi-user.target\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the unit:\n%s", want, text)
		}
	}
	if strings.ContainsAny(text, "{}") || strings.Contains(text, "\nUser=") {
		t.Errorf("left over in the unit:\n%s", text)
	}
	if _, err := serviceConfig("linux", "/opt/{{Name}}/countersign", nil); err == nil {
		t.Error("a path that the library would take for a template was accepted")
	}
	for _, option := range []string{"OnFailure", "OnFailureDelayDuration", "OnFailureResetPeriod"} {
		if c.Option[option] == nil {
			t.Errorf("Windows would leave it dead: no %s", option)
		}
	}
}

func TestUnsupportedManagers(t *testing.T) {
	for _, platform := range []string{"unix-systemv", "linux-openrc", "linux-upstart", ""} {
		if err := supported(platform); err == nil || !strings.Contains(err.Error(), "countersign run") {
			t.Errorf("%q: %v", platform, err)
		}
	}
	for _, platform := range []string{"linux-systemd", "darwin-launchd", "windows-service"} {
		if err := supported(platform); err != nil {
			t.Error(err)
		}
	}
}

func TestLaunchctl(t *testing.T) {
	for verb, want := range map[string]string{
		"start":   "launchctl bootstrap system /Library/LaunchDaemons/app.countersign.daemon.plist",
		"stop":    "launchctl bootout system/app.countersign.daemon",
		"restart": "launchctl kickstart -k system/app.countersign.daemon",
	} {
		if got := strings.Join(launchctl("darwin-launchd", verb), " "); got != want {
			t.Errorf("%s: %s, want %s", verb, got, want)
		}
	}
	if got := launchctl("linux-systemd", "stop"); got != nil {
		t.Errorf("on Linux: %q", got)
	}
}

func TestInSight(t *testing.T) {
	for _, path := range []string{"/home/eva/countersign", "/root/countersign", "/tmp/countersign"} {
		if err := inSight(path); err == nil || !strings.Contains(err.Error(), "/usr/local/bin") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := inSight("/usr/local/bin/countersign"); err != nil {
		t.Error(err)
	}
}

// TestManaged: what the manager stops is waited for.
func TestManaged(t *testing.T) {
	stopped := make(chan struct{})
	m := &managed{stop: func() { close(stopped) }, done: make(chan error, 1)}
	m.run = func() error { <-stopped; return nil }
	var s service.Service
	if err := m.Start(s); err != nil {
		t.Fatal(err)
	}
	if err := m.Stop(s); err != nil {
		t.Fatal(err)
	}
}
