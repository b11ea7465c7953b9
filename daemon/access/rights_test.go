package access_test

import (
	"errors"
	"strings"
	"testing"

	"countersign/daemon/access"
	"countersign/daemon/fault"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// R38: the ten rights by name; tokens in the field are made of these words.
func TestR38Rights(t *testing.T) {
	const want = "visits.view,visits.edit,finance.take_payments,finance.online_payments,finance.refunds," +
		"finance.reports,catalog.edit,displays.manage,settings.manage,staff.manage"
	if got := access.All().String(); got != want {
		t.Errorf("got %s", got)
	}
}

func TestR38ParseRights(t *testing.T) {
	got, err := access.ParseRights(" finance.online_payments, visits.edit,visits.edit")
	want := access.Rights{access.VisitsEdit, access.OnlinePayments}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, %s", err, diff)
	}
	for _, bad := range []string{"", ",", "visits", "visits.edit,", "VISITS.EDIT", "visits.edit;visits.view"} {
		if got, err := access.ParseRights(bad); !errors.Is(err, access.ErrRight) {
			t.Errorf("ParseRights(%q) = %v, %v", bad, got, err)
		}
	}
}

func TestR38ParseRightsReadsString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rights := access.Rights(rapid.SliceOfNDistinct(rapid.SampledFrom(access.All()), 1, -1, rapid.ID[access.Right]).Draw(t, "rights"))
		got, err := access.ParseRights(rights.String())
		if err != nil || len(got) != len(rights) {
			t.Fatalf("%v, %v", got, err)
		}
		for _, r := range access.All() {
			if got.Has(r) != rights.Has(r) {
				t.Fatalf("%s is in one only", r)
			}
		}
	})
}

// R38: what each role may do, one line a role.
func TestR38Roles(t *testing.T) {
	want := map[access.Role]string{
		access.Administrator: access.All().String(),
		access.Manager:       strings.TrimSuffix(access.All().String(), ",settings.manage,staff.manage"),
		access.Receptionist:  "visits.view,visits.edit,finance.take_payments,finance.online_payments",
		access.Finance:       "visits.view,finance.take_payments,finance.refunds,finance.reports",
		access.Viewer:        "visits.view",
		"owner":              "",
	}
	for role, rights := range want {
		if got := role.Rights().String(); got != rights {
			t.Errorf("%s may %s", role, got)
		}
	}
	for _, role := range access.Roles() {
		if want[role] == "" {
			t.Errorf("%s is not looked at here", role)
		}
	}
}

// R38: a refusal names the right that is missing.
func TestR38NeedNamesTheRight(t *testing.T) {
	a := access.Actor{Name: "Vera", Rights: access.Viewer.Rights()}
	if err := a.Need(access.VisitsView); err != nil {
		t.Error(err)
	}
	err := a.Need(access.Refunds)
	f := fault.From(err)
	if f.Kind != fault.Forbidden || f.Code != "forbidden" || !strings.Contains(f.Text, "finance.refunds") {
		t.Errorf("got %+v", f)
	}
	if (access.Actor{}).Need(access.VisitsView) == nil {
		t.Error("nobody may look")
	}
	for _, r := range access.All() {
		if err := access.System().Need(r); err != nil {
			t.Errorf("the daemon itself: %v", err)
		}
	}
}

// What a caller does to a set it was given must not widen a role.
func TestR38RightsAreCopies(t *testing.T) {
	r := access.Viewer.Rights()
	r[0] = access.StaffManage
	if access.Viewer.Rights().Has(access.StaffManage) || access.All()[0] != access.VisitsView {
		t.Error("a role changed")
	}
}
