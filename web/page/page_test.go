package page

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
)

var update = flag.Bool("update", false, "write the goldens anew")

func draw(t *testing.T, lang string, p Page) string {
	t.Helper()
	var out bytes.Buffer
	if err := Render(&out, lang, p); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The addresses of static files change with every byte of a style sheet; the goldens
// are about the pages.
var hashed = regexp.MustCompile(`/static/[0-9a-f]{12}/`)

func TestEveryStateOfEveryPageLooksAsBefore(t *testing.T) {
	for _, f := range fixtures() {
		for _, lang := range Languages() {
			got := hashed.ReplaceAllString(draw(t, lang, f.page), "/static/-/")
			file := filepath.Join("testdata", f.name+"."+lang+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (go test ./web/page -update writes it anew):\n%s", file, diff)
			}
		}
	}
}

// A Content-Security-Policy without 'unsafe-inline' ignores what these would find.
func TestNoPageCarriesScriptOrStyle(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script(?:\s+(?:defer|async))*>|\shx-on|hx-vals=["']js:`)
	for _, f := range fixtures() {
		if found := inline.FindString(draw(t, "en", f.page)); found != "" {
			t.Errorf("%s has %q", f.name, found)
		}
	}
}

// A query that a template puts together has its & and = escaped, and asks for nothing.
func TestNoAddressIsEscapedTwice(t *testing.T) {
	for _, f := range fixtures() {
		if page := strings.ToLower(draw(t, "en", f.page)); strings.Contains(page, "%3d") || strings.Contains(page, "%26") {
			t.Errorf("%s has an address that is escaped twice", f.name)
		}
	}
}

// R7: without the right the payment block is not there at all.
func TestR7WithoutTheRightThereIsNoPaymentBlock(t *testing.T) {
	v := openVisit()
	v.Pay = nil
	if got := draw(t, "en", v); strings.Contains(got, `id="pay"`) || strings.Contains(got, "copy-link") {
		t.Error("the payment block is drawn for someone who has no right to it")
	}
	v.Pay = &PayBlock{Visit: "v_3", CanTake: true, Due: "€25.00", Link: "https://pay.example.com/p/secret"}
	if got := draw(t, "en", v); strings.Contains(got, "show-qr") || strings.Contains(got, "/p/secret") {
		t.Error("someone who takes cash only is shown the link")
	}
}

// R11: a link that was paid offers nothing to pay it again with.
func TestR11CompletedLinkOffersNoWayToPayByLink(t *testing.T) {
	b := payBlock()
	b.Completed = true
	if got := draw(t, "en", b); strings.Contains(got, "show-qr") || strings.Contains(got, "copy-link") {
		t.Error("a completed link is still offered")
	}
	if got := draw(t, "en", PhoneReceipt{Amount: "€25.00"}); strings.Contains(got, "<form") {
		t.Error("the receipt has a form")
	}
}

// R29: the tablet says that a code is on screen only once a display has painted it.
func TestR29OnScreenIsSaidOnlyWhenPainted(t *testing.T) {
	b := payBlock()
	b.Shown = &DeskChoice{ID: "front", Name: "Reception 1"}
	if got := draw(t, "en", b); strings.Contains(got, "On screen at") {
		t.Error("said to be on screen before it was painted")
	}
	b.Shown.Painted = true
	if got := draw(t, "en", b); !strings.Contains(got, "On screen at Reception 1") {
		t.Error("not said to be on screen though painted")
	}
}

// R9: the page as sent has no script at all; only the scanned one goes on by itself.
func TestR9SentPageHasOneButtonAndNoScript(t *testing.T) {
	p := PhonePay{Token: "tok", Due: "€25.00"}
	if got := draw(t, "en", p); strings.Contains(got, "<script") || strings.Contains(got, "data-auto") || strings.Count(got, "<button") != 1 {
		t.Error("the page as sent does more than wait for its one button")
	}
	p.Scanned = true
	if got := draw(t, "en", p); !strings.Contains(got, `data-open="/p/tok/open"`) || !strings.Contains(got, `action="/p/tok/pay"`) {
		t.Error("the scanned page can't go on, with or without script")
	}
}

func TestUnknownLinkGivesNothingAway(t *testing.T) {
	if got := draw(t, "en", PhoneUnknown{}); strings.Contains(got, "Lumen") || strings.Contains(got, `class="house"`) {
		t.Error("an unknown link names a location")
	}
}

func TestEveryFieldIsEscaped(t *testing.T) {
	const evil = `"><script>alert(1)</script><b x='`
	for _, f := range fixtures() {
		poisoned := reflect.New(reflect.TypeOf(f.page)).Elem()
		poisoned.Set(reflect.ValueOf(f.page))
		poison(poisoned, evil)
		got := draw(t, "en", poisoned.Interface().(Page))
		if strings.Contains(got, "<script>alert") || strings.Contains(got, "<b x=") {
			t.Errorf("%s lets a script through", f.name)
		}
	}
}

// choosing are the fields that choose a text or a branch; they are ours, not people's.
var choosing = map[string]bool{"Kind": true, "Status": true, "Statuses": true, "Method": true, "Flags": true, "Changed": true, "Role": true, "Roles": true, "Tab": true, "Section": true, "Sections": true, "Shows": true, "Open": true, "State": true, "Ways": true, "Cause": true, "Outcome": true, "Columns": true, "Period": true, "Periods": true, "Grain": true, "Trend": true, "Legend": true, "Channel": true, "Why": true, "Links": true, "Waits": true}

// poison puts a script into every text of a struct, however deep; what a fixture
// shares with others is copied on the way.
func poison(v reflect.Value, evil string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(evil)
	case reflect.Struct:
		for i := range v.NumField() {
			if !choosing[v.Type().Field(i).Name] {
				poison(v.Field(i), evil)
			}
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		own := reflect.New(v.Type().Elem())
		own.Elem().Set(v.Elem())
		poison(own.Elem(), evil)
		v.Set(own)
	case reflect.Slice:
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		for i := range own.Len() {
			poison(own.Index(i), evil)
		}
		v.Set(own)
	}
}

func TestAFailedPageWritesNothing(t *testing.T) {
	var out bytes.Buffer
	if err := Render(&out, "en", Visit{Status: "no such status"}); err == nil || out.Len() != 0 {
		t.Errorf("error %v, %d bytes written", err, out.Len())
	}
}

func TestLanguageFallsBackToEnglish(t *testing.T) {
	for tag, want := range map[string]string{"de-AT": "de", "de": "de", "en-GB": "en", "hu": "en", "": "en", "!!": "en"} {
		if got := Language(tag); got != want {
			t.Errorf("Language(%q) = %q, want %q", tag, got, want)
		}
	}
}

func keys(t *testing.T, lang string) map[string]string {
	t.Helper()
	data, err := catalogues.ReadFile(lang + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	flat := map[string]string{}
	flatten(flat, "", tree)
	return flat
}

func flatten(into map[string]string, prefix string, tree map[string]any) {
	for key, value := range tree {
		if nested, ok := value.(map[string]any); ok {
			flatten(into, prefix+key+".", nested)
		} else {
			into[prefix+key] = fmt.Sprint(value)
		}
	}
}

var blanks = regexp.MustCompile(`\{\{\.\w+\}\}`)

func TestCataloguesHaveTheSameKeysAndBlanks(t *testing.T) {
	en := keys(t, "en")
	for _, lang := range Languages()[1:] {
		other := keys(t, lang)
		for key, text := range en {
			if said, ok := other[key]; !ok {
				t.Errorf("%s lacks %s", lang, key)
			} else if a, b := fmt.Sprint(blanks.FindAllString(text, -1)), fmt.Sprint(blanks.FindAllString(said, -1)); a != b {
				t.Errorf("%s: %s fills in %s, English %s", key, lang, b, a)
			}
		}
		for key := range other {
			if _, ok := en[key]; !ok {
				t.Errorf("%s has %s, which English lacks", lang, key)
			}
		}
	}
}

func TestEveryKeyIsUsedAndEveryUseHasAKey(t *testing.T) {
	en, used := keys(t, "en"), map[string]bool{}
	said, built := regexp.MustCompile(`[{(]t "([\w.-]+)"`), regexp.MustCompile(`\(print "([\w.]+)" \.?\$?\w*`)
	files, _ := filepath.Glob("*.html")
	for _, file := range append(files, "ready.go", "shelfready.go") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range said.FindAllStringSubmatch(string(data), -1) {
			used[match[1]] = true
			_, plain := en[match[1]]
			if _, plural := en[match[1]+".other"]; !plain && !plural {
				t.Errorf("%s: no text %q", file, match[1])
			}
		}
		for _, match := range built.FindAllStringSubmatch(string(data), -1) {
			used[match[1]] = true
		}
		for _, match := range regexp.MustCompile(`"(phone\.\w+)"`).FindAllStringSubmatch(string(data), -1) {
			used[match[1]], used[match[1]+"_hint"] = true, true
		}
	}
	for key := range en {
		if !saidByAny(used, key) {
			t.Errorf("nothing says %s", key)
		}
	}
}

// saidByAny knows a key by its whole, by its beginning (print "chip." .Kind), and a
// plural by what its forms share.
func saidByAny(used map[string]bool, key string) bool {
	for name := range used {
		if key == name || key == name+".one" || key == name+".other" {
			return true
		}
		if last := name[len(name)-1]; (last == '.' || last == '_') && strings.HasPrefix(key, name) {
			return true
		}
	}
	return false
}
