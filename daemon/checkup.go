package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/confirm"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/notify"
	"countersign/daemon/provider"
	"countersign/daemon/vault"
	"countersign/store"
)

// Checkup is how the data and everything around it are, as a person would want
// to know who looks after it. No secret is in it, and nothing of any client.
type Checkup struct {
	// PublicURL is the address that phones reach; Fine says that codes at it are
	// too fine to be scanned from afar.
	PublicURL string            `json:"public_url"`
	Fine      bool              `json:"fine,omitempty"`
	Zone      string            `json:"zone"`
	Channels  []notify.Channel  `json:"channels,omitempty"`
	Preferred string            `json:"preferred"` // the provider of new checkouts
	Accounts  []AccountCheck    `json:"accounts,omitempty"`
	Displays  []DisplayCheck    `json:"displays,omitempty"`
	Skew      *time.Duration    `json:"skew,omitempty"` // a provider's clock before ours; nil: none told the time
	Sync      []confirm.State   `json:"sync,omitempty"` // of a running daemon
	Polled    map[string]uint64 `json:"polled,omitempty"`
	Hooked    map[string]uint64 `json:"hooked,omitempty"` // payments since the start, by provider
	Attention int               `json:"attention,omitempty"`
}

// AccountCheck is what a provider says of the keys of an account.
type AccountCheck struct {
	Name     string `json:"name"`
	Title    string `json:"title"` // of its company
	Holder   string `json:"holder,omitempty"`
	Live     bool   `json:"live"`
	Webhooks bool   `json:"webhooks"` // the company can send some
	// Cause is "" for keys that do, confirm.CauseKeys or confirm.CauseUnreachable;
	// Said is what the provider said, in a person's words: it names the
	// permission that is missing.
	Cause string `json:"cause,omitempty"`
	Said  string `json:"said,omitempty"`
}

// DisplayCheck is a paired display.
type DisplayCheck struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Online   bool      `json:"online"`
	LastSeen time.Time `json:"last_seen"`
}

// Checkup looks at everything, and asks every provider whether it takes our
// keys. It changes nothing.
func (d *Daemon) Checkup(ctx context.Context) (Checkup, error) {
	c, err := checkUp(ctx, d.desk, d.vault, d.cfg)
	if err != nil {
		return Checkup{}, err
	}
	c.Sync = append(d.intake.States(), d.shut()...)
	c.Polled, c.Hooked = map[string]uint64{}, map[string]uint64{}
	for by, n := range d.desk.Booked() {
		if by.Way == desk.Hooked {
			c.Hooked[by.Provider] += n
		} else {
			c.Polled[by.Provider] += n
		}
	}
	for _, p := range d.hub.Presence() {
		for i := range c.Displays {
			if x := &c.Displays[i]; x.ID == p.Device.ID {
				x.Online = x.Online || p.Online
				if p.LastSeen.After(x.LastSeen) {
					x.LastSeen = p.LastSeen
				}
			}
		}
	}
	return c, nil
}

// CheckupStopped is Checkup of the data of a daemon that doesn't run. The file
// is only looked at: store.ErrLocked says that somebody has it open after all.
func CheckupStopped(ctx context.Context, cfg Config) (c Checkup, err error) {
	cfg.usual()
	options := StoreOptions()
	options.ReadOnly = true
	db, err := store.Open(File(cfg.Data), options)
	if err != nil {
		return Checkup{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	fallback := ""
	if cfg.Sandbox == nil || *cfg.Sandbox {
		fallback = "sandbox"
	}
	senders := map[notify.Channel]notify.Sender{}
	for _, s := range cfg.Senders {
		senders[s.Channel()] = s
	}
	d := desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader), Default: fallback, Senders: senders,
		PublicURL: func() string { return cfg.PublicURL }})
	return checkUp(ctx, d, vault.Open(filepath.Join(cfg.Data, "keys"), cfg.Credentials), cfg)
}

func checkUp(ctx context.Context, d *desk.Desk, keys *vault.Vault, cfg Config) (c Checkup, err error) {
	if c.PublicURL, err = d.PublicURL(); err != nil {
		return Checkup{}, err
	}
	version, err := d.CodeVersion()
	if err != nil {
		return Checkup{}, err
	}
	load, err := d.Load()
	if err != nil {
		return Checkup{}, err
	}
	loc, err := d.Location()
	if err != nil {
		return Checkup{}, err
	}
	c.Fine, c.Attention, c.Zone, c.Channels = version > desk.FinestCode, load.Attention, loc.Zone, d.Channels()
	paired, err := d.Displays(access.System())
	if err != nil {
		return Checkup{}, err
	}
	for _, x := range paired {
		c.Displays = append(c.Displays, DisplayCheck{ID: string(x.ID), Name: x.Name, LastSeen: x.LastSeen})
	}
	accounts, preferred, err := d.Accounts()
	c.Preferred = preferred
	c.askAll(ctx, accounts, keys, cfg)
	return c, err
}

// askAll asks every provider at once: each may take its time to be given up.
func (c *Checkup) askAll(ctx context.Context, accounts []desk.Account, keys *vault.Vault, cfg Config) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	c.Accounts = make([]AccountCheck, len(accounts))
	clock := &witness{base: cfg.HTTP.Transport}
	client := *cfg.HTTP
	client.Transport = clock
	var asked sync.WaitGroup
	for i, a := range accounts {
		asked.Go(func() { c.Accounts[i] = ask(ctx, a, keys, cfg.Kinds, &client) })
	}
	asked.Wait()
	c.Skew = clock.skew()
}

func ask(ctx context.Context, a desk.Account, keys *vault.Vault, kinds []Kind, hc *http.Client) AccountCheck {
	c := AccountCheck{Name: a.Name, Title: a.Kind, Holder: a.Title, Live: a.Live}
	if c.Holder == "" {
		c.Holder = a.Holder
	}
	k, known := kindOf(kinds, a.Kind)
	if !known {
		c.Cause, c.Said = confirm.CauseKeys, "This version doesn't know the provider."
		return c
	}
	c.Title, c.Webhooks = k.Title, k.Webhooks
	secrets, err := accountKeys(keys, a)
	if err != nil {
		c.Cause, c.Said = confirm.CauseKeys, "Its keys can't be read on this computer by this user."
		return c
	}
	holder, err := k.Open(merged(a.Settings, secrets), hc).Check(ctx)
	switch kind := provider.KindOf(err); {
	case err == nil && a.Holder != "" && holder.ID != "" && holder.ID != a.Holder:
		c.Cause, c.Said = confirm.CauseKeys, "The keys are of another account than the one that was set up."
	case err == nil:
	case kind == provider.Refused, kind == provider.NotFound:
		c.Cause, c.Said = confirm.CauseKeys, provider.SaidBy(err)
	default:
		c.Cause, c.Said = confirm.CauseUnreachable, provider.SaidBy(err)
	}
	return c
}
