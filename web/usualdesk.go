package web

import (
	"net/http"

	"countersign/daemon/id"
)

// deskCookie is the desk that a tablet showed a code at last: it usually
// stands there, whoever is signed in.
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
