package web

import (
	"net/http"
	"net/netip"

	"countersign/daemon/access"
)

// watching lets read the daemon's numbers who is on this computer, as a
// collector beside it is, and from elsewhere who may manage the settings.
func (s *server) watching(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !beside(r) {
			a, err := s.identify(r)
			if err == nil {
				err = a.Need(access.SettingsManage)
			}
			if err != nil {
				s.refuse(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// beside tells whether a program on this computer asks for itself. A proxy or
// a tunnel here asks for others: it says so, or asks by a name that is not
// this computer's own.
func beside(r *http.Request) bool {
	if !local(peer(r)) {
		return false
	}
	for _, header := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via", "Cf-Connecting-Ip"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	name := bareName(r.Host)
	ip, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && ip.IsLoopback()
}
