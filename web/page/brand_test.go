package page

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBrandCanBeReadWhateverItsColour(t *testing.T) {
	part := regexp.MustCompile(`--([\w-]+): (#[0-9a-f]{6});`)
	rapid.Check(t, func(t *rapid.T) {
		sheet := BrandCSS(rapid.StringMatching(`#[0-9a-f]{6}`).Draw(t, "colour"))
		for i, theme := range strings.Split(sheet, "@media") {
			found := map[string]rgb{}
			for _, match := range part.FindAllStringSubmatch(theme, -1) {
				found[match[1]], _ = parseColour(match[2])
			}
			ground, _ := parseColour([]string{lightGround, darkGround}[i])
			for _, pair := range [][2]rgb{{found["brand"], found["brand-ink"]}, {found["brand-soft"], found["brand-text"]}, {ground, found["brand-text"]}} {
				if got := contrast(pair[0], pair[1]); got < readable {
					t.Fatalf("%s on %s is %.2f, AA asks for %.1f\n%s", pair[1], pair[0], got, readable, sheet)
				}
			}
		}
	})
}

func TestBrandTakesColoursAndNothingElse(t *testing.T) {
	own := BrandCSS(ownBrand)
	for _, typed := range []string{"", "red", "#12345", "#1234567", "#00000g", "#fff; } body { display: none", "14514a"} {
		if BrandCSS(typed) != own {
			t.Errorf("%q reached the style sheet", typed)
		}
	}
	if BrandCSS("#abc") != BrandCSS("#AABBCC") {
		t.Error("short and long forms of one colour differ")
	}
}
