package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"

	"countersign/daemon"
)

// listened is the address that a daemon with these settings would listen on.
func listened(setting string) net.Addr {
	at, err := net.ResolveTCPAddr("tcp", setting)
	if err != nil {
		return &net.TCPAddr{IP: net.IPv6unspecified}
	}
	if at.IP == nil {
		at.IP = net.IPv6unspecified
	}
	return at
}

// port looks at where the daemon listens, or at whether it could.
func (d doctor) port(ctx context.Context) diagnosis {
	if d.running {
		if d.at.Local == "" {
			return ok("port", "Countersign listens.")
		}
		if _, err := d.health(ctx, d.at.Local); err != nil {
			return fail("port", fmt.Sprintf("Countersign runs, and doesn't answer at %s: %v.", d.at.Local, err), "countersign service restart")
		}
		return ok("port", "Countersign answers at %s.", d.at.Local)
	}
	l, err := net.Listen("tcp", d.settings.Listen)
	if err == nil {
		l.Close()
		return ok("port", "%s is free for Countersign.", d.settings.Listen)
	}
	change := "choose another with listen in " + d.settings.File + "."
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		by := "another program"
		if name := holder(listened(d.settings.Listen)); name != "" {
			by = name
		}
		return fail("port", fmt.Sprintf("%s is taken by %s.", d.settings.Listen, by), "Stop that program, or "+change)
	case errors.Is(err, syscall.EACCES):
		return fail("port", d.settings.Listen+" is not for this user: ports below 1024 need more rights.", "Run it as a service, or "+change)
	}
	return fail("port", fmt.Sprintf("Nothing can listen on %s: %v.", d.settings.Listen, err), "Please "+change)
}

// errOther is an answer that is none of ours.
var errOther = errors.New("another program answers there")

// health asks an address whether it is Countersign's, and which version.
func (d doctor) health(ctx context.Context, base string) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/healthz", nil)
	if err != nil {
		return "", err
	}
	client := *d.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(r)
	if err != nil {
		return "", unaddressed(err)
	}
	defer res.Body.Close()
	var said struct{ Status, Version string }
	if err := json.NewDecoder(io.LimitReader(res.Body, 4<<10)).Decode(&said); err != nil || res.StatusCode != http.StatusOK || said.Status != "ok" {
		return "", errOther
	}
	return said.Version, nil
}

// unaddressed is an error without the address that was asked, which is told anyway.
func unaddressed(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// address looks at the one that clients' phones are sent to.
func (d doctor) address(ctx context.Context, public string) []diagnosis {
	u, err := url.Parse(public)
	if err != nil || u.Hostname() == "" {
		return []diagnosis{fail("address", public+" is no address.", "Mend public_url in "+d.settings.File+".")}
	}
	ips, err := resolve(ctx, u.Hostname())
	if err != nil {
		return []diagnosis{fail("address", fmt.Sprintf("The name %s can't be found.", u.Hostname()), "Check public_url, and whether this computer is on the internet.")}
	}
	if !slices.ContainsFunc(ips, func(ip netip.Addr) bool { return !ip.IsLoopback() }) {
		return []diagnosis{warn("address", "Only this computer itself can open "+public+".", "Clients' phones need another: listen on every network (\":8791\"), or set public_url in "+d.settings.File+".")}
	}
	if !d.running {
		return []diagnosis{ok("address", "Phones are sent to %s. Whether it leads here can be tried once Countersign runs.", public)}
	}
	_, err = d.health(ctx, public)
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		return nil // told of by certificate
	case errors.Is(err, errOther):
		return []diagnosis{fail("address", fmt.Sprintf("At %s another program answers.", public), "Mend the proxy or the tunnel that leads to it, or public_url.")}
	case err != nil:
		return []diagnosis{fail("address", fmt.Sprintf("%s can't be reached from here: %v.", public, err), "Open it with a phone in the salon's Wi-Fi. If that fails as well, look at the network, the firewall and public_url.")}
	}
	return []diagnosis{ok("address", "%s can be reached.", public)}
}

func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// How long a certificate should still be valid: most are renewed a month ahead.
const (
	certificateLeast = 3 * 24 * time.Hour
	certificateSoon  = 14 * 24 * time.Hour
)

// certificate looks at the one of an address with https.
func (d doctor) certificate(ctx context.Context, public string) []diagnosis {
	u, err := url.Parse(public)
	if err != nil || u.Scheme != "https" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	port := u.Port()
	if port == "" {
		port = "443"
	}
	dialer := &tls.Dialer{Config: &tls.Config{RootCAs: d.roots, ServerName: u.Hostname()}}
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return []diagnosis{fail("certificate", fmt.Sprintf("Phones refuse the certificate of %s: %v.", u.Hostname(), untrusted.Err), "Renew it where https is set up: at the proxy or the tunnel.")}
	}
	if err != nil {
		return nil // address tells that it can't be reached
	}
	defer c.Close()
	chain := c.(*tls.Conn).ConnectionState().PeerCertificates
	return []diagnosis{lasts(u.Hostname(), time.Until(chain[0].NotAfter))}
}

func lasts(host string, left time.Duration) diagnosis {
	days := int(left.Hours() / 24)
	found, do := fmt.Sprintf("The certificate of %s is valid for %d more days.", host, days), "Renew it where https is set up, or see why that doesn't happen by itself."
	switch {
	case left < certificateLeast:
		return fail("certificate", found, do)
	case left < certificateSoon:
		return warn("certificate", found, do)
	}
	return diagnosis{Check: "certificate", State: fine, Found: found}
}

// clockTolerance is how far the clock may be off: webhooks are refused when
// they seem to be minutes old, and receipts carry the time.
const clockTolerance = 30 * time.Second

// timekeeping holds this computer's against the providers', and looks whether the
// location's time zone is known.
func timekeeping(c daemon.Checkup) []diagnosis {
	const set = "Have the clock set by itself, as with: sudo timedatectl set-ntp true"
	if _, err := time.LoadLocation(c.Zone); err != nil {
		return []diagnosis{fail("clock", fmt.Sprintf("The time zone %q is not known.", c.Zone), "Choose one on the tablet: Set up, Location.")}
	}
	switch {
	case c.Skew == nil:
		return []diagnosis{ok("clock", "The salon's time zone is %s. No payment provider could be asked for the time.", c.Zone)}
	case c.Skew.Abs() <= clockTolerance:
		return []diagnosis{ok("clock", "It agrees with the payment provider's. The salon's time zone is %s.", c.Zone)}
	case *c.Skew > 0:
		return []diagnosis{fail("clock", fmt.Sprintf("This computer's clock is %v slow.", c.Skew.Round(time.Second)), set)}
	}
	return []diagnosis{fail("clock", fmt.Sprintf("This computer's clock is %v fast.", c.Skew.Abs().Round(time.Second)), set)}
}
