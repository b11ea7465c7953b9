package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
)

type demoCommand struct {
	Listen string `placeholder:"ADDR" help:"Where to listen, as in 127.0.0.1:0. Every network of this computer if not given, so that a phone reaches it."`
	JSON   bool   `help:"Print the addresses, the PIN and an API token as JSON on the first line."`
}

// Help is the command's example.
func (demoCommand) Help() string {
	return example("A fresh salon in a temporary folder, removed at the end unless --data is given.", "countersign demo --listen 127.0.0.1:0 --json")
}

// ticket is what a person or a program needs to use the demo.
type ticket struct {
	Base       string `json:"base"`
	DeskURL    string `json:"desk_url"`
	DisplayURL string `json:"display_url"`
	Staff      string `json:"staff"`
	PIN        string `json:"pin"`
	Token      string `json:"token"`
	Data       string `json:"data"`
}

// Run runs the demo until it is stopped.
func (c demoCommand) Run(p *program) (err error) {
	s, err := p.demoSettings(c.Listen)
	if err != nil {
		return err
	}
	if p.cli.Data == "" {
		if s.Data, err = makeTemporary(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(s.Data)) }()
	}
	inst, err := start(s, p.logger(s.Log))
	if err != nil {
		return err
	}
	pin, token, err := openSalon(inst.daemon.Desk())
	if err != nil {
		inst.listener.Close()
		return errors.Join(err, inst.daemon.Close())
	}
	t := ticket{Base: inst.public, DeskURL: inst.public + "/desk", DisplayURL: inst.public + "/display",
		Staff: administrator, PIN: pin, Token: token, Data: s.Data}
	return inst.serve(p.ctx, func() error {
		if c.JSON {
			return p.json(t)
		}
		return p.printTicket(t)
	})
}

// demoSettings are the usual ones with the sandbox on, whatever the salon that
// runs on this computer has set: a demo must not reach its data or provider.
func (p *program) demoSettings(address string) (settings, error) {
	cli := *p.cli
	if cli.Config == "" {
		cli.Config = os.DevNull
	}
	s, err := cli.load(address)
	if err != nil {
		return settings{}, err
	}
	on := true
	s.Sandbox = &on
	s.Fiscal = daemon.Fiscal{Device: daemon.FiscalProvider} // the sandbox plays one, so that it is seen
	if address == "" && taken(s.Listen) {
		s.Listen = ":0" // a demo beside a daemon takes any port
	}
	return s, nil
}

func taken(address string) bool {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return errors.Is(err, syscall.EADDRINUSE)
	}
	l.Close()
	return false
}

func (p *program) printTicket(t ticket) error {
	_, err := fmt.Fprintf(p.stdout, `
  %s is open for a day. No money moves: the provider is the sandbox.

    Tablet     %s
               sign in as %s with the PIN %s
    Display    %s
               it shows a code; type it on the tablet, under Set-up
    Phone      scan what the display shows, or open a visit's link

    API token  %s
    Data       %s

  Ctrl-C ends it.

`, salonName, t.DeskURL, t.Staff, t.PIN, t.DisplayURL, t.Token, t.Data)
	return err
}

// openSalon fills an empty file; in a salon that was kept it gives the
// administrator a new PIN, since only its hash was kept.
func openSalon(d *desk.Desk) (pin, token string, err error) {
	people, err := d.StaffList()
	if err != nil {
		return "", "", err
	}
	if pin, err = newPIN(); err != nil {
		return "", "", err
	}
	if len(people) == 0 {
		err = fillSalon(d, pin)
	} else {
		_, err = office{desk: d}.saveStaff(order{Task: "staff reset", Name: administrator, PIN: pin})
	}
	if err != nil {
		return "", "", fmt.Errorf("the demo's salon: %s", sentence(err))
	}
	token, err = d.CreateToken(access.System(), "demo", access.All(), 0)
	return pin, token, err
}

// firstStart gives a fresh file what every reception has: one desk, and the
// time zone of the computer.
func firstStart(d *desk.Desk) error {
	places, err := d.Places()
	if err != nil || len(places) > 0 {
		return err
	}
	location, err := d.Location()
	if err != nil {
		return err
	}
	location.Zone = localZone(location.Zone)
	if err := d.SaveLocation(access.System(), location); err != nil {
		return err
	}
	_, err = d.SavePlace(access.System(), desk.Place{ID: "front", Name: "Reception"})
	return err
}
