package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"sync"
	"unicode/utf8"

	"countersign/web/static"
)

//go:embed *.html
var sources embed.FS

// Page is a struct of this package that has a template: a whole page, or a fragment
// that is swapped into one.
type Page interface{ template() string }

func (SignIn) template() string          { return "signin" }
func (Desk) template() string            { return "desk" }
func (Notices) template() string         { return "notices" }
func (List) template() string            { return "list" }
func (Visit) template() string           { return "visit" }
func (VisitForm) template() string       { return "visit-form" }
func (FormSum) template() string         { return "form-sum" }
func (RefundForm) template() string      { return "refund-form" }
func (PayBlock) template() string        { return "pay-block" }
func (Setup) template() string           { return "setup" }
func (Displays) template() string        { return "displays" }
func (Companies) template() string       { return "companies" }
func (Shelf) template() string           { return "shelf" }
func (Reports) template() string         { return "reports" }
func (Drawer) template() string          { return "drawer" }
func (DrawerSum) template() string       { return "drawer-sum" }
func (Compared) template() string        { return "compared" }
func (Stock) template() string           { return "stock-now" }
func (ShelfList) template() string       { return "shelf-list" }
func (Found) template() string           { return "found" }
func (Clients) template() string         { return "clients" }
func (ClientList) template() string      { return "client-list" }
func (ClientRows) template() string      { return "client-rows" }
func (Client) template() string          { return "client" }
func (ClientPast) template() string      { return "client-past" }
func (Who) template() string             { return "who" }
func (Offers) template() string          { return "offers" }
func (PhonePay) template() string        { return "phone-pay" }
func (PhoneProgress) template() string   { return "phone-progress" }
func (PhoneReceipt) template() string    { return "phone-receipt" }
func (PhoneProcessing) template() string { return "phone-processing" }
func (PhoneNothingDue) template() string { return "phone-nothing-due" }
func (PhoneUnknown) template() string    { return "phone-unknown" }
func (PhoneTooMany) template() string    { return "phone-too-many" }
func (PhoneWaiting) template() string    { return "phone-waiting" }
func (PhoneProblem) template() string    { return "phone-problem" }

// Render writes a page in a language; one that we do not speak becomes English. The
// page is made whole before the first byte is written, so an error leaves w as it was
// and the caller can still answer otherwise.
func Render(w io.Writer, lang string, p Page) error {
	lang = Language(lang)
	var made bytes.Buffer
	if err := templates()[lang].ExecuteTemplate(&made, p.template(), p); err != nil {
		return fmt.Errorf("page %s in %s: %w", p.template(), lang, err)
	}
	_, err := w.Write(made.Bytes())
	return err
}

// templates are parsed once for each language, since what {{t}} says is bound when a
// template is parsed: no page then carries its language from template to template.
var templates = sync.OnceValue(func() map[string]*template.Template {
	sets := map[string]*template.Template{}
	for _, lang := range Languages() {
		sets[lang] = template.Must(template.New("").Funcs(functions(lang)).ParseFS(sources, "*.html"))
	}
	return sets
})

// functions are the words of the templates.
func functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t":    func(key string, args ...any) (string, error) { return text(lang, key, args...) },
		"lang": func() string { return lang },
		"dir":  func() string { return direction(lang) },
		"icon": func(name string) (template.HTML, error) {
			drawn := static.Icon(name)
			if drawn == "" {
				return "", fmt.Errorf("no icon %q", name)
			}
			return drawn, nil
		},
		"asset": static.URL,
		"pairs": pair,
		"add":   func(a, b int) int { return a + b },
		"list":  func(of ...string) []string { return of },
		"wide":  func(sign string) bool { return utf8.RuneCountInString(sign) > 1 },
	}
}

// pair hands several values to a nested template, by name.
func pair(args ...any) (map[string]any, error) {
	if len(args)%2 != 0 {
		return nil, fmt.Errorf("pairs: %d arguments, not pairs", len(args))
	}
	values := map[string]any{}
	for i := 0; i < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			return nil, fmt.Errorf("pairs: argument %d is no name", i)
		}
		values[name] = args[i+1]
	}
	return values, nil
}
