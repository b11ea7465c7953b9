package webhook

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Timeout is how long a receiver may take to answer.
const Timeout = 15 * time.Second

// NewClient returns the client that messages are sent with. It follows no
// redirect and uses no proxy, which would dial in its place. Unless private is
// set, an address is refused with ErrPrivate after its name was looked up and
// before it is dialled, so that a name which changes its mind gets nowhere.
func NewClient(private bool) *http.Client {
	return clientOf(&net.Dialer{Timeout: Timeout}, private)
}

func clientOf(dialer *net.Dialer, private bool) *http.Client {
	if !private {
		dialer.Control = refusePrivate
	}
	return &http.Client{
		Timeout:       Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    Timeout,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // an answer is hardly read, and must not grow
			MaxIdleConnsPerHost:    1,
			MaxIdleConns:           20,
			IdleConnTimeout:        time.Minute,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
}

// refusePrivate is asked for every address, after names were looked up.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPrivate, err)
	}
	if !Public(at.Addr()) {
		return ErrPrivate
	}
	return nil
}
