package visit

import (
	"slices"
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
)

// Cover has a membership pay for a line, and returns the visit one version on.
// Like an edit it is refused while a client is paying (R13) and when it was
// based on another version (R4). Whether the card is good for it is the
// caller's to know. A membership covers every service: the catalogue has no
// list of those that it doesn't.
func (v Visit) Cover(line id.Line, by id.Card, version int64, now time.Time) (Visit, error) {
	at, err := v.changeable(line, version, now)
	if err != nil {
		return Visit{}, err
	}
	switch l := v.Lines[at]; {
	case l.Kind != Service:
		return Visit{}, fault.New(fault.Unprocessable, "not_a_service", "A membership pays for services only.")
	case l.CoveredBy != "":
		return Visit{}, fault.New(fault.Conflict, "already_covered", "A membership covers this line already.").With("card", l.CoveredBy)
	case v.Status == StatusCancelled:
		return Visit{}, fault.New(fault.Conflict, "visit_cancelled", "This visit was cancelled, so nothing of it needs to be paid.")
	case v.Due() == 0:
		return Visit{}, fault.New(fault.Conflict, "nothing_due", "There is nothing left to pay.")
	}
	covered := v.clone()
	covered.Lines[at].CoveredBy = by
	return v.became(covered, now), nil
}

// Uncover takes the membership off a line, which costs its price again.
func (v Visit) Uncover(line id.Line, version int64, now time.Time) (Visit, error) {
	at, err := v.changeable(line, version, now)
	if err != nil {
		return Visit{}, err
	}
	if v.Lines[at].CoveredBy == "" {
		return Visit{}, fault.New(fault.Conflict, "not_covered", "No membership covers this line.")
	}
	bare := v.clone()
	bare.Lines[at].CoveredBy = ""
	return v.became(bare, now), nil
}

// changeable finds a line of a visit that may be changed now.
func (v Visit) changeable(line id.Line, version int64, now time.Time) (int, error) {
	if v.Blocked(now) {
		return 0, v.BlockedFault(now)
	}
	at := slices.IndexFunc(v.Lines, func(l Line) bool { return l.ID == line })
	switch {
	case version != v.Version:
		return 0, v.staleFault(version)
	case at < 0:
		return 0, fault.NotFound("line")
	}
	return at, nil
}

// Uses counts what the lines of the visit use of each membership.
func (v Visit) Uses() map[id.Card]int64 {
	uses := map[id.Card]int64{}
	for _, l := range v.Lines {
		if l.CoveredBy != "" {
			uses[l.CoveredBy] += l.Quantity
		}
	}
	return uses
}

// Without returns the visit with nothing covered by some memberships.
func (v Visit) Without(cards []id.Card) Visit {
	v.Lines = slices.Clone(v.Lines)
	for i := range v.Lines {
		if slices.Contains(cards, v.Lines[i].CoveredBy) {
			v.Lines[i].CoveredBy = ""
		}
	}
	return v
}

// keepCovers carries over to edited lines what memberships covered of them: an
// edit neither says it nor loses it. What is no service any more, and all of a
// visit that was cancelled, is given back.
func (v *Visit) keepCovers(was Visit) {
	for i := range v.Lines {
		l := &v.Lines[i]
		l.CoveredBy = ""
		at := slices.IndexFunc(was.Lines, func(b Line) bool { return b.ID == l.ID })
		if at >= 0 && l.Kind == Service && v.Status != StatusCancelled {
			l.CoveredBy = was.Lines[at].CoveredBy
		}
	}
}
