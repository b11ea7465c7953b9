// Package page draws what people see in a browser, apart from the reception
// display: the staff's tablet and the client's phone. One struct and one template
// a page; the structs hold ready data (amounts and times already written in the
// reader's language), so that a page is a plain function of its struct.
//
//	page.go      Render, the templates, their functions
//	catalogue.go the texts: en.toml, de.toml
//	brand.go     /brand.css from the location's colour
//	tablet.go    SignIn, Desk, List      visit.go  Visit
//	visitform.go VisitForm, what others changed
//	payblock.go  PayBlock                setup.go  Setup
//	shelf.go     Shelf, the catalogue    shelfready.go  what its templates ask
//	clients.go   Clients, Who            clientsready.go  what their templates ask
//	reports.go   Reports, Drawer
//	phone.go     what a client sees
//
// # Addresses the templates use
//
// A form posts form-urlencoded. With the header HX-Request: true the answer is the
// fragment named here, otherwise 303 to the page. A fragment that reports a problem
// has its true status (409, 412, 422, 429): those are swapped in as well; 401 answers
// HX-Redirect: /desk/signin. Anything else is shown as a notice by desk.js.
//
//	GET  /desk/signin?staff=&next=         SignIn (no staff: names; staff: PIN pad)
//	POST /desk/signin                      staff, pin, next → 303 next or /desk; else SignIn with Problem (401, 429)
//	POST /desk/signout                     → 303 /desk/signin
//	GET  /desk?date=&q=&visit=&client=     Desk (visit=new: with the form of a new one, of that client)
//	GET  /desk/list?date=&q=&visit=        List           into #list (outer)
//	GET  /desk/attention?visit=            Notices        into #notices (inner), with the bell of the rail; after attention.raised
//	POST /desk/attention/{id}              act (accept, assign, refund), to, day → Notices; without script 303 /desk?date=&visit=
//	GET  /desk/visits/new?date=            VisitForm      into #visit (outer)
//	POST /desk/visits                      visit fields → Visit, HX-Push-Url: /desk?date=&visit=; 422 VisitForm
//	GET  /desk/visits/{id}?tab=&desk=      Visit          into #visit (outer), its payment block on that tab
//	GET  /desk/visits/{id}/edit            VisitForm      into #visit (outer)
//	POST /desk/visits/{id}                 version, visit fields → Visit; 412, 409, 422 VisitForm
//	POST /desk/visits/{id}/sum             the lines of the fields of a visit (id: new, before it is saved) → FormSum, into .form-sum (inner)
//	GET  /desk/visits/{id}/pay?tab=&desk=  PayBlock       into #pay (outer)
//	POST /desk/visits/{id}/desk            desk: where this tablet stands → PayBlock
//	POST /desk/visits/{id}/show            desk, replace=1 → PayBlock (409 with Busy)
//	POST /desk/visits/{id}/hide            desk → PayBlock
//	POST /desk/visits/{id}/link            the provider makes its link → PayBlock
//	POST /desk/visits/{id}/cash            amount, key → PayBlock, HX-Trigger: desk:visit, desk:list
//	POST /desk/visits/{id}/card            amount, key → the same
//	POST /desk/visits/{id}/payments/{payment}/fiscal  → Visit: its fiscal receipt is tried again
//	POST /desk/visits/{id}/membership      line, card (an id or a code), version, key, act (use, release) → Visit; 409, 412, 422 Visit with Problem
//	POST /desk/visits/{id}/unblock         → PayBlock, HX-Trigger: desk:visit
//	POST /desk/attention/{id}              act (accept, assign, refund, release), to, day → 303 Desk; 4xx Desk with Problem
//	POST /desk/visits/{id}/payments/{payment}/receipt  key, again=1 → Visit into #visit (outer); 409, 422 with Problem
//	GET  /desk/items?q=&kind=              Found          into #found (outer)
//	GET  /desk/clients?q=&cursor=          Clients
//	GET  /desk/clients/list?q=&open=       ClientList     into #client-list (outer); with cursor= ClientRows, in the place of "Show more"
//	GET  /desk/clients/new?q=              Clients with a Form
//	POST /desk/clients                     key, name, phone, email, language, note
//	GET  /desk/clients/{id}?q=&more=       Client         into #client (outer)
//	POST /desk/clients/{id}                version, and the same fields
//	GET  /desk/clients/{id}/edit           Clients with a Form
//	GET  /desk/clients/{id}/past?more=     ClientPast     into #client-past (outer), after desk:list
//	POST /desk/clients/{id}/grants         key, method (loyalty, cashback), act (give, take_off), amount, reason
//	POST /desk/clients/{id}/deposits       key, method (cash, card), amount
//	                                       each POST → 303 /desk/clients/{id}?saved=1 or ?booked=<payment>; 4xx Clients with what is wrong
//	GET  /desk/clients/offers?client_name=&client_phone=  Offers  into #offers (outer)
//	GET  /desk/clients/who?client=         Who            into #who (outer); without client, untied
//	GET  /desk/catalogue?kind=&q=&item=&more=  Shelf (item=new: with the form of a new one)
//	GET  /desk/catalogue/list?kind=&q=&item=  ShelfList   into #shelf-list (outer)
//	POST /desk/catalogue/items             id ("" new), kind, version or key, name, sku, price, min, max, value, uses, days, tax_system, active=1
//	GET  /desk/catalogue/items/{id}/stock?more=  Stock    into #on-hand (outer), with the history beside it; after stock.changed
//	POST /desk/catalogue/items/{id}/stock  reason, quantity, note, key, seen (what the page showed, for a count)
//	GET  /desk/catalogue/taxes?open=       Shelf with Taxes
//	POST /desk/catalogue/taxes             id ("" new), version, name, rate, active=1
//	GET  /desk/catalogue/file              Shelf with File
//	POST /desk/catalogue/file              multipart: file → Shelf with a Trial; then sure=1, name, data
//	GET  /desk/catalogue/export            the catalogue as CSV
//	GET  /desk/reports?period=&from=&to=&by=&cursor=  Reports (period: today, yesterday, week, month, last_month, own)
//	GET  /desk/reports/before?period=&from=&to=&by=   Compared       into itself (outer), once the report is there
//	GET  /desk/reports/{cut}.csv?period=&from=&to=&by=  payments, days, methods, registers, kinds, tax_systems, staff as CSV
//	GET  /desk/reports/drawer              Drawer
//	GET  /desk/reports/drawer/sum?opening=&counted=&taken=  DrawerSum  into #drawer-sum (outer)
//	POST /desk/reports/drawer              key, number, seq (of the drawer as shown), opening, counted, taken, note → 303 Drawer; 409, 422 Drawer
//	                                       each POST → 303, or 4xx Shelf with Problem
//	GET  /desk/setup?section=&open=        Setup (location, payments, desks, displays, slides, staff, software)
//	GET  /desk/setup?section=desks&print=&template=&paper=&language=  Setup with a sheet to print
//	POST /desk/setup/location              name, currency, zone, country, language, colour, public_url, show_names=1, show_services=1, sells_short=1, receipts=1, sound=1
//	GET  /desk/setup/sandbox               → 303 the sandbox's own dashboard
//	POST /desk/setup/desks                 id ("" new), name
//	POST /desk/setup/desks/{id}/remove
//	POST /desk/setup/displays/pair         code, desk, name
//	POST /desk/setup/displays/{id}         name, desk
//	POST /desk/setup/displays/{id}/identify
//	POST /desk/setup/displays/{id}/revoke
//	POST /desk/setup/slides                multipart: file
//	GET  /desk/setup/slides/{id}.jpg       the picture
//	POST /desk/setup/slides/{id}           seconds, move (up, down or "")
//	POST /desk/setup/slides/{id}/remove
//	POST /desk/setup/quiet                 quiet_from, quiet_until
//	POST /desk/setup/staff                 id, name, role, pin, active=1
//	POST /desk/setup/software              id ("" new), url, types… → a new one: Setup with its secret, this once
//	POST /desk/setup/software/{id}/test, /again (message; none: all that failed), /forget, /switch (on=1), /remove
//	POST /desk/setup/software/{id}/secret  → Setup with the new secret, this once
//	                                       each → 303 /desk/setup?section=…&saved=1; 4xx Setup with Problem
//	GET  /desk/setup/displays              Displays       into #displays (outer), after display.changed
//	GET  /brand.css                        BrandCSS
//	POST /p/{token}/pay                    → 303 to the provider
//	POST /p/{token}/open                   → {"redirect": …}
//	GET  /p/{token}/status                 → {"state": …}
//	GET  /p/{token}/receipt.pdf            what the receipt says, to keep; 404 before there is one
//	GET  /q/{desk}/status                  → {"url": ""} or the address of the visit now shown
//
// POST …/show, …/hide, …/cash, …/card and …/unblock carry tab as well, so that the
// answer stays on it. Setup's forms of an entry open with open=<id> or open=new.
//
// The pages live with "default-src 'none'; script-src, style-src, font-src, img-src,
// connect-src 'self'". On a phone's pages form-action must let the provider's address
// through: browsers hold it against the redirect that answers POST /p/{token}/pay too.
//
// The fields of a visit: client_id (the client it is tied to, "" for none), client_name, client_phone, client_email, client_language,
// date (2026-11-22), time (10:30), staff, status, confirm (as often as needed: an
// item's id, "=" and a price outside its range that is meant, in minor units),
// accept_short (the same with a number of pieces that aren't there), base (what the visit
// was when it was opened, as it came), asked (as often as needed: a part that two changed:
// client, starts_at, staff, status or a line's id) with pick.<part> (mine, theirs, drop),
// removed (a line that is asked about, and was taken off here), look, browse or
// add (without script: search for q, list a kind, add an item), seek, tie or untie
// (without script: look for known clients, tie the visit to one, untie it), and, once for each
// line and in order, line_id, line_kind, line_ref, line_name, line_quantity, line_price,
// line_discount, line_tax.
//
// # Marks for browser tests
//
// data-test: staff, pin, key, sign-in, problem, date, search, new-visit, row, chip,
// visit, edit, save, cancel, add-line, line, remove-line, total, paid, due, pay, tab,
// amount, show-qr, hide, copy-link, desk, steps, step, lift-block, lift-confirm,
// show-anyway, take-cash, take-card, notice, attention, offline, pair-form,
// pair-code, pair-button, display, identify, revoke, revoke-confirm, save-location,
// pay-button, continue-button, state, over, section, desk-row, add-desk, new-desk,
// pair-name, pair-desk, staff-row, add-staff, save-staff, item-row, add-item,
// save-item, item-name, item-sku, item-price, kind, taxes, file, pieces, stock,
// on-hand, reason, quantity, note, move, stock-move, older, tax-row, add-tax,
// tax-name, tax-rate, save-tax, export, file-field, try, trial, tally, file-row,
// another, import, find-line, browse, use-membership, release-membership,
// membership-code, use-code, release-card, refund-made, refund-not-made,
// sum, ask, theirs, pick, country, client-row, more-clients, add-client,
// add-found, client, client-form, client-name, client-phone, client-email, client-note,
// save-client, edit-client, visit-of, balance, grant, grant-amount, grant-reason,
// grant-do, deposit, deposit-amount, deposit-do, client-visit, client-payment,
// client-sum, balance-change, open-client, who, tied, untie, offer, send-receipt, sent, save-receipt. A row, a step and a chip carry their kind in
// data-kind, the phone's main element its state in data-state.
package page
