package page

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

// What the desk refuses, it refuses in English, as API.md has it. A page says it in its own
// language: refusals.de.toml has a text for each, with %s where something is filled in.

// refusal is what is said in English, and how in another language.
type refusal struct {
	english, own string
	shape        *regexp.Regexp
}

var verbs = regexp.MustCompile(`%[dqsv]`)

// refusalTables are the refusals by language, the longest first: “is that of row %s” is not
// “is that of %s”.
var refusalTables = sync.OnceValue(func() map[string][]refusal {
	tables := map[string][]refusal{}
	for _, lang := range Languages()[1:] {
		raw, err := catalogues.ReadFile("refusals." + lang + ".toml")
		texts := map[string]string{}
		if err == nil {
			err = toml.Unmarshal(raw, &texts)
		}
		if err != nil {
			panic("page: " + err.Error()) // embedded with the program: only a broken build
		}
		for english, own := range texts {
			shape := "(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(english), "%s", "(.+)") + "$"
			tables[lang] = append(tables[lang], refusal{english: english, own: own, shape: regexp.MustCompile(shape)})
		}
		slices.SortFunc(tables[lang], func(a, b refusal) int {
			if by := len(b.english) - len(a.english); by != 0 {
				return by
			}
			return strings.Compare(a.english, b.english)
		})
	}
	return tables
})

func refusalsIn(lang string) []refusal { return refusalTables()[lang] }

// Refused says in a language why something was refused; what has no text there
// stays as it is.
func Refused(lang, english string) string {
	for _, r := range refusalsIn(Language(lang)) {
		found := r.shape.FindStringSubmatch(english)
		if found == nil {
			continue
		}
		own := r.own
		for _, filled := range found[1:] {
			own = strings.Replace(own, "%s", filled, 1)
		}
		return own
	}
	return english
}
