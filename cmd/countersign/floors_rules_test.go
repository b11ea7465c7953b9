package main

// floor is one row of the house's table in DESIGN.md: a package (or, with a *
// for a name or the beginning of one, each that has such a path and no row of
// its own), the floor it stands on, and the one job that is the reason for its
// place.
type floor struct {
	pkg  string
	on   int
	job  string
	pure bool
}

// house is DESIGN.md's table. A package that isn't listed has no floor: decide
// where it stands, write it into DESIGN.md, then here.
func house() []floor {
	return []floor{
		{pkg: "cmd/countersign", on: 6, job: "commands, flags, wiring"},
		{pkg: "cmd/countersign/*", on: 6, job: "programs for measuring and building"},
		{pkg: "web", on: 5, job: "HTTP: routes, sessions, the tablet, the client's page, the API, hooks"},
		{pkg: "web/metrics", on: 5, job: "numbers for whoever watches over the daemon"},
		{pkg: "web/page", on: 5, job: "one struct and one template a page"},
		{pkg: "web/static", on: 5, job: "embedded files with hashed addresses"},
		{pkg: "daemon", on: 4, job: "starts desk, confirmations and jobs in order, stops them in reverse"},
		{pkg: "daemon/confirm", on: 3, job: "provider events coming in"},
		{pkg: "daemon/relay", on: 3, job: "jobs going out"},
		{pkg: "daemon/desk", on: 2, job: "the operations, one store transaction each"},
		{pkg: "daemon/visit", on: 1, job: "rules of visits and checkouts", pure: true},
		{pkg: "daemon/ledger", on: 1, job: "rules of double entry", pure: true},
		{pkg: "daemon/stock", on: 1, job: "rules of stock", pure: true},
		{pkg: "daemon/catalogue", on: 1, job: "rules of what is sold", pure: true},
		{pkg: "daemon/client", on: 1, job: "rules of clients", pure: true},
		{pkg: "daemon/report", on: 1, job: "sums over payments", pure: true},
		{pkg: "daemon/access", on: 1, job: "rules of rights", pure: true},
		{pkg: "daemon/provider", on: 1, job: "the port to payment providers", pure: true},
		{pkg: "daemon/provider/*", on: 1, job: "one payment provider"},
		{pkg: "daemon/provider/outcall", on: 1, job: "HTTP calls of providers, and what failures mean for the money"},
		{pkg: "daemon/provider/providertest", on: 1, job: "the suite that adapters pass, and what stand-ins share"},
		{pkg: "daemon/provider/keyless", on: 1, job: "refunds at providers that take no key with them"},
		{pkg: "daemon/provider/newest", on: 1, job: "events of providers that list the newest first"},
		{pkg: "daemon/provider/hosted", on: 1, job: "what is asked of a hosted page"},
		{pkg: "daemon/provider/signed", on: 1, job: "signatures over a webhook's time and body"},
		{pkg: "daemon/provider/units", on: 0, job: "amounts as providers count them", pure: true},
		{pkg: "daemon/provider/*/*api", on: 1, job: "calls of a company in its own words"},
		{pkg: "daemon/provider/*/*says", on: 1, job: "what a company's words mean"},
		{pkg: "daemon/provider/*/*test", on: 1, job: "a company, played for tests"},
		{pkg: "daemon/fiscal", on: 1, job: "the port to fiscal devices", pure: true},
		{pkg: "daemon/fiscal/*", on: 1, job: "one fiscal device"},
		{pkg: "daemon/notify", on: 1, job: "the port to messengers", pure: true},
		{pkg: "daemon/notify/*", on: 1, job: "one messenger"},
		{pkg: "daemon/webhook", on: 1, job: "signatures of messages to other software, and the addresses they may go to"},
		{pkg: "daemon/vault", on: 0, job: "secrets of providers, where others can't read them"},
		{pkg: "display", on: 1, job: "scenes, hub, pairing, presence, socket; knows no visit"},
		{pkg: "display/qr", on: 0, job: "text to modules to SVG and PNG"},
		{pkg: "display/sheet", on: 0, job: "printable sheets"},
		{pkg: "display/slide", on: 0, job: "uploaded pictures made fit to show"},
		{pkg: "store", on: 0, job: "typed collections on bbolt; knows no visit"},
		{pkg: "store/storetest", on: 0, job: "a store for tests, checked after each"},
		{pkg: "daemon/money", on: 0, job: "amounts in minor units", pure: true},
		{pkg: "daemon/id", on: 0, job: "typed ids and tokens", pure: true},
		{pkg: "daemon/fault", on: 0, job: "kinds of failure", pure: true},
	}
}

// corridors are the imports within a floor that the table means by a folder
// and its parts: a family's own parts, adapters their port, and rules that
// speak of a visit's lines.
func corridors() map[string][]string {
	shared := []string{"daemon/provider", "daemon/provider/outcall", "daemon/provider/keyless", "daemon/provider/newest",
		"daemon/provider/hosted", "daemon/provider/signed"}
	return map[string][]string{
		"web":                     {"web/page", "web/static", "web/metrics"},
		"web/page":                {"web/static"},
		"cmd/countersign":         {"cmd/countersign/*"},
		"daemon/provider/outcall": {"daemon/provider"},
		"daemon/provider/keyless": {"daemon/provider"},
		"daemon/provider/newest":  {"daemon/provider"},
		"daemon/provider/hosted":  {"daemon/provider"},
		"daemon/provider/signed":  {"daemon/provider"},
		// a provider may register receipts as well; its parts are its own, by the rule of adapters
		"daemon/provider/*":            append(shared, "daemon/fiscal", "daemon/provider/*/*api", "daemon/provider/*/*says"),
		"daemon/provider/*/*test":      {"daemon/provider/providertest"},
		"daemon/provider/providertest": {"daemon/provider"},
		"daemon/provider/*/*api":       shared,
		"daemon/provider/*/*says":      shared,
		"daemon/fiscal/*":              {"daemon/fiscal"},
		"daemon/notify/*":              {"daemon/notify"},
		"display/sheet":                {"display/qr"},
		"store/storetest":              {"store"},
		"daemon/catalogue":             {"daemon/visit"},
		"daemon/report":                {"daemon/visit"},
		"daemon/client":                {"daemon/visit"},
	}
}

// arrows are the arrows of DESIGN.md's picture, folder to folder. The program
// in cmd wires everything, and opens the store of a daemon that is stopped.
func arrows() map[string][]string {
	return map[string][]string{
		"cmd":     {"cmd", "web", "daemon", "display", "store"},
		"web":     {"web", "daemon", "display"},
		"daemon":  {"daemon", "display", "store"},
		"display": {"display"},
		"store":   {"store"},
	}
}

// owned are the outside packages that carry one job of the house, and the
// packages that may import them. Tests may too where inTests says so.
type owned struct {
	module  string
	by      []string
	inTests bool
	why     string
}

func ownership() []owned {
	return []owned{
		{"go.etcd.io/bbolt", []string{"store"}, true, "only store knows the file, so that its rules and checks can't be gone around"},
		{"github.com/coder/websocket", []string{"display", "web"}, true, "sockets are opened in two places, where origin, limits and deadlines are looked after"},
		{"github.com/go-chi/chi/v5", []string{"web", "display"}, false, "routes are read in one list"},
		{"github.com/yeqown/go-qrcode", []string{"display/qr"}, false, "the mode must always be set: its automatic one can make a corrupt code"},
		{"github.com/kardianos/service", []string{"cmd/countersign"}, false, "only the command line is an OS service"},
		{"github.com/lxzan/gws", []string{"tests"}, true, "the displays' hub is measured against it"},
		{"github.com/gorilla/websocket", []string{"tests"}, true, "the displays' hub is measured against it"},
		{"github.com/getkin/kin-openapi", []string{"daemon/provider/providertest/contracttest"}, true, "vendors' descriptions are held against in tests alone"},
		{"github.com/stripe/stripe-go/v85", []string{"daemon/provider/stripe", "daemon/provider/stripe/stripeapi", "daemon/provider/stripe/stripesays"}, false, "a vendor's library stays in its adapter"},
		{"github.com/standard-webhooks/standard-webhooks/libraries", []string{"tests"}, true, "our signatures are held against the specification's own library in tests alone"},
		{"github.com/stripe/stripe-mock", []string{"tests"}, true, "vendors' descriptions are held against in tests alone"},
		{"github.com/prometheus", []string{"web/metrics"}, false, "there is one registry, and what is named in it is read in one place"},
		{"github.com/alecthomas/kong", []string{"cmd/countersign"}, false, "only the command line has flags"},
	}
}

// impure are the imports that a pure package goes without.
func impure() map[string]string {
	return map[string]string{
		"net":                          "no network",
		"os":                           "no files and no environment",
		"io/ioutil":                    "no files",
		"syscall":                      "no system",
		"log":                          "no logger",
		"github.com/rs/zerolog":        "no logger",
		"math/rand":                    "randomness comes from the injected reader",
		"countersign/store":            "no file: the rules are decided on values",
		"database/sql":                 "no file",
		"github.com/coder/websocket":   "no network",
		"github.com/fsnotify/fsnotify": "no files",
	}
}

// clock are the functions of package time that read or wait for the clock.
func clock() map[string]bool {
	return map[string]bool{
		"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true,
		"AfterFunc": true, "Tick": true, "NewTimer": true, "NewTicker": true,
	}
}

// onlyNames lets a pure package import something for a few names alone.
func onlyNames() map[string]map[string][]string {
	return map[string]map[string][]string{
		// The port says what a webhook is: its headers and its body.
		"daemon/provider": {"net/http": {"Header"}},
		"daemon/notify":   {"net/http": {"Header"}},
	}
}

// topLevel is what the owner keeps at the top of the repository.
func topLevel() []string {
	return []string{"cmd", "daemon", "display", "web", "store", "packaging", "go.mod", "go.sum", "Makefile", "README.md"}
}

const (
	longestFile     = 350
	longestAdapter  = 500 // without what it shares, comments and blank lines
	longestFunction = 60
)
