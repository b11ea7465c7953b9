package visit

import (
	"slices"
	"strings"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/money"
)

// Draft is a visit as it arrives, from a tablet or from the booking system (R5).
type Draft struct {
	ExternalID string         `json:"external_id"`
	Client     Client         `json:"client"`
	StartsAt   time.Time      `json:"starts_at"` // zero: now, a walk-in
	Staff      id.Staff       `json:"staff"`
	Status     Status         `json:"status"` // "": booked
	Lines      []Line         `json:"lines"`
	Currency   money.Currency `json:"currency"` // "": the location's
	// AcceptShort is somebody's word that products may be sold which aren't on hand.
	AcceptShort bool `json:"accept_out_of_stock"`
}

// Patch is an edit: what is nil stays. Lines are always the whole list.
type Patch struct {
	Client   *Client    `json:"client"`
	StartsAt *time.Time `json:"starts_at"` // a zero time stays, too
	Staff    *id.Staff  `json:"staff"`
	Status   *Status    `json:"status"`
	Lines    *[]Line    `json:"lines"`

	AcceptShort bool `json:"accept_out_of_stock"` // as in a Draft
	// SomeoneElse says that a Client without an id is not the one that the visit had, however
	// alike they are.
	SomeoneElse bool `json:"-"`
}

// The names of the fields that a patch can change, as a stale edit is told of them.
const (
	fieldClient   = "client"
	fieldStartsAt = "starts_at"
	fieldStaff    = "staff"
	fieldStatus   = "status"
	fieldLines    = "lines"
)

// New makes a visit of a draft, or says everything that is wrong with it. The code is random: who
// wants it unique within the day replaces it. Token and link are the caller's to give, and so is the
// id of a client who is known.
func New(d Draft, ids *id.Source, now time.Time, cur money.Currency) (Visit, error) {
	if d.StartsAt.IsZero() {
		d.StartsAt = now
	}
	if d.Status == "" {
		d.Status = Booked
	}
	v := Visit{
		ID: ids.Visit(), ExternalID: d.ExternalID, Version: 1, Code: ids.ShortCode(),
		Client: tidyClient(d.Client), StartsAt: d.StartsAt.Truncate(time.Second), Staff: d.Staff, Status: d.Status,
		Lines: tidyLines(d.Lines), Currency: cur, LinkState: LinkNone,
		CreatedAt: now, UpdatedAt: now, Touched: map[string]int64{},
	}
	if err := check(v, d.Currency); err != nil {
		return Visit{}, err
	}
	v.Lines = withIDs(v.Lines, nil, ids)
	return v, nil
}

// Patch is the draft as an edit of the visit that came before under the same external id (R5).
func (d Draft) Patch() Patch {
	p := Patch{Client: &d.Client, Staff: &d.Staff, Lines: &d.Lines, AcceptShort: d.AcceptShort}
	if !d.StartsAt.IsZero() {
		p.StartsAt = &d.StartsAt
	}
	if d.Status != "" {
		p.Status = &d.Status
	}
	return p
}

// Edit returns the visit as the patch makes it, one version on. It is refused while a client is
// paying (R13: whatever it was based on, waiting is what helps) and when it was based on another
// version (R4). Payments are not touched: a total below what was paid is overpaid.
func (v Visit) Edit(p Patch, version int64, now time.Time, ids *id.Source) (Visit, error) {
	if v.Blocked(now) {
		return Visit{}, v.BlockedFault(now)
	}
	if version != v.Version {
		return Visit{}, v.staleFault(version)
	}
	edited := v.with(p)
	if err := check(edited, v.Currency); err != nil {
		return Visit{}, err
	}
	edited.Lines = withIDs(v.renewed(edited.Lines), v.Lines, ids)
	edited.keepCovers(v)
	if err := edited.keepsIssued(v.Lines); err != nil {
		return Visit{}, err
	}
	return v.became(edited, now), nil
}

// became is what the visit was made of, one version on.
func (v Visit) became(edited Visit, now time.Time) Visit {
	edited.Version++
	edited.UpdatedAt = now
	for _, field := range v.differing(edited) {
		edited.Touched[field] = edited.Version
	}
	return edited
}

// Differs names the fields that the patch would change: none, and there is nothing to save. Lines
// without ids count as the same if only their ids are missing (R5).
func (v Visit) Differs(p Patch) []string {
	next := v.with(p)
	for i := range min(len(next.Lines), len(v.Lines)) {
		if next.Lines[i].ID == "" {
			next.Lines[i].ID = v.Lines[i].ID
		}
	}
	next.keepCovers(v)
	return v.differing(next)
}

// with applies a patch to a copy. A client without an id is the same client, corrected, unless the
// patch says otherwise.
func (v Visit) with(p Patch) Visit {
	v = v.clone()
	if p.Client != nil {
		was := v.Client.ID
		v.Client = tidyClient(*p.Client)
		if v.Client.ID == "" && v.Client != (Client{}) && !p.SomeoneElse {
			v.Client.ID = was
		}
	}
	if p.StartsAt != nil && !p.StartsAt.IsZero() {
		v.StartsAt = p.StartsAt.Truncate(time.Second)
	}
	if p.Staff != nil {
		v.Staff = *p.Staff
	}
	if p.Status != nil {
		v.Status = *p.Status
	}
	if p.Lines != nil {
		v.Lines = tidyLines(*p.Lines)
	}
	return v
}

func (v Visit) differing(w Visit) []string {
	fields := []string{}
	for _, f := range []struct {
		name string
		same bool
	}{
		{fieldClient, v.Client == w.Client},
		{fieldStartsAt, v.StartsAt.Equal(w.StartsAt)},
		{fieldStaff, v.Staff == w.Staff},
		{fieldStatus, v.Status == w.Status},
		{fieldLines, slices.Equal(v.Lines, w.Lines)},
	} {
		if !f.same {
			fields = append(fields, f.name)
		}
	}
	return fields
}

func (v Visit) staleFault(base int64) *fault.Error {
	changed := []string{}
	for _, field := range []string{fieldClient, fieldStartsAt, fieldStaff, fieldStatus, fieldLines} {
		if v.Touched[field] > base {
			changed = append(changed, field)
		}
	}
	return fault.New(fault.Stale, "version_mismatch",
		"Somebody else changed this visit meanwhile. Look at it again before saving.").
		With("version", v.Version).With("changed", changed)
}

// tidyClient takes off the spaces that typing and pasting leave at the ends. Only spaces: a line
// break is refused with the other control characters, not mended.
func tidyClient(c Client) Client {
	for _, s := range []*string{&c.Name, &c.Phone, &c.Email, &c.Language} {
		*s = strings.Trim(*s, " ")
	}
	return c
}

func tidyLines(lines []Line) []Line {
	lines = append([]Line{}, lines...)
	for i := range lines {
		l := &lines[i]
		l.CoveredBy = "" // nobody makes a line free by saying so: see keepCovers
		l.Name = strings.Trim(l.Name, " ")
		if l.TaxSystem = strings.Trim(l.TaxSystem, " "); l.TaxSystem == "" {
			l.TaxSystem = DefaultTaxSystem
		}
	}
	return lines
}
