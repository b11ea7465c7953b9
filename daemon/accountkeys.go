package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/provider"
	"countersign/daemon/vault"
)

// accountKeys are the secrets of an account: what the service manager hands over
// for it, or else what staff typed.
func accountKeys(v *vault.Vault, a desk.Account) (map[string]string, error) {
	if v.Given(a.Name) {
		return v.Get(a.Name)
	}
	return v.Get(keysOf(a))
}

// keysOf is where the secrets of an account are in the vault. Those of another
// holder are elsewhere: while they take the place of the ones before, which is
// two writes, and after an old database was put back, no account is asked with
// keys of another, which knows nothing of its payments.
func keysOf(a desk.Account) string {
	sum := sha256.Sum256([]byte(a.Holder))
	return a.Name + "-" + hex.EncodeToString(sum[:4])
}

// keepKeys keeps the secrets of an account that is about to be saved. Those that
// the service manager hands over are kept by it.
func (d *Daemon) keepKeys(a desk.Account, secrets map[string]string) error {
	if !d.vault.Given(a.Name) {
		return d.vault.Put(keysOf(a), secrets)
	}
	given, err := d.vault.Get(a.Name)
	if err != nil {
		return err
	}
	for name, value := range secrets {
		if given[name] != value {
			return fault.New(fault.Conflict, "keys_given", "These keys come from the service's own credentials. Please change them there.")
		}
	}
	return nil
}

// forgetKeys removes the secrets of an account that is no more, or didn't come
// to be.
func (d *Daemon) forgetKeys(a desk.Account) error { return d.vault.Remove(keysOf(a)) }

// account is one that was set up, by its name.
func (d *Daemon) account(name string) (desk.Account, bool, error) {
	all, _, err := d.desk.Accounts()
	i := slices.IndexFunc(all, func(a desk.Account) bool { return a.Name == name })
	if err != nil || i < 0 {
		return desk.Account{}, false, err
	}
	return all[i], true, nil
}

// keptKeys are the secrets that an empty field stands for: those of the account
// that is edited, or where there is none those that the service manager hands
// over for one that isn't set up yet. What can't be read has to be typed again.
func (d *Daemon) keptKeys(kind, name string) (map[string]string, error) {
	if name == "" {
		given, err := d.GivenKeys(kind)
		if err != nil || given == "" {
			return nil, err
		}
		return d.vault.Get(given)
	}
	a, ok, err := d.account(name)
	if err != nil || !ok || a.Kind != kind {
		return nil, err
	}
	secrets, err := accountKeys(d.vault, a)
	if err != nil && !errors.Is(err, vault.ErrNone) {
		d.cfg.Log.Error().Err(err).Str("provider", name).Msg("its keys can't be read")
	}
	return secrets, nil
}

// GivenKeys names the account of a kind that isn't set up yet, and whose keys
// the service manager hands over; "" if there is none.
func (d *Daemon) GivenKeys(kind string) (string, error) {
	for _, name := range []string{kind, kind + provider.Testing} {
		if _, known, err := d.account(name); err != nil || !known && d.vault.Given(name) {
			return name, err
		}
	}
	return "", nil
}
