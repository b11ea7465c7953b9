package page

import (
	"embed"
	"fmt"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

//go:embed *.toml
var catalogues embed.FS

// Languages are those the pages speak, English first.
func Languages() []string { return []string{"en", "de"} }

// Language is the one of Languages that suits a tag best ("de-AT" → "de"), English
// when none does.
func Language(tag string) string {
	wanted, err := language.Parse(tag)
	if err != nil {
		return "en"
	}
	base, _ := wanted.Base()
	for _, lang := range Languages() {
		if base.String() == lang {
			return lang
		}
	}
	return "en"
}

// direction is how a language runs, for the page's dir attribute. Every language we
// speak runs from the left; the style sheets are ready for those that do not.
func direction(lang string) string {
	switch lang {
	case "ar", "fa", "he", "ur":
		return "rtl"
	default:
		return "ltr"
	}
}

// localizers answer for one language each. None falls back on another: a text that is
// missing is an error, which the tests find, and not a page in two languages.
var localizers = sync.OnceValue(func() map[string]*i18n.Localizer {
	speakers := map[string]*i18n.Localizer{}
	for _, lang := range Languages() {
		bundle := i18n.NewBundle(language.Make(lang))
		bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
		if _, err := bundle.LoadMessageFileFS(catalogues, lang+".toml"); err != nil {
			panic("page: " + err.Error()) // embedded with the program: only a broken build
		}
		speakers[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return speakers
})

// text is what the catalogue says under a key, with values filled in by name; a value
// called Count chooses between one and several.
func text(lang, key string, args ...any) (string, error) {
	values, err := pair(args...)
	if err != nil {
		return "", err
	}
	said, err := localizers()[lang].Localize(&i18n.LocalizeConfig{
		MessageID: key, TemplateData: values, PluralCount: values["Count"],
	})
	if err != nil {
		return "", fmt.Errorf("text %q: %w", key, err)
	}
	return said, nil
}

// Text is a text of the catalogue for what is not a page: a title for a notice, a
// name of a method. An unknown key is given back as it is.
func Text(lang, key string, args ...any) string {
	said, err := text(Language(lang), key, args...)
	if err != nil {
		return key
	}
	return said
}
