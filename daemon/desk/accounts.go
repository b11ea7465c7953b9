package desk

import (
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// Account is a payment provider that staff have set up (R34). What is secret
// of it is kept elsewhere, and in no backup of this file.
type Account struct {
	// Name is the provider's in all that is booked: see provider.NameOf.
	Name string `json:"name"`
	Kind string `json:"kind"`
	Live bool   `json:"live"` // otherwise no money moves
	// Holder and Title are the provider's id and name of whose account it is.
	Holder string `json:"holder,omitempty"`
	Title  string `json:"title,omitempty"`
	// Settings are what the provider had to be told and isn't secret.
	Settings map[string]string `json:"settings,omitempty"`
	// Hint are the last characters of the key, so that staff tell keys apart.
	Hint  string    `json:"hint,omitempty"`
	Since time.Time `json:"since"` // when its keys were last entered, UTC
}

// providersSetting names the record of the default.
const providersSetting = "providers"

// Accounts returns the accounts that were set up, and the name of the provider
// that new checkouts go to.
func (d *Desk) Accounts() (all []Account, preferred string, err error) {
	err = d.view(func(o *op) error {
		for a, err := range o.accounts.All(o.tx) {
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		preferred, err = o.preferred()
		return err
	})
	return all, preferred, err
}

// Testing tells whether no money moves at the provider of new checkouts: every
// screen says so then.
func (d *Desk) Testing() (test bool, err error) {
	err = d.view(func(o *op) error {
		at, err := o.preferred()
		test = provider.IsTest(at)
		return err
	})
	return test, err
}

// preferred is the provider of new checkouts.
func (o *op) preferred() (string, error) {
	s, ok, err := o.settings.Get(o.tx, providersSetting)
	if err != nil || !ok || s.Provider == "" {
		return o.d.cfg.Default, err
	}
	return s.Provider, nil
}

// CanSetUp tells whether an account may be saved now, before its keys are kept.
func (d *Desk) CanSetUp(a access.Actor, next Account) error {
	if err := a.Need(access.SettingsManage); err != nil {
		return err
	}
	return d.view(func(o *op) error { return o.canSetUp(next) })
}

// SetUp saves an account whose keys were tried and are kept. Where nothing but
// the sandbox takes payments, it becomes the one that new checkouts go to; so
// does a new live one where no money moves yet: it was tried out before.
func (d *Desk) SetUp(a access.Actor, next Account) (saved Account, err error) {
	if err := a.Need(access.SettingsManage); err != nil {
		return Account{}, err
	}
	return next, d.update(func(o *op) error {
		if err := o.canSetUp(next); err != nil {
			return err
		}
		next.Since = o.now
		_, known, err := o.accounts.Get(o.tx, next.Name)
		if err != nil {
			return err
		}
		if err := o.accounts.Put(o.tx, next); err != nil {
			return err
		}
		if err := o.record(a, "provider.set_up", next); err != nil {
			return err
		}
		now, err := o.preferred()
		if err != nil {
			return err
		}
		vacant, err := o.vacant(now)
		if err != nil {
			return err
		}
		if vacant || !known && next.Live && provider.IsTest(now) {
			return o.prefer(next.Name)
		}
		return o.tell(ProviderChanged, Detail{Provider: next.Name})
	})
}

// vacant tells whether new checkouts go nowhere, or to the sandbox, for want of
// an account: what they went to may have been removed.
func (o *op) vacant(now string) (bool, error) {
	if now == "" || now == "sandbox" {
		return true, nil
	}
	_, known, err := o.accounts.Get(o.tx, now)
	_, there := o.d.Provider(now)
	return !known && !there, err
}

// canSetUp refuses keys of the other mode, and of another holder, as long as a
// page may still be paid under those before: what was asked for with one key
// can't be looked up with the other.
func (o *op) canSetUp(next Account) error {
	was, known, err := o.accounts.Get(o.tx, next.Name)
	if err != nil {
		return err
	}
	if known && was.Holder != next.Holder {
		if err := o.noLinks(next.Name); err != nil {
			return err
		}
		if err := o.nothingToDo(next.Name); err != nil {
			return err
		}
	}
	return o.noneOpen(func(c visit.Checkout) bool {
		other := provider.IsTest(c.Provider) == next.Live
		return other || c.Provider == next.Name && known && was.Holder != next.Holder
	})
}

// noneOpen refuses while a checkout that bars isn't final.
func (o *op) noneOpen(bars func(visit.Checkout) bool) error {
	for c, err := range o.checkouts.Prefix(o.tx, o.byOpen, "") {
		switch {
		case err != nil:
			return err
		case !bars(c):
		case o.d.isShut(c.Provider):
			return fault.New(fault.Conflict, "checkouts_open",
				"A client may have paid on a page that was opened before, and the provider doesn't accept our keys. Please enter other keys of the same account, or remove the account: that is possible a day after the page has ended.")
		default:
			return fault.New(fault.Conflict, "checkouts_open",
				"A client may still be paying on a page that was opened before. Please try again when the provider says that it has ended: within about an hour, unless it can't be reached.")
		}
	}
	return nil
}

// Prefer makes a provider the one that new checkouts go to.
func (d *Desk) Prefer(a access.Actor, name string) error {
	if err := a.Need(access.SettingsManage); err != nil {
		return err
	}
	if _, ok := d.Provider(name); !ok {
		return fault.NotFound("provider")
	}
	return d.update(func(o *op) error {
		err := o.noneOpen(func(c visit.Checkout) bool { return provider.IsTest(c.Provider) != provider.IsTest(name) })
		if err != nil {
			return err
		}
		if err := o.record(a, "provider.prefer", map[string]string{"name": name}); err != nil {
			return err
		}
		return o.prefer(name)
	})
}

func (o *op) prefer(name string) error {
	if err := o.settings.Put(o.tx, setting{Name: providersSetting, Provider: name}); err != nil {
		return err
	}
	if err := o.linkElsewhere(name); err != nil {
		return err
	}
	return o.tell(ProviderChanged, Detail{Provider: name})
}

// RemoveAccount forgets an account. Its payments stay, and can then be given
// back by hand only. Where the provider refuses our keys, checkouts that are
// long overdue are given up with it: the company may have closed the account,
// and nobody could ever say how they ended.
func (d *Desk) RemoveAccount(a access.Actor, name string) error {
	if err := a.Need(access.SettingsManage); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		was, ok, err := o.accounts.Get(o.tx, name)
		if err == nil && !ok {
			err = fault.NotFound("provider")
		}
		if err != nil {
			return err
		}
		if err := o.abandon(name); err != nil {
			return err
		}
		if err := o.canRemove(name); err != nil {
			return err
		}
		if err := o.accounts.Delete(o.tx, name); err != nil {
			return err
		}
		if err := o.record(a, "provider.remove", was); err != nil {
			return err
		}
		return o.tell(ProviderChanged, Detail{Provider: name})
	})
}

// gaveUp is why a checkout failed whose account was removed.
const gaveUp = "the provider no longer accepts our keys, and its account was removed"

// abandon ends the overdue checkouts of a provider that can't be asked.
func (o *op) abandon(name string) error {
	if !o.d.isShut(name) {
		return nil
	}
	var overdue []visit.Checkout
	for c, err := range o.checkouts.Prefix(o.tx, o.byOpen, "") {
		if err != nil {
			return err
		}
		if c.Provider == name && c.Overdue(o.now) {
			overdue = append(overdue, c)
		}
	}
	for _, c := range overdue {
		for _, job := range []string{string(c.JobID), "cancel-" + string(c.ID)} {
			if err := o.jobs.Done(o.tx, job); err != nil {
				return err
			}
		}
		if err := o.lose(c, gaveUp); err != nil {
			return err
		}
	}
	return nil
}

// canRemove refuses to remove an account that something depends on. One that
// new payments go to is of no use to them once it refuses our keys.
func (o *op) canRemove(name string) error {
	now, err := o.preferred()
	if err != nil {
		return err
	}
	if now == name && !o.d.isShut(name) {
		return fault.New(fault.Conflict, "provider_in_use", "New payments go to this provider. Please choose another one for them first.")
	}
	if err := o.nothingToDo(name); err != nil {
		return err
	}
	return o.noneOpen(func(c visit.Checkout) bool { return c.Provider == name })
}

// nothingToDo refuses while a job waits for a provider: at another account a
// refund would not be known.
func (o *op) nothingToDo(name string) error {
	for job, err := range o.jobs.All(o.tx) {
		if err != nil {
			return err
		}
		if job.Value.Provider == name {
			return fault.New(fault.Conflict, "provider_in_use", "Something is still to be done at this provider, for example a refund. Please try again later.")
		}
	}
	return nil
}
