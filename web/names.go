package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"countersign/display"
)

// privateEndings are those of names that nobody can register, so that no page
// elsewhere can have one: RFC 6761, 6762, 8375, what ICANN keeps back, and
// what routers in homes and shops give out.
func privateEndings() []string {
	return []string{".local", ".localhost", ".localdomain", ".lan", ".home", ".home.arpa", ".internal", ".intranet", ".corp", ".fritz.box"}
}

// named refuses to be asked by a name that may be another's. A page elsewhere
// could give its own name our private address, and would then count as one of
// our pages (DNS rebinding). Webhooks are signed, and come by whatever name
// the provider was told.
func (s *server) named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/hooks/") && !s.ourName(r.Host) {
			s.refuse(w, r, &problem{status: http.StatusMisdirectedRequest, title: http.StatusText(http.StatusMisdirectedRequest),
				code: "unknown_host", detail: "This name is not known here. If it is ours, it belongs into the setting hosts."})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ourName tells whether a request's host can't be a stranger's name for us: an
// address is no name, one without a dot or with a private ending can't be had,
// and the others were given to us.
func (s *server) ourName(host string) bool {
	name := bareName(host)
	if name == "" || !hostShape.MatchString(host) {
		return false
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	if !strings.Contains(name, ".") || slices.ContainsFunc(privateEndings(), func(end string) bool { return strings.HasSuffix(name, end) }) {
		return true
	}
	if slices.ContainsFunc(s.opt.Hosts, func(ours string) bool { return bareName(ours) == name }) {
		return true
	}
	u, ok := s.publicAddress()
	return ok && bareName(u.Host) == name
}

// bareName is a host without its port, as names are compared.
func bareName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(strings.TrimSuffix(host, "."), "[]"))
}

// origins are the pages that may open sockets besides those of the host asked.
func (s *server) origins() []string {
	base, err := s.desk.PublicURL()
	if err != nil {
		return nil
	}
	return display.Origins(base)
}

// publicAddress is where phones reach us.
func (s *server) publicAddress() (*url.URL, bool) {
	base, err := s.desk.PublicURL()
	if err != nil {
		return nil, false
	}
	u, err := url.Parse(base)
	return u, err == nil && u.Host != ""
}
