// Package metrics tells whoever watches over the daemon how it goes, as
// Prometheus reads it. What can be asked for is asked when it is scraped
// (state.go), so that nothing has to be kept in step; only answered requests
// are counted as they come (requests.go).
//
// No label holds anything of a client, a visit or a token: labels are the names
// of providers, of kinds of jobs, of causes, and patterns of routes.
package metrics

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"countersign/daemon"
)

// Meters are the numbers of one daemon, in a registry of their own.
type Meters struct {
	requests *prometheus.HistogramVec
	handler  http.Handler
}

// New returns the meters of a daemon of a version.
func New(d *daemon.Daemon, version string) *Meters {
	m := &Meters{requests: newRequests()}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "countersign_build_info", Help: "Always 1; its labels say which program this is.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version(), "goos": runtime.GOOS, "goarch": runtime.GOARCH}})
	build.Set(1)
	all := prometheus.NewRegistry()
	all.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.requests, newState(d))
	// One number that can't be had doesn't cost the others.
	m.handler = promhttp.HandlerFor(all, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
	return m
}

// ServeHTTP answers with the numbers as they are now.
func (m *Meters) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	m.handler.ServeHTTP(w, r)
}
