package desk

import (
	"maps"
	"slices"
	"sync"

	"countersign/daemon/provider"
)

// companies are the providers that can be asked now, by name. They change
// while the daemon runs, as staff set up another one.
type companies struct {
	mu      sync.Mutex
	all     map[string]provider.Provider
	shut    map[string]bool // those that refuse our keys
	changed chan struct{}
}

func newCompanies(all map[string]provider.Provider) *companies {
	return &companies{all: maps.Clone(all), shut: map[string]bool{}, changed: make(chan struct{})}
}

// Provider returns the provider of a name, and false if there is none.
func (d *Desk) Provider(name string) (provider.Provider, bool) {
	d.companies.mu.Lock()
	defer d.companies.mu.Unlock()
	p, ok := d.companies.all[name]
	return p, ok
}

// Providers returns the names of the providers that can be asked, sorted, and
// a channel that closes when they change.
func (d *Desk) Providers() (names []string, changed <-chan struct{}) {
	d.companies.mu.Lock()
	defer d.companies.mu.Unlock()
	return slices.Sorted(maps.Keys(d.companies.all)), d.companies.changed
}

// SetProvider puts a provider in the place of the one of that name; nil takes
// it out.
func (d *Desk) SetProvider(name string, p provider.Provider) {
	d.companies.mu.Lock()
	defer d.companies.mu.Unlock()
	if p == nil {
		delete(d.companies.all, name)
	} else {
		if d.companies.all == nil {
			d.companies.all = map[string]provider.Provider{}
		}
		d.companies.all[name] = p
	}
	delete(d.companies.shut, name)
	close(d.companies.changed)
	d.companies.changed = make(chan struct{})
}

// SetShut notes whether a provider refuses our keys, as whoever reads it finds.
func (d *Desk) SetShut(name string, shut bool) {
	d.companies.mu.Lock()
	defer d.companies.mu.Unlock()
	d.companies.shut[name] = shut
}

// isShut tells whether a provider can't be asked for want of keys: it refuses
// them, or they can't be read.
func (d *Desk) isShut(name string) bool {
	d.companies.mu.Lock()
	defer d.companies.mu.Unlock()
	return d.companies.all[name] == nil || d.companies.shut[name]
}
