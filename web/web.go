// Package web is the daemon over HTTP: the API for programs, the tablet for
// staff, the page on a client's phone, webhooks, and the two sockets. It
// decides nothing about visits or money. It reads requests, asks the daemon,
// and turns the answer, or the one *fault.Error, into what the asker speaks.
//
// Layout of the package:
//
//	routes.go    every address, in one list
//	web.go       New and what the handlers share
//	guard.go     what every request passes: ids, panics, headers, limits, other sites
//	body.go      how much is read of a request, and for how long
//	names.go     by which names we are asked
//	address.go   who asks, from where, over what
//	problem.go   the one place that turns errors into statuses
//	session.go   sessions and who may do what; signin.go the way in
//	openapi.go   the API's frame; docs.go its description
//	wire.go      the API's shapes; visits.go payments.go link.go displays.go
//	             catalogue.go figures.go events.go its operations, one function each
//	client.go    the phone: /p /s /q; bill.go what it says of money
//	tablet.go    the tablet's frame; day.go ticket.go editor.go payblock.go
//	             setup.go its parts, each with its forms; socket.go its socket
//	outside.go   webhooks and health; watch.go the numbers for whoever watches
package web

import (
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/display/qr"
	"countersign/web/metrics"
)

// Options are what the daemon's program decides for its web side.
type Options struct {
	Log     zerolog.Logger
	Version string
	// Hosts are names by which the daemon is asked, besides addresses, names
	// that nobody else can have, and the public one; others get 421.
	Hosts []string
}

// server is what handlers share. It keeps no state of its own but counters of
// those who guess or hurry.
type server struct {
	d       *daemon.Daemon
	desk    *desk.Desk
	opt     Options
	log     zerolog.Logger
	entries *sessions
	cross   *http.CrossOriginProtection
	// guesses counts wrong link tokens and API tokens by address, pairings
	// wrong pairing codes by whoever types them (R39).
	guesses  *access.Limiter
	pairings *access.Limiter
	codes    *qr.Cache
	sockets  *crowd
	waiting  *crowd        // phones at a printed code
	fitting  chan struct{} // held by the picture that is being made fit
	meters   *metrics.Meters
}

// New returns everything the daemon serves.
func New(d *daemon.Daemon, o Options) http.Handler {
	s := &server{
		d:        d,
		desk:     d.Desk(),
		opt:      o,
		log:      o.Log,
		entries:  newSessions(d.Desk()),
		cross:    http.NewCrossOriginProtection(),
		guesses:  access.NewLimiter(10, 40, 10*time.Minute),
		pairings: access.NewLimiter(5, 15, 10*time.Minute),
		codes:    qr.NewCache(64),
		sockets:  newCrowd(socketsEach, socketsAll),
		waiting:  newCrowd(waitingEach, waitingAll),
		fitting:  make(chan struct{}, 1),
		meters:   metrics.New(d, o.Version),
	}
	return s.routes()
}
