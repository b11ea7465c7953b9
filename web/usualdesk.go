package web

import (
	"net/http"
	"slices"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/fault"
	"countersign/daemon/id"
)

// deskCookie is the desk that was chosen at a tablet last, or that it showed a
// code at: it usually stands there, whoever is signed in.
const deskCookie = "countersign_desk"

// keptFor is how long a tablet remembers, in seconds; no browser keeps longer.
const keptFor = 400 * 24 * 3600

// keepDesk has the tablet remember a desk.
func (v *view) keepDesk(at id.Desk) {
	http.SetCookie(v.w, &http.Cookie{Name: deskCookie, Value: string(at), Path: "/desk", MaxAge: keptFor,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: encrypted(v.r)})
}

// usualDesk is the desk that this tablet remembers; "" for none. It may be gone:
// then nothing is chosen.
func (v *view) usualDesk() id.Desk {
	kept, err := v.r.Cookie(deskCookie)
	if err != nil {
		return ""
	}
	return id.Desk(kept.Value)
}

// pickDesk serves POST /desk/visits/{id}/desk: where this tablet stands. It is
// remembered at once, for the visits to come (R29).
func (v *view) pickDesk() error {
	if err := v.a.Need(access.OnlinePayments); err != nil {
		return err
	}
	at := id.Desk(v.form("desk"))
	if !slices.ContainsFunc(v.placesOf(), func(p desk.Place) bool { return p.ID == at }) {
		return v.refused(fault.Invalid(fault.Field{Location: "body.desk", Message: "is not one of the desks"}))
	}
	v.keepDesk(at)
	return v.paid(http.StatusOK, nil)
}
