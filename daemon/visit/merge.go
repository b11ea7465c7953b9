package visit

import (
	"slices"
	"time"

	"countersign/daemon/id"
)

// Edition is what of a visit can be edited, as it was at one version.
type Edition struct {
	Client   Client    `json:"client"`
	StartsAt time.Time `json:"starts_at"`
	Staff    id.Staff  `json:"staff"`
	Status   Status    `json:"status"`
	Lines    []Line    `json:"lines"`
}

// Edition is the visit as somebody begins to edit it.
func (v Visit) Edition() Edition {
	return Edition{Client: v.Client, StartsAt: v.StartsAt, Staff: v.Staff, Status: v.Status, Lines: tidyLines(v.Lines)}
}

// Fate is what became of a part that somebody else may have changed too.
type Fate string

// The fates of a part. Those that end in Asked hold different wishes, which only a person can
// decide between.
const (
	Kept         Fate = ""              // they didn't touch it
	Taken        Fate = "taken"         // it is now as they made it, or holds what both made of it
	Added        Fate = "added"         // a line that they added
	Asked        Fate = "asked"         // both changed it: it is as I made it
	GoneAsked    Fate = "gone_asked"    // a line that they took off, and I changed: as I made it
	RemovedAsked Fate = "removed_asked" // a line that I took off, and they changed: as they made it
)

// Merged is what two people made of one visit (R4).
type Merged struct {
	Edition
	OfClient, OfStart, OfStaff, OfStatus Fate
	Fates                                []Fate   // of the lines, in order
	Gone                                 []string // the names of lines that they took off, and I left as they were
}

// Merge brings two edits of one visit together: what only one of them changed is as they made it,
// what both changed differently is asked. Nothing of either is lost without a word (R4).
func Merge(base, mine, theirs Edition) Merged {
	m := Merged{Edition: mine}
	m.Client, m.OfClient = mergeClient(base.Client, tidyClient(mine.Client), theirs.Client)
	var clash bool
	m.Staff, clash = three(base.Staff, mine.Staff, theirs.Staff)
	m.OfStaff = fate(base.Staff == theirs.Staff || mine.Staff == theirs.Staff, clash)
	m.Status, clash = three(base.Status, mine.Status, theirs.Status)
	m.OfStatus = fate(base.Status == theirs.Status || mine.Status == theirs.Status, clash)
	at, clash := three(base.StartsAt.Unix(), mine.StartsAt.Unix(), theirs.StartsAt.Unix())
	m.StartsAt = time.Unix(at, 0).In(mine.StartsAt.Location())
	m.OfStart = fate(base.StartsAt.Equal(theirs.StartsAt) || mine.StartsAt.Equal(theirs.StartsAt), clash)
	m.mergeLines(tidyLines(base.Lines), tidyLines(mine.Lines), tidyLines(theirs.Lines))
	return m
}

// three is a value that one of two changed; clash says that both did, differently: mine, then.
func three[T comparable](base, mine, theirs T) (merged T, clash bool) {
	if mine == base {
		return theirs, false
	}
	return mine, theirs != base && theirs != mine
}

func fate(untouched, clash bool) Fate {
	switch {
	case clash:
		return Asked
	case untouched:
		return Kept
	}
	return Taken
}

// mergeClient merges how one client is named and reached; another client is another whole.
func mergeClient(base, mine, theirs Client) (Client, Fate) {
	if theirs == base || theirs == mine || mine == base || base.ID != mine.ID || base.ID != theirs.ID {
		merged, clash := three(base, mine, theirs)
		return merged, fate(theirs == base || theirs == mine, clash)
	}
	merged, clashes := mine, [4]bool{}
	merged.Name, clashes[0] = three(base.Name, mine.Name, theirs.Name)
	merged.Phone, clashes[1] = three(base.Phone, mine.Phone, theirs.Phone)
	merged.Email, clashes[2] = three(base.Email, mine.Email, theirs.Email)
	merged.Language, clashes[3] = three(base.Language, mine.Language, theirs.Language)
	return merged, fate(false, slices.Contains(clashes[:], true))
}

// mergeLines keeps my order; what they added comes last.
func (m *Merged) mergeLines(base, mine, theirs []Line) {
	m.Lines, m.Fates = nil, nil
	put := func(l Line, f Fate) { m.Lines, m.Fates = append(m.Lines, l), append(m.Fates, f) }
	for _, l := range mine {
		b, was := lineOf(base, l.ID)
		t, is := lineOf(theirs, l.ID)
		switch {
		case is && was:
			put(mergeLine(b, l, t))
		case is && l != t: // what it was isn't known, so nothing is known of who changed it
			put(l, Asked)
		case is || !was:
			put(l, Kept)
		case l == b:
			m.Gone = append(m.Gone, l.Name)
		default:
			put(l, GoneAsked)
		}
	}
	for _, t := range theirs {
		if _, have := lineOf(mine, t.ID); have {
			continue
		}
		b, was := lineOf(base, t.ID)
		if !was {
			put(t, Added)
		} else if t != b {
			put(t, RemovedAsked)
		}
	}
}

func mergeLine(base, mine, theirs Line) (Line, Fate) {
	merged, clashes := mine, [5]bool{}
	merged.Name, clashes[0] = three(base.Name, mine.Name, theirs.Name)
	merged.Quantity, clashes[1] = three(base.Quantity, mine.Quantity, theirs.Quantity)
	merged.UnitPrice, clashes[2] = three(base.UnitPrice, mine.UnitPrice, theirs.UnitPrice)
	merged.Discount, clashes[3] = three(base.Discount, mine.Discount, theirs.Discount)
	merged.TaxSystem, clashes[4] = three(base.TaxSystem, mine.TaxSystem, theirs.TaxSystem)
	return merged, fate(theirs == base || theirs == mine, slices.Contains(clashes[:], true))
}

// lineOf finds a line by its id; one that is new has none.
func lineOf(lines []Line, which id.Line) (Line, bool) {
	at := slices.IndexFunc(lines, func(l Line) bool { return which != "" && l.ID == which })
	if at < 0 {
		return Line{}, false
	}
	return lines[at], true
}
