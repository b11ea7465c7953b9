package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/go-chi/httprate"
)

// addressOf is where a request comes from. A proxy or tunnel on this computer
// appends the address it was asked from; only then, and only its own word, the
// last one, is believed: anybody else could write the header.
func addressOf(r *http.Request) string {
	host := peer(r)
	if !local(host) {
		return host
	}
	said := r.Header.Values("X-Forwarded-For")
	if len(said) == 0 {
		return host
	}
	list := strings.Split(said[len(said)-1], ",")
	if from, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1])); err == nil {
		return from.Unmap().String()
	}
	return host
}

func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// neighbourhood is the address as limits count it: one household has a whole
// /64 of IPv6 addresses.
func neighbourhood(r *http.Request) string { return httprate.CanonicalizeIP(addressOf(r)) }

// encrypted tells whether the browser spoke https, with us or with a proxy on
// this computer.
func encrypted(r *http.Request) bool {
	return r.TLS != nil || local(peer(r)) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// asSeen hands a request on as its browser sent it, to a handler that knows
// nothing of proxies: from the browser's address, by the scheme that it spoke.
func asSeen(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, at := *r, *r.URL
		seen.RemoteAddr, seen.URL, at.Scheme = net.JoinHostPort(neighbourhood(r), "0"), &at, "http"
		if encrypted(r) {
			at.Scheme = "https"
		}
		h.ServeHTTP(w, &seen)
	})
}
