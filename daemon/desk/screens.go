package desk

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/display"
	"countersign/display/qr"
)

// Display is a paired screen; of its key only the hash is kept.
type Display struct {
	ID       id.Display `json:"id"`
	Desk     id.Desk    `json:"desk"`
	Name     string     `json:"name"`
	KeyHash  string     `json:"key_hash"`
	PairedAt time.Time  `json:"paired_at"`
	LastSeen time.Time  `json:"last_seen"`
}

// revokedKey is a key whose pairing was taken back. It is kept for good: a copy
// of the browser that held it may turn up whenever.
type revokedKey struct {
	Hash string    `json:"hash"`
	At   time.Time `json:"at"`
}

// Displays lists the paired displays, in the order in which they were paired.
func (d *Desk) Displays(a access.Actor) (found []Display, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, err
	}
	err = d.view(func(o *op) error {
		found, err = o.allDisplays()
		return err
	})
	return found, err
}

func (o *op) allDisplays() (found []Display, err error) {
	for x, err := range o.displays.All(o.tx) {
		if err != nil {
			return nil, err
		}
		found = append(found, x)
	}
	slices.SortFunc(found, func(a, b Display) int {
		return cmp.Or(a.PairedAt.Compare(b.PairedAt), strings.Compare(string(a.ID), string(b.ID)))
	})
	return found, nil
}

// PairDisplay approves a display and gives it a desk and a name (R28).
// keyHash is what the pairing code was claimed for.
func (d *Desk) PairDisplay(a access.Actor, keyHash string, desk id.Desk, name string) (x Display, err error) {
	if err := a.Need(access.DisplaysManage); err != nil {
		return Display{}, err
	}
	x = Display{ID: d.ids.Display(), Desk: desk, Name: strings.TrimSpace(name), KeyHash: keyHash}
	err = d.update(func(o *op) error {
		if err := o.checkDisplay(x); err != nil {
			return err
		}
		if was, ok, err := o.displays.First(o.tx, o.byKey, keyHash); err != nil {
			return err
		} else if ok {
			x.ID = was.ID
		}
		if err := o.revoked.Delete(o.tx, keyHash); err != nil { // else its next page would lose it
			return err
		}
		x.PairedAt, x.LastSeen = o.now, o.now
		return o.putDisplay(a, "display.pair", x)
	})
	return x, err
}

// CheckPairing tells what is wrong with a desk and a name before a pairing
// code is used up for them.
func (d *Desk) CheckPairing(a access.Actor, desk id.Desk, name string) error {
	if err := a.Need(access.DisplaysManage); err != nil {
		return err
	}
	return d.view(func(o *op) error { return o.checkDisplay(Display{Desk: desk, Name: strings.TrimSpace(name)}) })
}

func (o *op) checkDisplay(x Display) error {
	var faults []fault.Field
	if problem := checkName(x.Name); problem != "" {
		faults = append(faults, fault.Field{Location: "body.name", Message: problem})
	}
	if _, ok, err := o.places.Get(o.tx, x.Desk); err != nil {
		return err
	} else if !ok {
		faults = append(faults, fault.Field{Location: "body.desk", Message: "is not one of the desks"})
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

func (o *op) putDisplay(a access.Actor, act string, x Display) error {
	if err := o.displays.Put(o.tx, x); err != nil {
		return err
	}
	if err := o.record(a, act, Detail{Display: x.ID, Desk: x.Desk, Name: x.Name}); err != nil {
		return err
	}
	return o.tell(DisplayChanged, Detail{Display: x.ID, Desk: x.Desk})
}

// EditDisplay renames a display or moves it to another desk.
func (d *Desk) EditDisplay(a access.Actor, which id.Display, name string, desk id.Desk) (x Display, err error) {
	if err := a.Need(access.DisplaysManage); err != nil {
		return Display{}, err
	}
	err = d.update(func(o *op) error {
		was, ok, err := o.displays.Get(o.tx, which)
		if err != nil || !ok {
			return cmp.Or(err, error(fault.NotFound("display")))
		}
		x = was
		x.Name, x.Desk = strings.TrimSpace(name), desk
		if err := o.checkDisplay(x); err != nil {
			return err
		}
		return o.putDisplay(a, "display.edit", x)
	})
	return x, err
}

// RevokeDisplay ends a pairing: the display shows a pairing code again.
func (d *Desk) RevokeDisplay(a access.Actor, which id.Display) error {
	if err := a.Need(access.DisplaysManage); err != nil {
		return err
	}
	return d.update(func(o *op) error {
		x, ok, err := o.displays.Get(o.tx, which)
		if err != nil || !ok {
			return cmp.Or(err, error(fault.NotFound("display")))
		}
		if err := o.displays.Delete(o.tx, which); err != nil {
			return err
		}
		if err := o.revoked.Put(o.tx, revokedKey{Hash: x.KeyHash, At: o.now}); err != nil {
			return err
		}
		if err := o.record(a, "display.revoke", Detail{Display: x.ID, Desk: x.Desk, Name: x.Name}); err != nil {
			return err
		}
		return o.tell(DisplayChanged, Detail{Display: x.ID, Desk: x.Desk})
	})
}

// OnShow returns the visits whose code is up, with the desk that shows each.
func (d *Desk) OnShow() (map[id.Visit]id.Desk, error) {
	up := map[id.Visit]id.Desk{}
	return up, d.view(func(o *op) error {
		for s, err := range o.scenes.All(o.tx) {
			if err != nil {
				return err
			}
			if s.Up() {
				up[s.Visit] = s.Desk
			}
		}
		return nil
	})
}

// Screens is the Desk as the displays' hub sees it: it answers from the store
// at every question and keeps nothing but rendered codes.
type Screens struct {
	d     *Desk
	codes *qr.Cache
}

// Screens returns the source that the hub of displays reads from.
func (d *Desk) Screens() *Screens { return &Screens{d: d, codes: qr.NewCache(64)} }

var _ display.Source = (*Screens)(nil)

// Device finds the paired display that holds a key.
func (s *Screens) Device(key string) (dev display.Device, ok bool, err error) {
	err = s.d.view(func(o *op) error {
		x, found, err := o.displays.First(o.tx, o.byKey, display.KeyHash(key))
		dev, ok = display.Device{ID: string(x.ID), Desk: string(x.Desk), Name: x.Name}, found
		return err
	})
	return dev, ok, err
}

// Revoked tells whether the pairing of a key was taken back.
func (s *Screens) Revoked(key string) (gone bool, err error) {
	err = s.d.view(func(o *op) error {
		_, gone, err = o.revoked.Get(o.tx, display.KeyHash(key))
		return err
	})
	return gone, err
}

// Devices finds all paired displays, by the hash of their keys.
func (s *Screens) Devices() (all map[string]display.Device, err error) {
	all = make(map[string]display.Device)
	err = s.d.view(func(o *op) error {
		for x, err := range o.displays.All(o.tx) {
			if err != nil {
				return err
			}
			all[x.KeyHash] = display.Device{ID: string(x.ID), Desk: string(x.Desk), Name: x.Name}
		}
		return nil
	})
	return all, err
}

// Scene returns what a display has to show now.
func (s *Screens) Scene(dev display.Device) (drawn display.Scene, err error) {
	err = s.d.view(func(o *op) error {
		drawn, err = o.draw(id.Desk(dev.Desk), s.codes)
		return err
	})
	return drawn, err
}

// Brand returns the location's look, for displays that aren't paired yet.
func (s *Screens) Brand() (b display.Brand, err error) {
	err = s.d.view(func(o *op) error {
		b, err = o.brand()
		return err
	})
	return b, err
}

// seenEvery keeps the last-seen time from costing a write at every heartbeat.
const seenEvery = 5 * time.Minute

// Seen notes that a display was connected.
func (s *Screens) Seen(device string, at time.Time) {
	var x Display
	err := s.d.view(func(o *op) (err error) {
		x, _, err = o.displays.Get(o.tx, id.Display(device))
		return err
	})
	if err != nil || x.ID == "" || at.Sub(x.LastSeen) < seenEvery {
		return
	}
	// Best effort: a display that can't be noted as seen still shows the truth.
	_ = s.d.update(func(o *op) error {
		x, ok, err := o.displays.Get(o.tx, id.Display(device))
		if err != nil || !ok {
			return err
		}
		x.LastSeen = at
		return o.displays.Put(o.tx, x)
	})
}

// Turned tells the tablets that a display came or went, so that none goes on
// saying that a code is on the glass (R29).
func (s *Screens) Turned(dev display.Device, online bool) {
	state := "offline"
	if online {
		state = "online"
	}
	// Best effort, as Seen.
	_ = s.d.update(func(o *op) error {
		return o.tell(DisplayChanged, Detail{Display: id.Display(dev.ID), Desk: id.Desk(dev.Desk), Name: dev.Name, State: state})
	})
}

// Painted notes that a display has painted a code: the tablet's step "shown"
// (R29). Other scenes are known from what caused them.
func (s *Screens) Painted(p display.Painted) {
	if p.Scene.Kind != "qr" {
		return
	}
	_ = s.d.update(func(o *op) error {
		return o.tell(SceneShown, Detail{Visit: id.Visit(p.Scene.Visit), Desk: id.Desk(p.Device.Desk),
			Display: id.Display(p.Device.ID), Name: p.Device.Name})
	})
}
