package desk

import "countersign/daemon/provider"

// Hosting is whose links are given out (R37).
type Hosting struct {
	Wanted bool   // the settings ask for the provider's own
	Able   bool   // the provider of new checkouts hosts links
	Title  string // that provider's name, as people write it
}

// Hosting tells whose links are given out: the provider's if they are wanted and
// it is able to, and otherwise the daemon's.
func (d *Desk) Hosting() (h Hosting, err error) {
	err = d.view(func(o *op) error {
		at, err := o.preferred()
		h = Hosting{Wanted: d.cfg.ProviderLinks, Able: d.hosts(at), Title: properName(at)}
		return err
	})
	return h, err
}

// hosts tells whether a provider hosts links. One that can't be asked now, since
// its keys can't be read, may well: to give out another address meanwhile would
// lead phones nowhere.
func (d *Desk) hosts(name string) bool {
	p, there := d.Provider(name)
	_, able := p.(provider.Linker)
	return able || !there && name != ""
}
