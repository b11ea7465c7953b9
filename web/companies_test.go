package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/provider"
	"countersign/daemon/provider/adyen"
	"countersign/daemon/provider/adyen/adyentest"
	"countersign/daemon/visit"
	"countersign/web/page"
)

const (
	adyenKey  = "AQE_a_key_of_forty_characters_or_so_1234"
	adyenHMAC = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
)

// withAdyen opens a salon that can set up Adyen, played by its stand-in.
func withAdyen(t *testing.T) (*salon, *adyentest.Server) {
	t.Helper()
	company := adyentest.New(adyentest.Options{Key: adyenKey, Account: "LumenECOM", HMAC: adyenHMAC})
	server := httptest.NewServer(company.Handler())
	t.Cleanup(server.Close)
	kind := daemon.Kind{Name: "adyen", Title: "Adyen", Webhooks: true, NeedsHook: true,
		Fields: []provider.Field{{Name: "key", Secret: true}, {Name: "account"}, {Name: "hmac", Secret: true}, {Name: "prefix", Optional: true}},
		Open: func(v map[string]string, hc *http.Client) daemon.Checked {
			return adyen.New(adyen.Config{Key: v["key"], Account: v["account"], HMAC: v["hmac"], Prefix: v["prefix"], Base: server.URL + "/v71", HTTP: hc})
		}}
	return openAs(t, func(cfg *daemon.Config) { cfg.Kinds = []daemon.Kind{kind} }), company
}

func (s *salon) keys(c *http.Client, id, act, key, account string) answer {
	return s.post(c, "/desk/setup/payments", "kind", "adyen", "id", id, "act", act, "field_key", key, "field_account", account, "field_hmac", adyenHMAC, "field_prefix", "")
}

// R34: staff try keys, set a provider up, and see that it works; what is
// secret is on no page, in no answer and in no log afterwards.
func TestR34SetUpAProviderOnTheTablet(t *testing.T) {
	s, company := withAdyen(t)
	c := s.tablet(access.Administrator)
	const section = "/desk/setup?section=payments"
	see := func(what string, with ...string) {
		t.Helper()
		got := s.do(c, http.MethodGet, section, "", "Accept", "text/html")
		got.wants(t, what, http.StatusOK, with...)
		for _, secret := range []string{adyenKey, adyenHMAC} {
			if strings.Contains(got.text, secret) {
				t.Errorf("%s: a secret is on the page", what)
			}
		}
	}
	see("at first", `data-company="sandbox"`, `data-test="add-company" data-kind="adyen"`, "New payments go here")
	s.do(c, http.MethodGet, section+"&open=adyen", "", "Accept", "text/html").wants(t, "the form", http.StatusOK, `type="password"`, `name="field_key"`, `data-test="deaf"`)
	s.keys(c, "", "try", "wrong", "LumenECOM").wants(t, "a wrong key", http.StatusUnprocessableEntity, `data-test="said"`, `value="LumenECOM"`)
	if got := s.keys(c, "", "try", "wrong", "LumenECOM"); strings.Contains(got.text, `data-test="problem"`) {
		t.Error("it says in its own words what the provider says better")
	}
	s.keys(c, "", "save", adyenKey, "").wants(t, "nothing typed", http.StatusUnprocessableEntity, `class="wrong"`)
	see("after refusals", "New payments go here")
	s.keys(c, "", "try", adyenKey, "LumenECOM").wants(t, "tried", http.StatusOK, `data-kind="tried"`, "LumenECOM")
	s.keys(c, "", "save", adyenKey, "LumenECOM").wants(t, "saved", http.StatusSeeOther)
	s.await("it is read", func() bool {
		return strings.Contains(s.do(c, http.MethodGet, section, "", "Accept", "text/html").text, "Read at")
	})
	see("set up", `data-company="adyen-test"`, `data-test="preferred"`, "1234")
	s.post(c, "/desk/setup/payments/adyen-test/try").wants(t, "tried again", http.StatusSeeOther)
	company.SetFaults(adyentest.Faults{NoRole: true})
	s.post(c, "/desk/setup/payments/adyen-test/try").wants(t, "a role was taken away", http.StatusUnprocessableEntity, `data-test="said"`)
	company.SetFaults(adyentest.Faults{})
	s.post(c, "/desk/setup/payments/adyen-test/remove").wants(t, "still in use", http.StatusConflict, `data-test="problem"`)
	s.post(c, "/desk/setup/payments/sandbox/prefer").wants(t, "back to the sandbox", http.StatusSeeOther)
	s.post(c, "/desk/setup/payments/adyen-test/remove").wants(t, "removed", http.StatusSeeOther)
	s.post(c, "/desk/setup/payments/nobody/try").wants(t, "nobody", http.StatusNotFound)
	if log := s.log.String(); strings.Contains(log, adyenKey) || strings.Contains(log, adyenHMAC) {
		t.Error("a secret is in the log")
	}
}

// R35: every page of the tablet says when a provider isn't read, since when.
func TestR35TroubleIsOnEveryPage(t *testing.T) {
	s, _ := withAdyen(t)
	c := s.tablet(access.Administrator)
	s.keys(c, "", "save", adyenKey, "LumenECOM").wants(t, "saved", http.StatusSeeOther)
	s.post(c, "/desk/setup/payments/sandbox/prefer").wants(t, "the sandbox", http.StatusSeeOther)
	for _, at := range []string{"/desk", "/desk/setup"} {
		if strings.Contains(s.do(c, http.MethodGet, at, "", "Accept", "text/html").text, `data-test="sync"`) {
			t.Errorf("%s tells of trouble that isn't there", at)
		}
	}
	s.d.Desk().SetProvider("adyen-test", nil) // as after a restart without its keys
	for _, at := range []string{"/desk", "/desk/setup"} {
		s.do(c, http.MethodGet, at, "", "Accept", "text/html").wants(t, at, http.StatusOK, `data-test="sync" data-kind="keys"`, "Adyen (Test)")
	}
	_, err := s.d.Desk().SetUp(access.System(), desk.Account{Name: "adyen", Kind: "adyen", Live: true, Holder: "LumenECOM"})
	s.must(err)
	if got := s.do(c, http.MethodGet, "/desk", "", "Accept", "text/html").text; strings.Count(got, `data-test="sync"`) != 1 || strings.Contains(got, "Adyen (Test)") {
		t.Error("a company that is away is told twice")
	}
}

// Every provider that there is an adapter of can be set up: its form has words
// for all that is asked, in both languages, and refuses nonsense unasked.
func TestR34EveryKindHasAForm(t *testing.T) {
	s := open(t)
	c := s.tablet(access.Administrator)
	kinds := s.d.Kinds()
	if len(kinds) < 3 {
		t.Fatalf("%d kinds", len(kinds))
	}
	for _, k := range kinds {
		for _, lang := range []string{"en", "de"} {
			with := []string{k.Title}
			if key := "company_how." + k.Name; page.Text(lang, key) == key {
				t.Errorf("web/page/%s.toml doesn't say where the keys are found: %s", lang, key)
			}
			for _, f := range k.Fields {
				if key := "company_field." + f.Name; page.Text(lang, key) == key {
					t.Errorf("web/page/%s.toml has no label: %s", lang, key)
				}
				with = append(with, `name="field_`+f.Name+`"`)
			}
			s.do(c, http.MethodGet, "/desk/setup?section=payments&open="+k.Name, "", "Accept", "text/html", "Accept-Language", lang).wants(t, k.Name+" "+lang, http.StatusOK, with...)
		}
		s.post(c, "/desk/setup/payments", "kind", k.Name, "act", "save").wants(t, k.Name+" with nothing typed", http.StatusUnprocessableEntity, `class="wrong"`)
	}
}

// R37: Set up says whose links the codes carry, once the provider's are wanted.
func TestR37SetUpSaysWhoseLinks(t *testing.T) {
	const section = "/desk/setup?section=payments"
	s := open(t)
	if got := s.do(s.tablet(access.Administrator), http.MethodGet, section, "", "Accept", "text/html"); strings.Contains(got.text, `data-kind="links_`) {
		t.Error("it talks of links that nobody asked for")
	}
}

// R37: a provider that hosts no links is said to, and the daemon's address is used.
func TestR37ProviderWithoutLinks(t *testing.T) {
	s := openAs(t, func(cfg *daemon.Config) { cfg.ProviderLinks = true })
	c := s.tablet(access.Administrator)
	s.do(c, http.MethodGet, "/desk/setup?section=payments", "", "Accept", "text/html").wants(t, "Set up", http.StatusOK, `data-kind="links_not_hosted"`, "Sandbox hosts none")
	v, _, err := s.d.Desk().CreateVisit(access.System(), visit.Draft{}, desk.Key{})
	s.must(err)
	l, err := s.d.Desk().Link(access.System(), v.ID)
	s.must(err)
	if !strings.HasPrefix(l.URL, s.base) {
		t.Errorf("the link is %s", l.URL)
	}
}

// R34, R23: keys of somebody else's account take the place of those that are there
// only once that was said to be meant, since refunds would fail; and while clients
// are still sent to a test account, Set up says so.
func TestR34KeysOfAnotherAccount(t *testing.T) {
	s, _ := withAdyen(t)
	c := s.tablet(access.Administrator)
	_, err := s.d.Desk().SetUp(access.System(), desk.Account{Name: "adyen-test", Kind: "adyen", Holder: "OtherECOM"})
	s.must(err)
	holder := func() string {
		all, _, err := s.d.Desk().Accounts()
		s.must(err)
		return all[0].Holder
	}
	s.keys(c, "", "save", adyenKey, "LumenECOM").wants(t, "another's", http.StatusOK, `data-kind="another"`, "OtherECOM", `name="another" value="LumenECOM"`)
	if got := holder(); got != "OtherECOM" {
		t.Errorf("unasked, the account is now %s", got)
	}
	s.post(c, "/desk/setup/payments", "kind", "adyen", "act", "save", "another", "LumenECOM", "field_key", adyenKey, "field_account", "LumenECOM", "field_hmac", adyenHMAC).
		wants(t, "meant", http.StatusSeeOther)
	if got := holder(); got != "LumenECOM" {
		t.Errorf("asked for, the account is still %s", got)
	}
	s.keys(c, "", "save", adyenKey, "LumenECOM").wants(t, "the same account", http.StatusSeeOther)
	_, err = s.d.Desk().SetUp(access.System(), desk.Account{Name: "adyen", Kind: "adyen", Live: true, Holder: "LumenECOM"})
	s.must(err)
	s.must(s.d.Desk().Prefer(access.System(), "adyen-test"))
	s.do(c, http.MethodGet, "/desk/setup?section=payments&open=adyen", "", "Accept", "text/html").wants(t, "keys of the live account", http.StatusOK, `name="id" value="adyen"`)
	s.do(c, http.MethodGet, "/desk/setup?section=payments&open=new-adyen", "", "Accept", "text/html").wants(t, "a new one beside it", http.StatusOK, `name="id" value=""`, `name="field_key"`)
	s.do(c, http.MethodGet, "/desk/setup?section=payments", "", "Accept", "text/html").wants(t, "rehearsing", http.StatusOK, `data-kind="rehearsing"`)
}
