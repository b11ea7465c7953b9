package desk

import (
	"regexp"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
)

var slugShape = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$`)

// Place is a desk: where clients pay.
type Place struct {
	ID   id.Desk `json:"id"`
	Name string  `json:"name"`
}

// Places lists the desks.
func (d *Desk) Places() (places []Place, err error) {
	err = d.view(func(o *op) error {
		for p, err := range o.places.All(o.tx) {
			if err != nil {
				return err
			}
			places = append(places, p)
		}
		return nil
	})
	return places, err
}

// SavePlace adds a desk under the id given, or renames it. Without an id a desk
// is added under one made of the name.
func (d *Desk) SavePlace(a access.Actor, p Place) (Place, error) {
	if err := a.Need(access.DisplaysManage); err != nil {
		return Place{}, err
	}
	added := p.ID == ""
	if added {
		p.ID = id.Desk(slug(p.Name))
	}
	if !slugShape.MatchString(string(p.ID)) {
		return Place{}, fault.Invalid(fault.Field{Location: "body.id", Message: "must be 1 to 32 small letters, digits and hyphens"})
	}
	err := d.update(func(o *op) error {
		_, taken, err := o.places.Get(o.tx, p.ID)
		if err == nil && added && taken {
			err = fault.Invalid(fault.Field{Location: "body.name", Message: "is another desk's"})
		}
		if err != nil {
			return err
		}
		p, err = o.putPlace(a, p)
		return err
	})
	return p, err
}

// AddPlace adds a desk that staff name. Its id is in the address that is
// printed: random characters keep it from being guessed, since whoever knows it
// sees what is shown there (R32).
func (d *Desk) AddPlace(a access.Actor, name string) (p Place, err error) {
	if err := a.Need(access.DisplaysManage); err != nil {
		return Place{}, err
	}
	const longest = 18 // of the name's part, so that the code stays coarse
	stem := slug(name)
	if stem = strings.Trim(stem[:min(len(stem), longest)], "-"); stem == "" {
		stem = "desk"
	}
	err = d.update(func(o *op) error {
		for taken := true; taken; {
			p = Place{ID: id.Desk(stem + "-" + d.ids.Tail()), Name: name}
			if _, taken, err = o.places.Get(o.tx, p.ID); err != nil {
				return err
			}
		}
		p, err = o.putPlace(a, p)
		return err
	})
	return p, err
}

// RenamePlace renames a desk that is there.
func (d *Desk) RenamePlace(a access.Actor, which id.Desk, name string) (p Place, err error) {
	if err := a.Need(access.DisplaysManage); err != nil {
		return Place{}, err
	}
	err = d.update(func(o *op) error {
		if _, ok, err := o.places.Get(o.tx, which); err != nil || !ok {
			return orMissing(err, "desk")
		}
		p, err = o.putPlace(a, Place{ID: which, Name: name})
		return err
	})
	return p, err
}

func orMissing(err error, what string) error {
	if err == nil {
		err = fault.NotFound(what)
	}
	return err
}

// putPlace keeps a desk. No two have one name: staff could not tell them apart.
func (o *op) putPlace(a access.Actor, p Place) (Place, error) {
	p.Name = strings.TrimSpace(p.Name)
	if problem := checkName(p.Name); problem != "" {
		return Place{}, fault.Invalid(fault.Field{Location: "body.name", Message: problem})
	}
	for other, err := range o.places.All(o.tx) {
		if err != nil {
			return Place{}, err
		}
		if other.ID != p.ID && strings.EqualFold(other.Name, p.Name) {
			return Place{}, fault.Invalid(fault.Field{Location: "body.name", Message: "is another desk's"})
		}
	}
	if err := o.places.Put(o.tx, p); err != nil {
		return Place{}, err
	}
	if err := o.record(a, "desk.save", p); err != nil {
		return Place{}, err
	}
	return p, o.tell(DisplayChanged, Detail{Desk: p.ID})
}

// RemovePlace removes a desk that nothing stands at: its displays are moved
// first, and what it shows is hidden. Printed codes of it lead nowhere then.
func (d *Desk) RemovePlace(a access.Actor, which id.Desk) error {
	if err := a.Need(access.DisplaysManage); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		p, ok, err := o.places.Get(o.tx, which)
		if err != nil || !ok {
			return orMissing(err, "desk")
		}
		if err := o.standsEmpty(which); err != nil {
			return err
		}
		if err := o.places.Delete(o.tx, which); err != nil {
			return err
		}
		if err := o.record(a, "desk.remove", p); err != nil {
			return err
		}
		return o.tell(DisplayChanged, Detail{Desk: which})
	})
}

func (o *op) standsEmpty(which id.Desk) error {
	paired, err := o.allDisplays()
	if err != nil {
		return err
	}
	for _, x := range paired {
		if x.Desk == which {
			return fault.New(fault.Conflict, "desk_in_use", "A display stands at this desk. Please move it to another desk first.")
		}
	}
	s, err := o.sceneOf(which)
	if err == nil && s.Up() {
		err = fault.New(fault.Conflict, "desk_in_use", "A code is shown at this desk. Please hide it first.")
	}
	return err
}

// slug makes a desk's id out of its name, as short as a code wants it.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == 30 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
