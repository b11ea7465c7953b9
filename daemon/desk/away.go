package desk

import "slices"

// aliveSetting names the record of when the daemon last ran.
const aliveSetting = "alive"

// Alive notes that the daemon runs, at its start and every few hours. After an
// absence that is longer than a provider recalls, staff are told that what was
// given back or disputed there meanwhile may never be heard of (R35); what was
// paid is, since every page that was open is asked after.
func (d *Desk) Alive() error {
	names, _ := d.Providers()
	return d.update(func(o *op) error {
		last, known, err := o.settings.Get(o.tx, aliveSetting)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(slices.Values(names)) {
			p, there := d.Provider(name)
			if !known || !there {
				continue
			}
			if recalls := p.Can().Recalls; recalls > 0 && o.now.Sub(last.Alive) > recalls {
				if err := o.putAttention(Attention{Kind: LongAway, Provider: name}); err != nil {
					return err
				}
			}
		}
		return o.settings.Put(o.tx, setting{Name: aliveSetting, Alive: o.now})
	})
}
