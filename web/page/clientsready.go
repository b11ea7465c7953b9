package page

// What the clients' templates ask of their structs beyond the fields.

// Nothing says that no client is open.
func (c Clients) Nothing() bool { return c.Client == nil && c.Form == nil }

// Size is a class that makes room for large amounts.
func (b Balance) Size() string { return size(b.Amount) }

// Button is the type of the buttons that choose: without script they send the form.
func (o Offers) Button() string {
	if o.Plain {
		return "submit"
	}
	return "button"
}

// Who is the part of the form that says whose visit it is.
func (f VisitForm) Who() Who {
	return Who{Client: f.Client, Errors: f.Errors, Focus: f.ID == "" && f.Client.ID == ""}
}
