package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// newRequests counts by the pattern of the route and never by the address:
// addresses carry clients' tokens.
func newRequests() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "countersign_http_request_duration_seconds",
		Help:    "How long requests took to be answered, by the pattern of their route and the class of the status. Those that wait for news take as long as nothing happens.",
		Buckets: []float64{0.005, 0.025, 0.1, 0.5, 2.5, 10},
	}, []string{"route", "status"})
}

// Answered counts a request that was answered after a while. A socket isn't
// counted: it ends when its page is closed.
func (m *Meters) Answered(route string, status int, took time.Duration) {
	if status == http.StatusSwitchingProtocols {
		return
	}
	if status == 0 {
		status = http.StatusOK // nothing was written: net/http answers with this
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}
