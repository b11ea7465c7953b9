package web

import (
	"context"
	"net/http"
	"reflect"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"countersign/daemon/access"
	"countersign/daemon/fault"
	"countersign/daemon/ledger"
	"countersign/daemon/visit"
	"countersign/web/static"
)

// routes is every address of the daemon.
func (s *server) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(numbered, s.logged, s.caught, headed, s.bounded, s.named, s.ours, middleware.GetHead)
	r.NotFound(s.notFound)
	r.MethodNotAllowed(s.notAllowed)

	r.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk", http.StatusSeeOther) })
	r.Get("/healthz", s.healthy)
	r.Get("/readyz", s.ready)
	r.With(s.atMost(apiRate), s.withSession, s.watching).Get("/metrics", s.meters.ServeHTTP)
	r.Get("/brand.css", s.brandSheet)
	r.Handle(static.Prefix+"*", apart(static.Handler()))
	screens := asSeen(apart(s.d.Hub().Handler()))
	r.Handle("/display", screens)
	r.Handle("/display/*", screens)
	if box := s.d.Sandbox(); box != nil {
		r.Handle("/sandbox/*", apart(box.Handler()))
	}
	r.With(s.atMost(hookRate)).Post("/hooks/{provider}", s.hook)

	r.Group(s.clientRoutes)
	r.Group(s.tabletRoutes)
	r.Group(s.printRoutes)
	s.apiRoutes(r)
	return r
}

// clientRoutes are what a client's phone asks for. Nothing here sets a cookie,
// and no GET changes anything (R9).
func (s *server) clientRoutes(r chi.Router) {
	r.Use(s.atMost(clientRate), s.clientHeaders)
	r.Get("/p/{token}", s.payPage(false))
	r.Get("/s/{token}", s.payPage(true))
	r.Get("/S/{token}", s.payPage(true)) // a code in capitals is coarser
	r.Get("/p/{token}/status", s.payStatus)
	r.Get("/p/{token}/receipt.pdf", s.receiptFile)
	r.Post("/p/{token}/open", s.openLink)
	r.Post("/p/{token}/pay", s.payByForm)
	r.Get("/q/{desk}", s.deskPage)
	r.Get("/Q/{desk}", s.deskPage) // a code in capitals is coarser
	r.Get("/q/{desk}/status", s.deskStatus)
}

// tabletRoutes are the staff's pages, as package page lists them.
func (s *server) tabletRoutes(r chi.Router) {
	r.Use(s.withSession, private)
	r.Get("/desk/signin", s.signInPage)
	r.With(s.atMost(signInRate)).Post("/desk/signin", s.signIn)
	r.Post("/desk/signout", s.signOut)
	r.Get("/desk/ws", s.deskSocket) // answers 401 by itself: a socket can't follow a redirect

	r.Group(func(r chi.Router) {
		r.Use(s.signedIn)
		r.Get("/desk", s.on((*view).home))
		r.Get("/desk/list", s.on((*view).dayList))
		r.Get("/desk/visits/new", s.on((*view).newVisit))
		r.Post("/desk/visits", s.on((*view).create))
		r.Get("/desk/visits/{id}", s.on((*view).visitWindow))
		r.Post("/desk/visits/{id}", s.on((*view).save))
		r.Get("/desk/visits/{id}/edit", s.on((*view).edit))
		r.Post("/desk/visits/{id}/sum", s.on((*view).sum))
		r.Get("/desk/visits/{id}/pay", s.on((*view).payBlock))
		r.Post("/desk/visits/{id}/desk", s.on((*view).pickDesk))
		r.Post("/desk/visits/{id}/show", s.on((*view).showCode))
		r.Post("/desk/visits/{id}/hide", s.on((*view).hideCode))
		r.Post("/desk/visits/{id}/link", s.on((*view).makeLink))
		r.Post("/desk/visits/{id}/cash", s.on(takeByHand(ledger.Cash)))
		r.Post("/desk/visits/{id}/card", s.on(takeByHand(ledger.Card)))
		r.Post("/desk/visits/{id}/loyalty", s.on(takeByHand(ledger.Loyalty)))
		r.Post("/desk/visits/{id}/cashback", s.on(takeByHand(ledger.Cashback)))
		r.Post("/desk/visits/{id}/deposit", s.on(takeByHand(ledger.Deposit)))
		r.Post("/desk/visits/{id}/gift_card", s.on(takeByHand(ledger.GiftCard)))
		r.Post("/desk/visits/{id}/membership", s.on((*view).membership))
		r.Post("/desk/visits/{id}/unblock", s.on((*view).liftBlock))
		r.Get("/desk/visits/{id}/payments/{payment}/refund", s.on((*view).refundForm))
		r.Post("/desk/visits/{id}/payments/{payment}/refund", s.on((*view).giveBack))
		r.Post("/desk/visits/{id}/payments/{payment}/fiscal", s.on((*view).retryFiscal))
		r.Get("/desk/attention", s.on((*view).noticeList))
		r.Post("/desk/visits/{id}/payments/{payment}/receipt", s.on((*view).mailReceipt))
		r.Post("/desk/attention/{id}", s.on((*view).attend))
		r.Get("/desk/reports", s.on((*view).reports))
		r.Get("/desk/reports/before", s.on((*view).compared))
		r.Get("/desk/reports/{cut}.csv", s.on((*view).reportSheet))
		r.Get("/desk/reports/drawer", s.on((*view).drawer))
		r.Get("/desk/reports/drawer/sum", s.on((*view).drawerSum))
		r.Post("/desk/reports/drawer", s.on((*view).closeDay))
		s.setUpRoutes(r)
		s.peopleRoutes(r)
		r.Get("/desk/items", s.on((*view).findItems))
		r.Get("/desk/catalogue", s.on((*view).shelf))
		r.Get("/desk/catalogue/list", s.on((*view).shelfList))
		r.Post("/desk/catalogue/items", s.on((*view).saveItem))
		r.Get("/desk/catalogue/items/{id}/stock", s.on((*view).stockNow))
		r.Post("/desk/catalogue/items/{id}/stock", s.on((*view).moveStock))
		r.Get("/desk/catalogue/taxes", s.on((*view).taxes))
		r.Post("/desk/catalogue/taxes", s.on((*view).saveTax))
		r.Get("/desk/catalogue/file", s.on((*view).filePage))
		r.Post("/desk/catalogue/file", s.on((*view).readItems))
		r.Get("/desk/catalogue/export", s.on((*view).exportItems))
	})
}

// peopleRoutes are the pages of the clients, and of picking one.
func (s *server) peopleRoutes(r chi.Router) {
	r.Get("/desk/clients", s.on((*view).clients))
	r.Get("/desk/clients/list", s.on((*view).clientList))
	r.Get("/desk/clients/offers", s.on((*view).offers))
	r.Get("/desk/clients/who", s.on((*view).whose))
	r.Get("/desk/clients/new", s.on((*view).newClient))
	r.Post("/desk/clients", s.on((*view).saveClient))
	r.Get("/desk/clients/{id}", s.on((*view).clientWindow))
	r.Post("/desk/clients/{id}", s.on((*view).saveClient))
	r.Get("/desk/clients/{id}/edit", s.on((*view).editClient))
	r.Get("/desk/clients/{id}/past", s.on((*view).clientPast))
	r.Post("/desk/clients/{id}/grants", s.on((*view).grant))
	r.Post("/desk/clients/{id}/deposits", s.on((*view).deposit))
}

// setUpRoutes are the pages and forms of Set up.
func (s *server) setUpRoutes(r chi.Router) {
	r.Get("/desk/setup", s.on((*view).setup))
	r.Get("/desk/setup/sandbox", s.on((*view).sandboxBoard))
	r.Get("/desk/setup/displays", s.on((*view).displayRows))
	r.Get("/desk/setup/payments", s.on((*view).companyRows))
	r.Post("/desk/setup/location", s.on((*view).saveLocation))
	r.Post(logoPath, s.on((*view).saveLogo))
	r.Get("/desk/setup/logo.png", s.on((*view).logoPicture))
	r.Post("/desk/setup/payments", s.on((*view).saveCompany))
	r.Post("/desk/setup/payments/{id}/prefer", s.on((*view).preferCompany))
	r.Post("/desk/setup/payments/{id}/try", s.on((*view).tryCompany))
	r.Post("/desk/setup/payments/{id}/remove", s.on((*view).removeCompany))
	r.Post("/desk/setup/desks", s.on((*view).saveDesk))
	r.Post("/desk/setup/desks/{id}/remove", s.on((*view).removeDesk))
	r.Post("/desk/setup/displays/pair", s.on((*view).pairDisplay))
	r.Post("/desk/setup/displays/{id}", s.on((*view).saveDisplay))
	r.Post("/desk/setup/displays/{id}/identify", s.on((*view).identify))
	r.Post("/desk/setup/displays/{id}/revoke", s.on((*view).revoke))
	r.Post("/desk/setup/slides", s.on((*view).addSlide))
	r.Get("/desk/setup/slides/{id}.jpg", s.on((*view).slidePicture))
	r.Post("/desk/setup/slides/{id}", s.on((*view).saveSlide))
	r.Post("/desk/setup/slides/{id}/remove", s.on((*view).removeSlide))
	r.Post("/desk/setup/quiet", s.on((*view).saveQuiet))
	r.Post("/desk/setup/staff", s.on((*view).saveStaff))
	r.Post("/desk/setup/software", s.on((*view).saveReceiver))
	r.Post("/desk/setup/software/{id}/test", s.on((*view).testReceiver))
	r.Post("/desk/setup/software/{id}/again", s.on((*view).sendAgain))
	r.Post("/desk/setup/software/{id}/forget", s.on((*view).forgetFailed))
	r.Post("/desk/setup/software/{id}/secret", s.on((*view).renewReceiver))
	r.Post("/desk/setup/software/{id}/switch", s.on((*view).switchReceiver))
	r.Post("/desk/setup/software/{id}/remove", s.on((*view).removeReceiver))
}

// apiRoutes are the operations for programs. What describes them is public.
func (s *server) apiRoutes(r chi.Router) {
	var a *api
	r.Group(func(r chi.Router) {
		r.Use(s.atMost(apiRate), s.withSession, s.identified)
		a = s.newAPI(r)
		s.visitRoutes(a)
		s.deskRoutes(a)
		s.listRoutes(a)
		s.catalogueRoutes(a)
		s.reportRoutes(a)
	})
	r.Get(apiBase+"/openapi.json", s.openAPI(a))
	r.Get(apiBase+"/docs", s.docsPage(a))
	r.Get(apiBase+"/docs.css", docsSheet)
}

func (s *server) visitRoutes(a *api) {
	handle(a, route{"GET", "/visits", "list-visits", "List visits of a day, or search them.", access.VisitsView, 0}, s.listVisits)
	handle(a, route{"POST", "/visits", "create-visit", "Create a visit, or update the one with this external id.", access.VisitsEdit, 201}, s.createVisit)
	handle(a, route{"POST", batchPath, "create-visits", "Create or update up to a thousand visits, each with its own outcome.", access.VisitsEdit, 0}, s.createVisits(a.shapeOf(reflect.TypeFor[visitInput]())))
	handle(a, route{"GET", "/visits/{id}/cards", "list-cards", "List the gift cards and memberships that a visit issued.", access.TakePayments, 0}, s.listCards)
	handle(a, route{"GET", "/visits/{id}", "get-visit", "Get a visit.", access.VisitsView, 0}, s.getVisit)
	handle(a, route{"PATCH", "/visits/{id}", "edit-visit", "Edit a visit, based on a version.", access.VisitsEdit, 0}, s.editVisit)
	handle(a, route{"POST", "/visits/{id}/payments", "take-payment", "Record money taken at the desk.", access.TakePayments, 201}, s.takePayment)
	handle(a, route{"POST", "/visits/{id}/lines/{line}/membership", "use-membership", "Have a membership pay for a service.", access.TakePayments, 0}, s.useMembership)
	handle(a, route{"DELETE", "/visits/{id}/lines/{line}/membership", "release-membership", "Take a membership off a line; its uses are given back.", access.TakePayments, 0}, s.releaseMembership)
	handle(a, route{"GET", "/visits/{id}/deliveries", "list-deliveries", "List the messages about a visit, and how far they are.", access.VisitsView, 0}, s.listDeliveries)
	handle(a, route{"POST", "/visits/{id}/unblock", "unblock-visit", "Lift the block early; an open checkout is cancelled first.", access.OnlinePayments, 0}, s.unblockVisit)
	handle(a, route{"GET", "/visits/{id}/link", "get-link", "Get the visit's one payment link.", access.OnlinePayments, 0}, s.getLink)
	handle(a, route{"GET", "/visits/{id}/qr.svg", "link-svg", "Get the link as a QR code.", access.OnlinePayments, 0}, s.linkSVG)
	handle(a, route{"GET", "/visits/{id}/qr.png", "link-png", "Get the link as a QR code in pixels.", access.OnlinePayments, 0}, s.linkPNG)
	handle(a, route{"POST", "/visits/{id}/link/show", "show-link", "Show the code at a desk; answers when it is painted, or after 2 s.", access.OnlinePayments, 0}, s.showLink)
}

func (s *server) deskRoutes(a *api) {
	handle(a, route{"GET", "/desks", "list-desks", "List the desks.", access.VisitsView, 0}, s.listDesks)
	handle(a, route{"DELETE", "/desks/{desk}/scene", "hide-scene", "Clear a desk's displays.", access.OnlinePayments, 204}, s.hideScene)
	handle(a, route{"GET", "/displays", "list-displays", "List the displays, and what they show.", access.VisitsView, 0}, s.listDisplays)
	handle(a, route{"POST", "/displays/pair", "pair-display", "Approve a display by the code that it shows.", access.DisplaysManage, 201}, s.pairDisplay)
	handle(a, route{"DELETE", "/displays/{id}", "revoke-display", "Revoke a display.", access.DisplaysManage, 204}, s.revokeDisplay)
}

func (s *server) listRoutes(a *api) {
	handle(a, route{"GET", "/payments", "list-payments", "List the ledger: payments and refunds.", "", 0}, s.listPayments)
	handle(a, route{"POST", "/payments/{id}/refunds", "refund-payment", "Give a payment back, whole or in part.", access.Refunds, 201}, s.refundPayment)
	handle(a, route{"POST", "/payments/{id}/fiscal/retry", "retry-fiscal", "Have the fiscal device asked again for a receipt that it refused.", access.TakePayments, 0}, s.retryReceipt)
	handle(a, route{"POST", "/payments/{id}/receipt", "send-receipt", "Send the receipt of a payment to its client.", access.VisitsEdit, 0}, s.sendReceipt)
	handle(a, route{"GET", "/clients", "list-clients", "List the clients, or search them.", access.VisitsView, 0}, s.listClients)
	handle(a, route{"POST", "/clients", "create-client", "Add a client.", access.VisitsEdit, 201}, s.createClient)
	handle(a, route{"GET", "/clients/{id}", "get-client", "Get a client, and what they hold.", access.VisitsView, 0}, s.getClient)
	handle(a, route{"PATCH", "/clients/{id}", "edit-client", "Edit a client, based on a version.", access.VisitsEdit, 0}, s.editClient)
	handle(a, route{"POST", "/clients/{id}/grants", "grant-balance", "Give points or cashback, or take them off.", access.TakePayments, 201}, s.grantBalance)
	handle(a, route{"POST", "/clients/{id}/deposits", "take-deposit", "Take money in advance.", access.TakePayments, 201}, s.takeDeposit)
	handle(a, route{"GET", "/attention", "list-attention", "List what a person has to deal with.", access.VisitsView, 0}, s.listAttention)
	handle(a, route{"POST", "/attention/{id}/accept", "accept-attention", "Leave it as it was booked.", access.TakePayments, 204}, s.acceptAttention)
	handle(a, route{"POST", "/attention/{id}/refund", "refund-attention", "Give back all that is left of its payment.", access.Refunds, 201}, s.refundAttention)
	handle(a, route{"POST", "/attention/{id}/refund-made", "refund-made", "Say that a refund that is unclear was made.", access.Refunds, 204}, s.refundMade)
	handle(a, route{"POST", "/attention/{id}/refund-not-made", "refund-not-made", "Say that a refund that is unclear was not made.", access.Refunds, 204}, s.refundNotMade)
	handle(a, route{"POST", "/attention/{id}/release-card", "release-card", "Let a card be used again that is held since its money went back.", access.Refunds, 204}, s.releaseCard)
	handle(a, route{"POST", "/attention/{id}/assign", "assign-attention", "Say whose payment it was.", access.TakePayments, 204}, s.assignAttention)
	handle(a, route{"GET", "/events", "list-events", "Follow what happens, in order.", access.VisitsView, 0}, s.listEvents)
	handle(a, route{"GET", "/staff", "list-staff", "List the staff.", access.VisitsView, 0}, s.listStaff)
	handle(a, route{"POST", "/staff", "create-staff", "Add a staff member.", access.StaffManage, 201}, s.createStaff)
	handle(a, route{"PATCH", "/staff/{id}", "edit-staff", "Change a staff member: name, role, PIN, or whether they still work here.", access.StaffManage, 0}, s.editStaff)
}

func (s *server) reportRoutes(a *api) {
	handle(a, route{"GET", "/reports", "get-report", "Get the sums of the payments and refunds of some days.", access.Reports, 0}, s.getReport)
	handle(a, route{"GET", "/reports.csv", "get-report-file", "Get them, or each payment and refund, for a spreadsheet.", access.Reports, 0}, s.getReportFile)
	handle(a, route{"GET", "/day-closes", "list-day-closes", "List the counts of the cash drawer, and what should be in it now.", access.Reports, 0}, s.listDayCloses)
	handle(a, route{"POST", "/day-closes", "close-day", "Keep a count of the cash drawer.", access.Reports, 201}, s.closeDrawer)
}

func (s *server) catalogueRoutes(a *api) {
	for _, of := range []itemRoute{
		{visit.Service, "/services", "service", "services"}, {visit.Product, "/products", "product", "products"},
		{visit.Membership, "/memberships", "membership", "memberships"}, {visit.GiftCard, "/gift-cards", "gift card", "gift cards"},
	} {
		handle(a, route{"GET", of.path, "list-" + of.path[1:], "List the " + of.many + ", or search them.", access.VisitsView, 0}, s.listItems(of))
		handle(a, route{"POST", of.path, "create-" + slugOf(of.one), "Add a " + of.one + ".", access.CatalogEdit, 201}, s.createItem(of))
		handle(a, route{"GET", of.path + "/{id}", "get-" + slugOf(of.one), "Get a " + of.one + ".", access.VisitsView, 0}, s.getItem(of))
		handle(a, route{"PATCH", of.path + "/{id}", "edit-" + slugOf(of.one), "Edit a " + of.one + ", based on a version.", access.CatalogEdit, 0}, s.editItem(of))
	}
	handle(a, route{"GET", "/products/{id}/stock", "list-movements", "List what came and went of a product, newest first.", access.VisitsView, 0}, s.listMovements)
	handle(a, route{"POST", "/products/{id}/stock", "move-stock", "Enter pieces of a product that came or went.", access.CatalogEdit, 201}, s.moveStock)
	handle(a, route{"GET", "/tax-systems", "list-tax-systems", "List the tax systems.", access.VisitsView, 0}, s.listTaxSystems)
	handle(a, route{"POST", "/tax-systems", "create-tax-system", "Add a tax system.", access.CatalogEdit, 201}, s.createTaxSystem)
	handle(a, route{"GET", "/tax-systems/{id}", "get-tax-system", "Get a tax system.", access.VisitsView, 0}, s.getTaxSystem)
	handle(a, route{"PATCH", "/tax-systems/{id}", "edit-tax-system", "Edit a tax system, based on a version.", access.CatalogEdit, 0}, s.editTaxSystem)
	handle(a, route{"GET", "/catalogue.csv", "export-catalogue", "Get the whole catalogue as CSV.", access.CatalogEdit, 0}, s.exportCatalogue)
	handle(a, route{"POST", importPath, "import-catalogue", "Make the catalogue what a CSV file says: all of it, or nothing.", access.CatalogEdit, 0}, s.importCatalogue)
}

// apart hides our router's bookkeeping from a handler that may be a router
// itself: it would count our part of the path as its own.
func apart(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), chi.RouteCtxKey, nil)))
	})
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	s.sorry(w, r, fault.New(fault.Missing, "not_found", "There is nothing at this address."))
}

func (s *server) notAllowed(w http.ResponseWriter, r *http.Request) {
	s.sorry(w, r, &problem{status: http.StatusMethodNotAllowed, title: http.StatusText(http.StatusMethodNotAllowed),
		code: "method_not_allowed", detail: "This address can't be asked in this way."})
}
