// Package access says who may do what (R38), and slows down those who guess (R39).
package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"countersign/daemon/fault"
	"countersign/daemon/id"
)

// Right is one thing that somebody may do.
type Right string

// The rights of R38, as they are written in the API and on the command line.
const (
	VisitsView     Right = "visits.view"
	VisitsEdit     Right = "visits.edit"
	TakePayments   Right = "finance.take_payments"
	OnlinePayments Right = "finance.online_payments"
	Refunds        Right = "finance.refunds"
	Reports        Right = "finance.reports"
	CatalogEdit    Right = "catalog.edit"
	DisplaysManage Right = "displays.manage"
	SettingsManage Right = "settings.manage"
	StaffManage    Right = "staff.manage"
)

// Rights is a set of rights, in the order of R38 when it comes from this package.
type Rights []Right

// ErrRight says that a right, or a list of them, is not one of ours.
var ErrRight = errors.New("not a right")

// All returns every right there is.
func All() Rights {
	return Rights{VisitsView, VisitsEdit, TakePayments, OnlinePayments, Refunds, Reports,
		CatalogEdit, DisplaysManage, SettingsManage, StaffManage}
}

// Has reports whether the set holds the right.
func (r Rights) Has(right Right) bool { return slices.Contains(r, right) }

// String lists the rights as ParseRights reads them.
func (r Rights) String() string {
	names := make([]string, len(r))
	for i, right := range r {
		names[i] = string(right)
	}
	return strings.Join(names, ",")
}

// ParseRights reads "visits.edit,finance.refunds". A word that is no right is an error: a token
// made with a misspelt right would be found out at the reception.
func ParseRights(list string) (Rights, error) {
	wanted := map[Right]bool{}
	for word := range strings.SplitSeq(list, ",") {
		right := Right(strings.TrimSpace(word))
		if !All().Has(right) {
			return nil, fmt.Errorf("%w: %q (there are %s)", ErrRight, right, All())
		}
		wanted[right] = true
	}
	return slices.DeleteFunc(All(), func(r Right) bool { return !wanted[r] }), nil
}

// Role is a name for the rights of a kind of staff.
type Role string

// The roles. A role's rights are fixed here, so that what a role may do is read in one place.
const (
	Administrator Role = "administrator"
	Manager       Role = "manager"
	Receptionist  Role = "receptionist"
	Finance       Role = "finance"
	Viewer        Role = "viewer"
)

// Roles returns every role, the most powerful first.
func Roles() []Role { return []Role{Administrator, Manager, Receptionist, Finance, Viewer} }

// Rights are the rights of a role; an unknown role has none.
func (r Role) Rights() Rights {
	switch r {
	case Administrator:
		return All()
	case Manager:
		return Rights{VisitsView, VisitsEdit, TakePayments, OnlinePayments, Refunds, Reports,
			CatalogEdit, DisplaysManage}
	case Receptionist:
		return Rights{VisitsView, VisitsEdit, TakePayments, OnlinePayments}
	case Finance:
		return Rights{VisitsView, TakePayments, Refunds, Reports}
	case Viewer:
		return Rights{VisitsView}
	}
	return nil
}

// Actor is who does something: a staff member at a device, a program by its token, or the daemon
// itself. It goes into the audit log as it is (R38).
type Actor struct {
	Staff  id.Staff `json:"staff"`
	Name   string   `json:"name"`
	Token  string   `json:"token"` // names the API token, never its secret
	Device string   `json:"device"`
	Rights Rights   `json:"rights"`
}

// System is the daemon acting by itself, on a provider's word or a timer.
func System() Actor { return Actor{Name: "system", Rights: All()} }

// Need refuses, naming the right that is missing, unless the actor has it.
func (a Actor) Need(right Right) error {
	if a.Rights.Has(right) {
		return nil
	}
	return fault.New(fault.Forbidden, "forbidden", "This needs the right "+string(right)+".").
		With("right", string(right))
}
