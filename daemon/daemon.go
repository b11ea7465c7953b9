// Package daemon puts the parts together: it opens the store, the desk, the
// displays' hub and the providers, runs the loops that bring confirmations in
// and carry jobs out, and stops them in reverse.
//
// It also holds the few operations that have to wait for a provider before
// the desk may act: opening a link, and whatever cancels an open checkout
// first. They wait for the store to change, never inside a transaction.
package daemon

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/confirm"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/notify"
	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
	"countersign/daemon/relay"
	"countersign/daemon/vault"
	"countersign/daemon/webhook"
	"countersign/display"
	"countersign/store"
)

// Config is what a Daemon is opened with. Zero values are the usual ones.
type Config struct {
	// Data is the folder of the daemon's files; it must exist.
	Data string
	// PublicURL is the address that phones reach, and Local the one at which
	// the daemon reaches itself: the sandbox is spoken to over HTTP like any
	// other provider.
	PublicURL string
	Local     string
	// ProviderLinks lets codes carry links that the provider hosts (R37).
	ProviderLinks bool
	// Sandbox turns the built-in provider off when it points to false.
	Sandbox *bool
	// Fiscal says where receipts are registered.
	Fiscal Fiscal
	Log    zerolog.Logger
	Rand   io.Reader
	// Version is told to displays, so that a page knows that it is old.
	Version string
	// HTTP carries calls to providers; tests give one over a pipe.
	HTTP *http.Client
	// NoSync and Fault are for tests: see store.Options.
	NoSync bool
	Fault  func(store.Stage) error
	// Senders carry messages to clients, one a channel.
	Senders []notify.Sender
	// Providers are added to the sandbox, or stand in for it.
	Providers map[string]provider.Provider
	// Kinds are the payment providers that staff can set up, nil for all there
	// are; Credentials is the folder of the service manager's, "" for none.
	Kinds       []Kind
	Credentials string
	// PrivateReceivers lets other software that is told of events be in the
	// salon's own network. Receivers carries the messages to it, nil for a
	// client that holds to that.
	PrivateReceivers bool
	Receivers        *http.Client
}

// File is the path of the database in a data folder.
func File(data string) string { return filepath.Join(data, "countersign.db") }

// StoreOptions are those that every opener of the file uses.
func StoreOptions() store.Options {
	return store.Options{Program: "countersign", Kinds: desk.Kinds()}
}

// usual puts what is usual where nothing is said.
func (cfg *Config) usual() {
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Kinds == nil {
		cfg.Kinds = usualKinds(cfg.ProviderLinks)
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Timeout: 20 * time.Second}
	}
	if cfg.Receivers == nil {
		cfg.Receivers = webhook.NewClient(cfg.PrivateReceivers)
	}
}

// Daemon is one running Countersign.
type Daemon struct {
	cfg     Config
	db      *store.DB
	desk    *desk.Desk
	hub     *display.Hub
	intake  *confirm.Intake
	relay   *relay.Relay
	courier *relay.Courier
	sandbox *sandbox.Server
	vault   *vault.Vault
	herald  *relay.Herald
	// renewing is held while a receiver's secrets are read and written again.
	renewing sync.Mutex
}

// Open opens everything that can fail, so that a service's start can say why.
// The caller serves HTTP before Run, since the sandbox is reached by it.
func Open(cfg Config) (*Daemon, error) {
	cfg.usual()
	options := StoreOptions()
	options.NoSync, options.Fault = cfg.NoSync, cfg.Fault
	db, err := store.Open(File(cfg.Data), options)
	if err != nil {
		return nil, err
	}
	d := &Daemon{cfg: cfg, db: db}
	if err := d.assemble(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Daemon) assemble() error {
	providers := map[string]provider.Provider{}
	fallback := ""
	for name, p := range d.cfg.Providers {
		providers[name], fallback = p, name
	}
	if d.cfg.Sandbox == nil || *d.cfg.Sandbox {
		p, err := d.openSandbox()
		if err != nil {
			return err
		}
		providers["sandbox"], fallback = p, "sandbox"
	}
	device, err := d.openFiscal(providers[fallback])
	if err != nil {
		return err
	}
	public := func() string { return d.cfg.PublicURL }
	senders := map[notify.Channel]notify.Sender{}
	for _, s := range d.cfg.Senders {
		senders[s.Channel()] = s
	}
	d.desk = desk.New(desk.Config{Senders: senders, DB: d.db, IDs: id.NewSource(d.cfg.Rand), Providers: providers, Default: fallback, PublicURL: public,
		Fiscal: device, PrivateReceivers: d.cfg.PrivateReceivers, ProviderLinks: d.cfg.ProviderLinks, Titles: titles(d.cfg.Kinds)})
	d.vault = vault.Open(filepath.Join(d.cfg.Data, "keys"), d.cfg.Credentials)
	if err := d.openAccounts(); err != nil {
		return err
	}
	epoch := make([]byte, 4)
	if _, err := io.ReadFull(d.cfg.Rand, epoch); err != nil {
		return fmt.Errorf("random numbers: %w", err)
	}
	d.hub = display.NewHub(d.desk.Screens(), display.Options{Epoch: hex.EncodeToString(epoch), Rand: d.cfg.Rand,
		Log: d.cfg.Log, Version: d.cfg.Version, PublicURL: func() string { base, _ := d.desk.PublicURL(); return base }})
	d.intake = confirm.New(d.desk, d.cfg.Log)
	d.relay = relay.New(d.desk, d.cfg.Log)
	d.courier = relay.NewCourier(d.desk, d.cfg.Log)
	d.herald = relay.NewHerald(d.desk, d.cfg.Receivers, d.receiverSecrets, d.cfg.Log)
	return nil
}

// Run works until ctx ends, and returns once everything has stopped: first
// what takes in and hands out, then the displays.
func (d *Daemon) Run(ctx context.Context) error {
	loops := []func(context.Context) error{d.intake.Run, d.relay.Run, d.courier.Run, d.herald.Run, d.wakeHub, d.tidy}
	if d.sandbox != nil {
		loops = append(loops, d.sandbox.Run)
	}
	screens, stopScreens := context.WithCancel(context.WithoutCancel(ctx))
	defer stopScreens()
	var hub sync.WaitGroup
	hub.Go(func() { _ = d.hub.Run(screens) })
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, len(loops))
	var running sync.WaitGroup
	for _, loop := range loops {
		running.Go(func() {
			if err := loop(ctx); err != nil && ctx.Err() == nil {
				failed <- err
				stop()
			}
		})
	}
	running.Wait()
	stopScreens()
	hub.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// tidyTime is how often what is no longer needed is removed.
const tidyTime = 6 * time.Hour

// tidy keeps the file from growing for ever. It is never urgent: a failure is
// logged and tried again next time.
func (d *Daemon) tidy(ctx context.Context) error {
	again := time.NewTicker(tidyTime)
	defer again.Stop()
	for {
		if err := d.desk.Alive(); err != nil {
			d.cfg.Log.Error().Err(err).Msg("not noted that the daemon runs")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = d.desk.Tidy(); err != nil {
				d.cfg.Log.Error().Err(err).Msg("not tidied")
				break
			}
		}
	}
}

// wakeHub marks the displays dirty after every commit; they read for
// themselves.
func (d *Daemon) wakeHub(ctx context.Context) error {
	var worn costume
	for {
		changed := d.db.Changed()
		d.hub.Wake()
		d.dressSandbox(&worn)
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// Close closes the files. Run must have returned.
func (d *Daemon) Close() error {
	var err error
	if d.sandbox != nil {
		err = d.sandbox.Close()
	}
	return errors.Join(err, d.db.Close())
}

// Desk returns the operations.
func (d *Daemon) Desk() *desk.Desk { return d.desk }

// Hub returns the displays' hub.
func (d *Daemon) Hub() *display.Hub { return d.hub }

// Sandbox returns the built-in provider's server, nil when it is off.
func (d *Daemon) Sandbox() *sandbox.Server { return d.sandbox }

// Verify holds every invariant against the open file.
func (d *Daemon) Verify() ([]desk.Problem, error) { return desk.Verify(d.db) }

// Pace tells how commits to the file have gone since the start.
func (d *Daemon) Pace() store.Pace { return d.db.Pace() }

// Size is how large the file is, in bytes.
func (d *Daemon) Size() (int64, error) { return d.db.Size() }

// Backup writes a checked copy of the open file.
func (d *Daemon) Backup(path string) error { return d.db.Backup(path) }

// Dump writes every record as a line of JSON.
func (d *Daemon) Dump(w io.Writer) error { return d.db.Dump(w) }

// Hook takes in a provider's webhook.
func (d *Daemon) Hook(ctx context.Context, name string, h http.Header, body []byte) error {
	return d.intake.Hook(ctx, name, h, body)
}

// Status is how the daemon is, for readiness.
type Status struct {
	Store     string          `json:"store"`
	Synced    bool            `json:"synced"`
	Providers []confirm.State `json:"providers"`
}

// Status tells whether the daemon can serve: its store answers, and what the
// providers said was read.
func (d *Daemon) Status() (Status, error) {
	s := Status{Store: "ok", Synced: d.desk.IsSynced(), Providers: append(d.intake.States(), d.shut()...)}
	if _, err := d.desk.LastChange(); err != nil {
		s.Store = "failed"
		return s, err
	}
	return s, nil
}
