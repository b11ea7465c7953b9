package main

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// TestChoose: the code carries the address that a phone in the salon's network
// reaches, not localhost unless that is all there is.
func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name  string
		found string // card=address …
		route string
		want  string
	}{
		{"one card", "eth0=192.168.1.20", "192.168.1.20", "192.168.1.20"},
		{"no network", "", "", "127.0.0.1"},
		{"only IPv6", "eth0=fd00::2 eth0=fe80::1", "", "127.0.0.1"},
		{"cards can't be listed", "", "192.168.1.20", "192.168.1.20"},
		{"self-assigned address", "eth0=169.254.3.4", "", "127.0.0.1"},
		{"docker beside", "docker0=172.17.0.1 wlan0=192.168.0.9", "192.168.0.9", "192.168.0.9"},
		{"cable and radio: the one with the route", "eth0=10.0.0.5 wlan0=192.168.0.9", "192.168.0.9", "192.168.0.9"},
		{"a VPN has the route", "tun0=10.8.0.2 wlan0=192.168.0.9", "10.8.0.2", "192.168.0.9"},
		{"no route at all", "wlan0=192.168.0.9 eth1=203.0.113.7", "", "192.168.0.9"},
		{"a public address is better than none", "eth0=203.0.113.7", "203.0.113.7", "203.0.113.7"},
		{"nothing but containers", "docker0=172.17.0.1", "", "172.17.0.1"},
		{"Windows' switch beside", "vEthernet (WSL)=172.20.0.1 Wi-Fi=192.168.2.3", "192.168.2.3", "192.168.2.3"},
	} {
		var found []candidate
		cards := strings.ReplaceAll(c.found, " (WSL)", "(WSL)")
		for _, field := range strings.Fields(cards) {
			card, ip, _ := strings.Cut(field, "=")
			found = append(found, candidate{card, netip.MustParseAddr(ip)})
		}
		route, _ := netip.ParseAddr(c.route)
		if got := choose(found, route); got.String() != c.want {
			t.Errorf("%s: chose %v, want %s", c.name, got, c.want)
		}
	}
}

func TestURLs(t *testing.T) {
	at := func(s string) net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s)) }
	for _, c := range []struct{ setting, listening, public, local string }{
		{"", "127.0.0.1:4000", "http://127.0.0.1:4000", "http://127.0.0.1:4000"},
		{"", "192.168.1.4:80", "http://192.168.1.4:80", "http://192.168.1.4:80"},
		{"", "[::1]:4000", "http://[::1]:4000", "http://[::1]:4000"},
		{"https://pay.example.com", "[::]:8791", "https://pay.example.com", "http://127.0.0.1:8791"},
	} {
		if got := publicURL(settings{PublicURL: c.setting}, at(c.listening)); got != c.public {
			t.Errorf("public of %s: %s, want %s", c.listening, got, c.public)
		}
		if got := localURL(at(c.listening)); got != c.local {
			t.Errorf("local of %s: %s, want %s", c.listening, got, c.local)
		}
	}
	if got := publicURL(settings{}, at("[::]:8791")); !strings.HasPrefix(got, "http://") || strings.Contains(got, "::") || !strings.HasSuffix(got, ":8791") {
		t.Errorf("every network: %s", got)
	}
}

// R39: a daemon that runs answers to the names that it was given, and to no
// other: a page elsewhere can't pass for one of ours.
func TestR39RunAnswersToItsNamesOnly(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	inst, err := start(settings{Listen: "127.0.0.1:0", Data: t.TempDir(), Hosts: []string{"salon.example.com"}, PublicURL: "https://pay.example.com"}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	err = inst.serve(ctx, func() error {
		defer stop()
		for name, want := range map[string]int{"salon.example.com": 200, "pay.example.com": 200, host: 200, "127.0.0.1": 200, "evil.example": 421} {
			r, err := http.NewRequest(http.MethodGet, inst.local+"/healthz", nil)
			if err != nil {
				return err
			}
			r.Host = name
			got, err := http.DefaultClient.Do(r)
			if err != nil {
				return err
			}
			_ = got.Body.Close()
			if got.StatusCode != want {
				t.Errorf("asked as %s: %d", name, got.StatusCode)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
