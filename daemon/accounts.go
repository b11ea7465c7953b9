package daemon

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"countersign/daemon/access"
	"countersign/daemon/confirm"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/provider"
)

// checkTime is how long a provider may take to try keys: staff wait for it.
const checkTime = 20 * time.Second

// maxField is the longest value of a field, in bytes.
const maxField = 1000

// openAccounts opens the providers that were set up before. One whose keys
// can't be read is left out and told of: the others still take payments.
func (d *Daemon) openAccounts() error {
	all, _, err := d.desk.Accounts()
	if err != nil {
		return err
	}
	for _, a := range all {
		k, known := d.kind(a.Kind)
		if !known {
			d.cfg.Log.Error().Str("provider", a.Name).Msg("this version doesn't know the provider")
			continue
		}
		secrets, err := accountKeys(d.vault, a)
		if err != nil {
			d.cfg.Log.Error().Err(err).Str("provider", a.Name).Msg("its keys can't be read")
			continue
		}
		d.desk.SetProvider(a.Name, d.hooked(a.Name, k.Open(merged(a.Settings, secrets), d.cfg.HTTP)))
	}
	return nil
}

// hooked tells a provider where its webhooks go, if it wants to know: nowhere
// while phones reach us by an address of the salon's network.
func (d *Daemon) hooked(name string, p provider.Provider) provider.Provider {
	if h, ok := p.(provider.Hooked); ok {
		h.HookAt(func() string {
			if base, err := d.desk.PublicURL(); err == nil && strings.HasPrefix(base, "https://") {
				return base + "/hooks/" + name
			}
			return ""
		})
	}
	return p
}

// shut are the accounts that could not be opened, as readiness tells them.
func (d *Daemon) shut() (states []confirm.State) {
	all, _, err := d.desk.Accounts()
	if err != nil {
		return nil
	}
	for _, a := range all {
		if _, ok := d.desk.Provider(a.Name); !ok {
			states = append(states, confirm.State{Provider: a.Name, Lag: -1, Cause: confirm.CauseKeys, Problem: "The keys of this provider can't be read on this computer. Please enter them again under Set up, Payments."})
		}
	}
	return states
}

func merged(settings, secrets map[string]string) map[string]string {
	values := maps.Clone(settings)
	if values == nil {
		values = map[string]string{}
	}
	maps.Copy(values, secrets)
	return values
}

// TryAccount asks a provider whether it takes what was typed, and whose
// account that opens. Nothing is kept. A secret that was left empty is the one
// that is kept for the account name, if it isn't "".
func (d *Daemon) TryAccount(ctx context.Context, a access.Actor, kind, name string, typed map[string]string) (desk.Account, error) {
	_, account, _, err := d.try(ctx, a, kind, name, typed)
	return account, err
}

// SetUpAccount tries what was typed, keeps it, and has the provider read from
// then on. The keys are on the disk before the account is: an account without
// its keys could not even say what became of its payments. Those of the holder
// before go when it has gone.
func (d *Daemon) SetUpAccount(ctx context.Context, a access.Actor, kind, name string, typed map[string]string) (desk.Account, error) {
	p, account, secrets, err := d.try(ctx, a, kind, name, typed)
	if err != nil {
		return desk.Account{}, err
	}
	if err := d.desk.CanSetUp(a, account); err != nil {
		return desk.Account{}, err
	}
	was, known, err := d.account(account.Name)
	if err != nil {
		return desk.Account{}, err
	}
	if err := d.keepKeys(account, secrets); err != nil {
		return desk.Account{}, err
	}
	// It can be asked before anybody may be sent to it.
	before, _ := d.desk.Provider(account.Name)
	d.desk.SetProvider(account.Name, d.hooked(account.Name, p))
	saved, err := d.desk.SetUp(a, account)
	if err != nil {
		d.desk.SetProvider(account.Name, before)
		// An error doesn't say that nothing was written: keys that may be needed stay.
		if now, there, lost := d.account(account.Name); lost == nil && (!there || now.Holder != account.Holder) {
			err = errors.Join(err, d.forgetKeys(account))
		}
		return saved, err
	}
	if known && was.Holder != account.Holder {
		err = d.forgetKeys(was)
	}
	return saved, err
}

// RemoveAccount forgets an account and its keys.
func (d *Daemon) RemoveAccount(a access.Actor, name string) error {
	was, _, err := d.account(name)
	if err != nil {
		return err
	}
	if err := d.desk.RemoveAccount(a, name); err != nil {
		return err
	}
	d.desk.SetProvider(name, nil)
	return d.forgetKeys(was)
}

func (d *Daemon) try(ctx context.Context, a access.Actor, kind, name string, typed map[string]string) (provider.Provider, desk.Account, map[string]string, error) {
	none := func(err error) (provider.Provider, desk.Account, map[string]string, error) {
		return nil, desk.Account{}, nil, err
	}
	if err := a.Need(access.SettingsManage); err != nil {
		return none(err)
	}
	k, ok := d.kind(kind)
	if !ok {
		return none(fault.NotFound("provider"))
	}
	settings, secrets, err := d.fields(k, name, typed)
	if err != nil {
		return none(err)
	}
	p := k.Open(merged(settings, secrets), d.cfg.HTTP)
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	holder, err := p.Check(ctx)
	if err != nil {
		return none(untried(err))
	}
	if err := d.takesOurMoney(p, holder); err != nil {
		return none(err)
	}
	if name != "" && name != provider.NameOf(k.Name, holder.Live) {
		return none(otherMode(holder.Live))
	}
	return p, desk.Account{Name: provider.NameOf(k.Name, holder.Live), Kind: k.Name, Live: holder.Live, Holder: holder.ID, Title: holder.Name,
		Settings: settings, Hint: hint(k, secrets)}, secrets, nil
}

// otherMode says of keys why they can't replace those of an account: they would
// silently be a second one.
func otherMode(live bool) error {
	if live {
		return fault.New(fault.Unprocessable, "keys_other_mode", "These keys are live, and this is a test account. Please add them as a new provider.")
	}
	return fault.New(fault.Unprocessable, "keys_other_mode", "These are keys of a test account, and this account is live. Please add them as a new provider.")
}

// takesOurMoney refuses an account at which no visit could be paid, since it is
// in another currency.
func (d *Daemon) takesOurMoney(p provider.Provider, h provider.Holder) error {
	loc, err := d.desk.Location()
	if err != nil {
		return err
	}
	ours, takes := string(loc.Currency), p.Can().Currency
	if h.Currency == "" && takes != nil && !takes(ours) || h.Currency != "" && h.Currency != ours {
		return fault.New(fault.Unprocessable, "currency_mismatch", "This account doesn't take the currency of this location.").
			With("currency", ours).With("account", h.Currency)
	}
	return nil
}

// untried says why a provider didn't take what was typed. What it says itself
// names what is missing, and is told as it is.
func untried(err error) error {
	switch provider.KindOf(err) {
	case provider.Refused, provider.NotFound:
		return fault.New(fault.Unprocessable, "keys_refused", "The provider doesn't accept these keys. Please copy them once more.").
			With("said", provider.SaidBy(err)).Because(err)
	}
	return fault.New(fault.Unavailable, "keys_untried", "The payment provider can't be reached. Please try again in a moment.").
		After(10 * time.Second).Because(err)
}

// fields checks what was typed, and parts what is secret from what isn't.
func (d *Daemon) fields(k Kind, name string, typed map[string]string) (settings, secrets map[string]string, err error) {
	settings, secrets = map[string]string{}, map[string]string{}
	kept, err := d.keptKeys(k.Name, name)
	if err != nil {
		return nil, nil, err
	}
	var wrong []fault.Field
	for _, f := range k.Fields {
		value := strings.TrimSpace(typed[f.Name])
		if f.Several {
			value = strings.Join(strings.Fields(value), " ")
		}
		if value == "" && f.Secret {
			value = kept[f.Name]
		}
		switch {
		case value == "" && !f.Optional:
			wrong = append(wrong, fault.Field{Location: "body." + f.Name, Message: "is missing"})
		case len(value) > maxField:
			wrong = append(wrong, fault.Field{Location: "body." + f.Name, Message: "is longer than 1000 characters"})
		case strings.ContainsFunc(value, func(r rune) bool {
			return r > unicode.MaxASCII || unicode.IsSpace(r) && !f.Several || unicode.IsControl(r)
		}):
			wrong = append(wrong, fault.Field{Location: "body." + f.Name, Message: "has characters that no key has: please copy it once more"})
		case value == "":
		case f.Secret:
			secrets[f.Name] = value
		default:
			settings[f.Name] = value
		}
	}
	if len(wrong) > 0 {
		return nil, nil, fault.Invalid(wrong...)
	}
	return settings, secrets, nil
}

// hint is the end of the first secret, by which staff tell keys apart: four
// characters of a key of forty give nothing away.
func hint(k Kind, secrets map[string]string) string {
	i := slices.IndexFunc(k.Fields, func(f provider.Field) bool { return f.Secret })
	if i < 0 {
		return ""
	}
	key := secrets[k.Fields[i].Name]
	if len(key) < 16 {
		return ""
	}
	return key[len(key)-4:]
}
