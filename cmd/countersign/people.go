package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/access"
)

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a token, and print it once."`
}

type tokenCreate struct {
	Name    string `required:"" placeholder:"NAME" help:"What the token is for, such as crm."`
	Rights  string `required:"" placeholder:"A,B" help:"What it may do: ${rights}."`
	Expires span   `placeholder:"90d" help:"When it ends: days (90d) or hours (12h). Never if not given."`
	JSON    bool   `help:"Print JSON."`
}

// Help is the command's example.
func (tokenCreate) Help() string {
	return example("", "countersign token create --name crm --rights visits.edit,finance.online_payments --expires 90d")
}

// Validate refuses rights that aren't there, as wrong use.
func (c tokenCreate) Validate() error {
	if c.Rights == "" {
		return nil // kong says that it is missing
	}
	_, err := access.ParseRights(c.Rights)
	return err
}

// Run makes the token.
func (c tokenCreate) Run(p *program) error {
	a, err := p.carryOut(order{Task: "token", Name: c.Name, Rights: c.Rights, Expires: time.Duration(c.Expires)}, false)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.json(map[string]any{"name": c.Name, "token": a.Token})
	}
	fmt.Fprintln(p.stdout, a.Token)
	fmt.Fprintln(p.stderr, "This is shown once. A program sends it as: Authorization: Bearer TOKEN")
	return nil
}

// span is a length of time that may be written in days.
type span time.Duration

// UnmarshalText reads 90d, 12h or 30m.
func (s *span) UnmarshalText(text []byte) error {
	var d time.Duration
	days, isDays := strings.CutSuffix(string(text), "d")
	n, err := strconv.Atoi(days)
	if isDays && err == nil && n < 36500 {
		d = time.Duration(n) * 24 * time.Hour
	} else if d, err = time.ParseDuration(string(text)); err != nil {
		return fmt.Errorf("%q is no time such as 90d or 12h", text)
	}
	if d <= 0 {
		return fmt.Errorf("%q is no time to come", text)
	}
	*s = span(d)
	return nil
}

type staffCommand struct {
	Add   staffAdd   `cmd:"" help:"Add somebody who signs in on the tablet."`
	Reset staffReset `cmd:"" help:"Give somebody a new PIN."`
}

type staffAdd struct {
	Name string `required:"" placeholder:"NAME" help:"The name to sign in with."`
	Role string `default:"administrator" enum:"${roles}" help:"One of ${enum}."`
	PIN  string `name:"pin" placeholder:"DIGITS" help:"4 to 8 digits. One is made up if not given."`
	JSON bool   `help:"Print JSON."`
}

// Help is the command's example.
func (staffAdd) Help() string { return example("", `countersign staff add --name "Eva"`) }

// Run adds somebody.
func (c staffAdd) Run(p *program) error {
	a, err := p.carryOut(order{Task: "staff add", Name: c.Name, Role: c.Role, PIN: c.PIN}, true)
	return p.tellPIN(a, err, c.JSON)
}

type staffReset struct {
	Name string `required:"" placeholder:"NAME" help:"Whose PIN was forgotten."`
	PIN  string `name:"pin" placeholder:"DIGITS" help:"4 to 8 digits. One is made up if not given."`
	JSON bool   `help:"Print JSON."`
}

// Help is the command's example.
func (staffReset) Help() string { return example("", `countersign staff reset --name "Eva"`) }

// Run gives somebody a new PIN.
func (c staffReset) Run(p *program) error {
	a, err := p.carryOut(order{Task: "staff reset", Name: c.Name, PIN: c.PIN}, false)
	return p.tellPIN(a, err, c.JSON)
}

func (p *program) tellPIN(a answer, err error, asJSON bool) error {
	if err != nil {
		return err
	}
	if asJSON {
		return p.json(a)
	}
	fmt.Fprintf(p.stdout, "%s signs in with the PIN %s.\n", a.Name, a.PIN)
	return nil
}

// roles lists the roles for kong's enum.
func roles() string {
	var list []string
	for _, r := range access.Roles() {
		list = append(list, string(r))
	}
	return strings.Join(list, ",")
}
