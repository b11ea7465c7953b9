package main

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
)

// publicURL is the address that a phone in the salon's network reaches the
// daemon at: what the settings say, the one address that is listened on, or
// this computer's address in its network.
func publicURL(s settings, listening net.Addr) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	at := addrPort(listening)
	ip := at.Addr()
	if ip.IsUnspecified() {
		ip = networkAddress()
	}
	return "http://" + netip.AddrPortFrom(ip, at.Port()).String()
}

// hostNames are those by which the daemon may be asked, besides the ones that web
// knows by itself: what the settings say, the public address even where the
// location says another, and the name of this computer.
func hostNames(s settings, public string) []string {
	all := slices.Clone(s.Hosts)
	if u, err := url.Parse(public); err == nil {
		all = append(all, u.Hostname())
	}
	if name, err := os.Hostname(); err == nil {
		all = append(all, name)
	}
	return all
}

// localURL is where the daemon reaches itself, whatever the network does.
func localURL(listening net.Addr) string {
	at := addrPort(listening)
	ip := at.Addr()
	if ip.IsUnspecified() {
		ip = loopback()
	}
	return "http://" + netip.AddrPortFrom(ip, at.Port()).String()
}

func loopback() netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, 1}) }

func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPortFrom(loopback(), 0)
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// candidate is an address of this computer.
type candidate struct {
	card string // the network card's name
	ip   netip.Addr
}

// networkAddress is this computer's address in the salon's network, and the
// loopback address where there is no network.
func networkAddress() netip.Addr {
	var found []candidate
	cards, _ := net.Interfaces() // without a list of cards the route still tells
	for _, card := range cards {
		if card.Flags&net.FlagUp == 0 || card.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, _ := card.Addrs()
		for _, a := range addrs {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				found = append(found, candidate{card.Name, prefix.Addr()})
			}
		}
	}
	return choose(found, routed())
}

// routed is the address that this computer would speak to the world from.
// Connecting a UDP socket only looks up the route: nothing is sent.
func routed() netip.Addr {
	c, err := net.Dial("udp4", "203.0.113.1:9")
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	ip, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return ip.Addr()
}

// choose picks the address that a phone in the same network most likely
// reaches. Cards of containers, virtual machines and VPNs come last: a VPN that
// takes the default route is still not where the clients' phones are.
func choose(found []candidate, route netip.Addr) netip.Addr {
	found = slices.DeleteFunc(slices.Clone(found), func(c candidate) bool {
		return !c.ip.Is4() || !c.ip.IsGlobalUnicast()
	})
	if len(found) == 0 {
		if route.Is4() && route.IsGlobalUnicast() {
			return route
		}
		return loopback()
	}
	rank := func(c candidate) int {
		n := 0
		if isVirtual(c.card) {
			n += 4
		}
		if c.ip != route {
			n += 2
		}
		if !c.ip.IsPrivate() {
			n++
		}
		return n
	}
	return slices.MinFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.ip.Compare(b.ip))
	}).ip
}

// isVirtual tells by its name whether a card leads to no cable and no radio.
func isVirtual(card string) bool {
	card = strings.ToLower(card)
	for _, prefix := range []string{"docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "vethernet", "tun", "tap", "utun",
		"wg", "tailscale", "zt", "cni", "flannel", "lxc", "lxd", "podman", "kube", "ppp", "awdl", "llw", "bridge"} {
		if strings.HasPrefix(card, prefix) {
			return true
		}
	}
	return false
}
