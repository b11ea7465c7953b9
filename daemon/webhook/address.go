package webhook

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
)

// ErrPrivate is a message that would have gone to an address which only this
// computer or its network has.
var ErrPrivate = errors.New("webhook: the address is private")

// longest is the longest address of a receiver, in bytes.
const longest = 1000

// CheckURL says what is wrong with a receiver's address, "" if nothing is.
// private allows http, and addresses of this computer and its network. What a
// name stands for is checked when it is dialled, each time anew.
func CheckURL(text string, private bool) string {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return "is missing"
	case len(text) > longest:
		return "is longer than 1000 characters"
	case err != nil || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return "is not an address such as https://crm.example.com/hooks"
	case u.User != nil:
		return "must not have a name or password in it"
	case u.Scheme == "http" && !private:
		return "must begin with https://"
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.Opaque != "":
		return "is not an address such as https://crm.example.com/hooks"
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return "must not have a part after #"
	case !private && !public(u.Hostname()):
		return "is an address of this computer or its network: the settings don't allow that"
	}
	return ""
}

// public tells whether a host may be dialled, as far as it can be told without
// asking for its address.
func public(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err != nil || Public(addr)
}

// Public tells whether an address is one of the open internet. Addresses that
// carry an IPv4 address inside (mapped, compatible, 6to4, NAT64, Teredo) are no
// way around it: those are refused whatever is inside, but for NAT64, which is
// how a network without IPv4 reaches the internet, and counts as what is inside.
func Public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if nat64().Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range reserved() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

func nat64() netip.Prefix { return netip.MustParsePrefix("64:ff9b::/96") }

// reserved are the networks of IANA's registries of special addresses that the
// methods of netip.Addr don't know.
func reserved() []netip.Prefix {
	const list = "0.0.0.0/8 100.64.0.0/10 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 " +
		"::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fec0::/10"
	var all []netip.Prefix
	for text := range strings.FieldsSeq(list) {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}
