package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/kardianos/service"

	"countersign/daemon"
)

// The states of a diagnosis. A warning is nothing that stops the reception today.
const (
	fine    = "ok"
	warning = "warn"
	failing = "fail"
)

// diagnosis is what one check found, and what to do about it.
type diagnosis struct {
	Check string `json:"check"`
	State string `json:"state"`
	Found string `json:"found"`
	Do    string `json:"do,omitempty"`
}

func ok(check, format string, a ...any) diagnosis {
	return diagnosis{Check: check, State: fine, Found: fmt.Sprintf(format, a...)}
}

func warn(check, found, do string) diagnosis { return diagnosis{check, warning, found, do} }

func fail(check, found, do string) diagnosis { return diagnosis{check, failing, found, do} }

// doctor looks at a Countersign from outside, as a person would who is called
// because something doesn't work. It changes nothing.
type doctor struct {
	settings settings
	invalid  error // what is wrong with the settings
	at       whereabouts
	running  bool
	// client asks addresses, roots say whose certificates are believed (nil: the
	// system's), kinds are the payment providers there are (nil: all).
	client *http.Client
	roots  *x509.CertPool
	kinds  []daemon.Kind
	// manager is the operating system's word on the service.
	manager func() (service.Status, error)
}

// How long an address may take to answer, and a daemon that asks its providers.
const (
	answersWithin = 5 * time.Second
	asksWithin    = time.Minute
)

type doctorCommand struct {
	Listen string `env:"COUNTERSIGN_LISTEN" placeholder:"ADDR" help:"Where the daemon is to listen, if run is given another address than the settings."`
	JSON   bool   `help:"Print JSON."`
}

// Help is the command's example.
func (doctorCommand) Help() string {
	return example("The daemon may be running or stopped. Nothing is changed. As a service it is asked by an administrator.", "sudo countersign doctor")
}

// Run prints what the checks found.
func (c doctorCommand) Run(p *program) error {
	s, err := p.cli.load(c.Listen)
	d := doctor{settings: s, invalid: err, client: &http.Client{Timeout: answersWithin}, manager: p.serviceStatus}
	if err == nil {
		d.at, d.running = askStatus(s.Data)
	}
	found := d.examine(p.ctx)
	bad := failed(found)
	if c.JSON {
		if err := p.json(map[string]any{"ok": bad == nil, "running": d.running, "checks": found}); err != nil {
			return err
		}
	} else {
		list(p.stdout, found)
	}
	return bad
}

// serviceStatus asks the service manager.
func (p *program) serviceStatus() (service.Status, error) {
	s, err := p.service()
	if err != nil {
		return service.StatusUnknown, err
	}
	return s.Status()
}

// examine runs every check. Those that need what another one missed are left
// out: one thing that is wrong is said once.
func (d doctor) examine(ctx context.Context) (found []diagnosis) {
	if d.invalid != nil {
		return []diagnosis{fail("settings", d.invalid.Error(), "Mend the file. countersign settings prints one with a comment at everything. The other checks need it.")}
	}
	found = append(found, d.readable())
	found = append(found, d.folder()...)
	c, store := d.store(ctx)
	if store != nil {
		found = append(found, *store)
	}
	found = append(found, d.program()...)
	found = append(found, d.port(ctx))
	public := publicURL(d.settings, listened(d.settings.Listen))
	if d.running {
		public = d.at.Public
	}
	if c != nil && c.PublicURL != "" {
		public = c.PublicURL
	}
	found = append(found, d.address(ctx, public)...)
	found = append(found, d.certificate(ctx, public)...)
	if c != nil {
		found = append(found, d.within(*c)...)
	}
	return append(found, d.service())
}

// within are the checks that need what is in the data.
func (d doctor) within(c daemon.Checkup) (found []diagnosis) {
	if c.Fine {
		found = append(found, warn("code", "Codes at this address are fine, and hard to scan from where a client stands.", "Choose a shorter public_url: every character counts."))
	}
	found = append(found, timekeeping(c)...)
	found = append(found, payments(c)...)
	found = append(found, d.confirmations(c)...)
	found = append(found, channels(c))
	return append(found, d.displays(c, time.Now())...)
}

// failed is the error of a run that found something, nil if it didn't.
func failed(found []diagnosis) error {
	var bad []string
	for _, f := range found {
		if f.State == failing {
			bad = append(bad, f.Check)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d checks failed: %s", len(bad), len(found), strings.Join(bad, ", "))
}

// list prints diagnoses for people: what to do is below what was found.
func list(w io.Writer, found []diagnosis) {
	width := 0
	for _, f := range found {
		width = max(width, len(f.Check))
	}
	indent := strings.Repeat(" ", 6+width+2)
	for _, f := range found {
		fmt.Fprintf(w, "%-4s  %-*s  %s\n", f.State, width, f.Check, strings.ReplaceAll(f.Found, "\n", "\n"+indent))
		if f.Do != "" {
			fmt.Fprintf(w, "%s→ %s\n", indent, strings.ReplaceAll(f.Do, "\n", "\n"+indent+"  "))
		}
	}
}
