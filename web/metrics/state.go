package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"countersign/daemon"
	"countersign/daemon/confirm"
	"countersign/daemon/desk"
)

// state reads the daemon each time that it is asked.
type state struct {
	d *daemon.Daemon

	storeUp, size, commits                        *prometheus.Desc
	synced, up, success, lag, failing, hook, open *prometheus.Desc
	booked                                        *prometheus.Desc
	waiting, retried, deliveries, attention       *prometheus.Desc
	paired, connected, behind                     *prometheus.Desc
}

func newState(d *daemon.Daemon) *state {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("countersign_"+name, help, labels, nil)
	}
	return &state{d: d,
		storeUp: desc("store_up", "Whether the store can be read: 1 or 0. Where it is 0, what is read from it is missing."),
		size:    desc("store_size_bytes", "How large the store's file is. It doesn't shrink."),
		commits: desc("store_commit_duration_seconds", "How long commits took, until they were on the disk."),

		synced:  desc("synced", "Whether every payment provider was read since the start: 1 or 0. No code is shown before that."),
		up:      desc("provider_up", "Whether confirmations come in from the payment provider: 1 or 0.", "provider"),
		success: desc("provider_last_success_timestamp_seconds", "When the payment provider was last read, in Unix time. Missing when it never was.", "provider"),
		lag:     desc("provider_lag_seconds", "How long ago the payment provider was last read. It is read once a minute while nobody is paying. Missing when it never was.", "provider"),
		failing: desc("provider_failing", "Why confirmations don't come in: 1 at the cause, 0 at the others. keys: the provider refuses ours, or they can't be read; unreachable: it doesn't answer, or is out of order; storage: what it says can't be stored here.", "provider", "cause"),
		hook:    desc("provider_last_webhook_timestamp_seconds", "When the payment provider's last webhook came since the start, in Unix time. Missing when none did.", "provider"),
		open:    desc("provider_open_checkouts", "Checkouts at the payment provider whose end isn't known yet.", "provider"),
		booked:  desc("payments_confirmed_total", "Payments booked since the start on the payment provider's word, by the way it came: poll (its list of events), webhook, or lookup (it was asked about one checkout).", "provider", "way"),

		waiting:    desc("jobs_waiting", "What is still to be done at providers and fiscal devices, by kind.", "kind"),
		retried:    desc("jobs_failing", "Those of the waiting jobs that failed at least once, and are tried again.", "kind"),
		deliveries: desc("deliveries_waiting", "Messages to clients that are still to be sent."),
		attention:  desc("attention_open", "What a member of the staff has to deal with."),

		paired:    desc("displays_paired", "Displays that are paired."),
		connected: desc("displays_connected", "Paired displays that are connected now."),
		behind:    desc("displays_behind", "Connected displays that have not painted yet what they are to show. More than 0 for seconds: a screen that hangs."),
	}
}

// Describe names every number.
func (s *state) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.storeUp, s.size, s.commits, s.synced, s.up, s.success, s.lag, s.failing, s.hook, s.open,
		s.booked, s.waiting, s.retried, s.deliveries, s.attention, s.paired, s.connected, s.behind} {
		to <- d
	}
}

// Collect reads every number.
func (s *state) Collect(to chan<- prometheus.Metric) {
	now, err := s.d.Status()
	readable := err == nil
	load, err := s.d.Desk().Load()
	if readable = readable && err == nil; readable {
		s.work(to, load)
	}
	tell(to, s.storeUp, truth(readable))
	s.store(to)
	tell(to, s.synced, truth(now.Synced))
	for _, p := range now.Providers {
		s.provider(to, p)
		if readable {
			tell(to, s.open, float64(load.Open[p.Provider]), p.Provider)
		}
	}
	booked := s.d.Desk().Booked()
	for _, p := range now.Providers {
		for _, way := range desk.Ways() {
			to <- prometheus.MustNewConstMetric(s.booked, prometheus.CounterValue, float64(booked[desk.Told{Provider: p.Provider, Way: way}]), p.Provider, string(way))
		}
	}
	s.displays(to)
}

func (s *state) work(to chan<- prometheus.Metric, l desk.Load) {
	for _, kind := range desk.JobKinds() {
		tell(to, s.waiting, float64(l.Jobs[kind]), string(kind))
		tell(to, s.retried, float64(l.Retried[kind]), string(kind))
	}
	tell(to, s.deliveries, float64(l.Deliveries))
	tell(to, s.attention, float64(l.Attention))
	tell(to, s.paired, float64(l.Displays))
}

func (s *state) provider(to chan<- prometheus.Metric, p confirm.State) {
	tell(to, s.up, truth(p.Synced && p.Cause == ""), p.Provider)
	if !p.LastOK.IsZero() {
		tell(to, s.success, seconds(p.LastOK), p.Provider)
		tell(to, s.lag, float64(p.Lag), p.Provider)
	}
	if !p.LastHook.IsZero() {
		tell(to, s.hook, seconds(p.LastHook), p.Provider)
	}
	for _, cause := range confirm.Causes() {
		tell(to, s.failing, truth(p.Cause == cause), p.Provider, cause)
	}
}

func (s *state) store(to chan<- prometheus.Metric) {
	if size, err := s.d.Size(); err == nil {
		tell(to, s.size, float64(size))
	}
	pace, within := s.d.Pace(), map[float64]uint64{}
	for limit, n := range pace.Within {
		within[limit.Seconds()] = n
	}
	to <- prometheus.MustNewConstHistogram(s.commits, pace.Commits, pace.Took.Seconds(), within)
}

func (s *state) displays(to chan<- prometheus.Metric) {
	connected, behind := 0, 0
	for _, p := range s.d.Hub().Presence() {
		if p.Online {
			connected++
		}
		if p.Behind {
			behind++
		}
	}
	tell(to, s.connected, float64(connected))
	tell(to, s.behind, float64(behind))
}

func tell(to chan<- prometheus.Metric, d *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
