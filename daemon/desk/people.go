package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/id"
)

// Staff is a person who signs in on a tablet.
type Staff struct {
	ID      id.Staff    `json:"id"`
	Name    string      `json:"name"`
	Role    access.Role `json:"role"`
	PINHash string      `json:"pin_hash"`
	// PINs counts the PINs that this person has had: a session that was opened
	// by an earlier one is over.
	PINs   int64 `json:"pins"`
	Active bool  `json:"active"`
}

// StaffDraft is what a staff member is made or changed from. An empty PIN
// keeps the present one.
type StaffDraft struct {
	ID     id.Staff
	Name   string
	Role   access.Role
	PIN    string
	Active bool
}

// pinCost is OWASP's smallest argon2id setting: a PIN is short, so guessing is
// held off by the limiter, and a reception's computer has little memory.
func pinCost() *argon2id.Params {
	return &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

var pinShape = regexp.MustCompile(`^[0-9]{4,8}$`)

// StaffList lists the staff by name, also those who left.
func (d *Desk) StaffList() (list []Staff, err error) {
	err = d.view(func(o *op) error {
		for s, err := range o.staff.All(o.tx) {
			if err != nil {
				return err
			}
			list = append(list, s)
		}
		slices.SortStableFunc(list, func(a, b Staff) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
		return nil
	})
	return list, err
}

// SaveStaff adds or changes a staff member.
func (d *Desk) SaveStaff(a access.Actor, draft StaffDraft) (s Staff, err error) {
	if err := a.Need(access.StaffManage); err != nil {
		return Staff{}, err
	}
	draft.Name = strings.TrimSpace(draft.Name)
	if err := checkStaff(draft); err != nil {
		return Staff{}, err
	}
	hash := ""
	if draft.PIN != "" {
		// Hashing takes tens of milliseconds: before the transaction, not in it.
		if hash, err = argon2id.CreateHash(draft.PIN, pinCost()); err != nil {
			return Staff{}, err
		}
	}
	err = d.update(func(o *op) error {
		s, err = o.saveStaff(a, draft, hash)
		return err
	})
	return s, err
}

func checkStaff(draft StaffDraft) error {
	var faults []fault.Field
	if problem := checkName(draft.Name); problem != "" {
		faults = append(faults, fault.Field{Location: "body.name", Message: problem})
	}
	if len(draft.Role.Rights()) == 0 {
		faults = append(faults, fault.Field{Location: "body.role", Message: "is not one of the roles"})
	}
	if !pinShape.MatchString(draft.PIN) && (draft.PIN != "" || draft.ID == "") {
		faults = append(faults, fault.Field{Location: "body.pin", Message: "must be 4 to 8 digits"})
	}
	if len(faults) > 0 {
		return fault.Invalid(faults...)
	}
	return nil
}

func (o *op) saveStaff(a access.Actor, draft StaffDraft, hash string) (Staff, error) {
	s := Staff{ID: draft.ID, Name: draft.Name, Role: draft.Role, PINHash: hash, Active: draft.Active}
	if s.ID == "" {
		s.ID = o.d.ids.Staff()
	} else {
		was, ok, err := o.staff.Get(o.tx, s.ID)
		if err != nil {
			return Staff{}, err
		}
		if !ok {
			return Staff{}, fault.NotFound("staff")
		}
		s.PINs = was.PINs
		if hash == "" {
			s.PINHash = was.PINHash
		}
	}
	if hash != "" {
		s.PINs++
	}
	if err := o.keepAnAdministrator(s); err != nil {
		return Staff{}, err
	}
	if err := o.staff.Put(o.tx, s); err != nil {
		return Staff{}, err
	}
	return s, o.record(a, "staff.save", map[string]any{"staff": s.ID, "role": s.Role, "active": s.Active, "pin": hash != ""})
}

// keepAnAdministrator refuses a change after which nobody could undo it.
func (o *op) keepAnAdministrator(s Staff) error {
	if s.Active && s.Role.Rights().Has(access.StaffManage) {
		return nil
	}
	before, after := 0, 0
	for other, err := range o.staff.All(o.tx) {
		if err != nil {
			return err
		}
		if other.Active && other.Role.Rights().Has(access.StaffManage) {
			before++
			if other.ID != s.ID {
				after++
			}
		}
	}
	if before > 0 && after == 0 {
		return fault.Invalid(fault.Field{Location: "body.role", Message: "somebody must stay administrator"})
	}
	return nil
}

// tokenRecord is a program's token; only its hash is kept.
type tokenRecord struct {
	Hash    string        `json:"hash"`
	Name    string        `json:"name"`
	Rights  access.Rights `json:"rights"`
	Created time.Time     `json:"created"`
	Expires time.Time     `json:"expires"`
}

// tokenID names a token wherever people read of it; the secret can't be had from it.
func tokenID(t tokenRecord) string { return t.Hash[:12] }

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// CreateToken makes a token for a program and returns its secret, which can't
// be had again. expires 0 means never.
func (d *Desk) CreateToken(a access.Actor, name string, rights access.Rights, expires time.Duration) (string, error) {
	if err := a.Need(access.StaffManage); err != nil {
		return "", err
	}
	if problem := checkName(name); problem != "" {
		return "", fault.Invalid(fault.Field{Location: "name", Message: problem})
	}
	secret := "cs_" + d.ids.Secret()
	return secret, d.update(func(o *op) error {
		t := tokenRecord{Hash: hashOf(secret), Name: name, Rights: rights, Created: o.now}
		if expires > 0 {
			t.Expires = o.now.Add(expires)
		}
		if err := o.tokens.Put(o.tx, t); err != nil {
			return err
		}
		return o.record(a, "token.create", map[string]any{"token": tokenID(t), "name": name, "rights": rights})
	})
}

// TokenActor returns the program that a secret belongs to.
func (d *Desk) TokenActor(secret string) (a access.Actor, err error) {
	err = d.view(func(o *op) error {
		t, ok, err := o.tokens.Get(o.tx, hashOf(secret))
		if err != nil {
			return err
		}
		if !ok || !t.Expires.IsZero() && o.now.After(t.Expires) {
			return fault.New(fault.Unauthenticated, "unauthenticated", "This token is not known or has expired.")
		}
		a = access.Actor{Name: t.Name, Token: tokenID(t), Rights: t.Rights}
		return nil
	})
	return a, err
}

// sessionRecord is a signed-in browser's session.
type sessionRecord struct {
	Hash   string    `json:"hash"`
	Data   []byte    `json:"data"`
	Expiry time.Time `json:"expiry"`
}

// FindSession returns the data of a session, false if there is none or it has expired.
func (d *Desk) FindSession(token string) (data []byte, ok bool, err error) {
	err = d.view(func(o *op) error {
		s, found, err := o.sessions.Get(o.tx, hashOf(token))
		data, ok = s.Data, found && o.now.Before(s.Expiry)
		return err
	})
	return data, ok, err
}

// SaveSession keeps a session's data until expiry, and drops those that are over.
func (d *Desk) SaveSession(token string, data []byte, expiry time.Time) error {
	return d.update(func(o *op) error {
		var over []string
		for s, err := range o.sessions.All(o.tx) {
			if err != nil {
				return err
			}
			if o.now.After(s.Expiry) {
				over = append(over, s.Hash)
			}
		}
		for _, hash := range over {
			if err := o.sessions.Delete(o.tx, hash); err != nil {
				return err
			}
		}
		return o.sessions.Put(o.tx, sessionRecord{Hash: hashOf(token), Data: data, Expiry: expiry})
	})
}

// DeleteSession forgets a session.
func (d *Desk) DeleteSession(token string) error {
	return d.update(func(o *op) error { return o.sessions.Delete(o.tx, hashOf(token)) })
}
