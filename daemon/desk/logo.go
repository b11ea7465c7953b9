package desk

import (
	"countersign/daemon/access"
	"countersign/daemon/id"
)

// logoPicture is the id under which the location's logo is kept.
const logoPicture id.Item = "logo"

// SaveLogo keeps the location's logo, a PNG, for what is printed (R33). None is
// nil.
func (d *Desk) SaveLogo(a access.Actor, png []byte) error {
	if err := a.Need(access.SettingsManage); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		act := "logo.save"
		var err error
		if len(png) == 0 {
			act, err = "logo.remove", o.pictures.Delete(o.tx, logoPicture)
		} else {
			err = o.pictures.Put(o.tx, slidePicture{ID: logoPicture, File: png})
		}
		if err != nil {
			return err
		}
		return o.record(a, act, map[string]int{"bytes": len(png)})
	})
}

// Logo returns the location's logo, a PNG; nil for none.
func (d *Desk) Logo() (png []byte, err error) {
	err = d.view(func(o *op) error {
		p, _, err := o.pictures.Get(o.tx, logoPicture)
		png = p.File
		return err
	})
	return png, err
}
