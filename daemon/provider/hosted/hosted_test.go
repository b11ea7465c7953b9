package hosted_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"countersign/daemon/provider"
	"countersign/daemon/provider/hosted"
)

func whole(amount int64, _ string) (int64, bool) { return amount, amount >= 0 }

// R19: the page's rows add up to what is taken, or there are none.
func TestRows(t *testing.T) {
	line := func(n, amount int64) provider.Line { return provider.Line{Name: "x", Quantity: n, Amount: amount} }
	for name, try := range map[string]struct {
		amount int64
		lines  []provider.Line
		want   []hosted.Row
	}{
		"pieces":            {30, []provider.Line{line(3, 30)}, []hosted.Row{{"x", 3, 10}}},
		"a discount":        {29, []provider.Line{line(3, 29)}, []hosted.Row{{"x", 1, 29}}},
		"a part of it paid": {20, []provider.Line{line(3, 30)}, nil},
		"more than lines":   {40, []provider.Line{line(3, 30)}, nil},
		"nothing for it":    {30, []provider.Line{line(0, 30)}, nil},
		"a row below zero":  {30, []provider.Line{line(1, 40), line(1, -10)}, nil},
		"an overflow":       {1, []provider.Line{line(1, 1<<62), line(1, 1<<62), line(1, 1<<62), line(1, 1<<62), line(1, 1)}, nil},
		"for nothing too":   {30, []provider.Line{line(1, 30), line(1, 0)}, []hosted.Row{{"x", 1, 30}, {"x", 1, 0}}},
		"no lines":          {30, nil, nil},
	} {
		if diff := cmp.Diff(try.want, hosted.Rows(provider.Request{Amount: try.amount, Currency: "EUR", Lines: try.lines}, whole)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// R11: the client's language, or one of its family.
func TestLanguage(t *testing.T) {
	const pages = "de en en-GB nb pt-PT pt-BR zh zh-TW"
	for wish, want := range map[string]string{
		"de": "de", "de-AT": "de", "en_GB": "en-GB", "en-US": "en", "no": "nb", "nn-NO": "nb", "pt": "pt-PT", "pt-BR": "pt-BR", "pt-AO": "pt-PT",
		"zh-TW": "zh-TW", "zh-Hans": "zh", "": "", "xx": "", "d": "", "en GB": "",
	} {
		if got := hosted.Language(wish, pages); got != want {
			t.Errorf("%q: %q, want %q", wish, got, want)
		}
	}
}

// R39: a client is sent to pages alone.
func TestIsPage(t *testing.T) {
	for s, want := range map[string]bool{"https://pay.example/x": true, "http://127.0.0.1:8080/": true, "javascript:alert(1)": false, "/x": false,
		"https://": false, "https://user@pay.example/": false, "https://pay.example/" + strings.Repeat("x", 5000): false, "": false} {
		if hosted.IsPage(s) != want {
			t.Errorf("%.40q is taken for a page: %v", s, !want)
		}
	}
}

func TestCut(t *testing.T) {
	for s, want := range map[string]string{"Färben": "Färb…", "Färbe": "Färbe", "": "", "a\xffb": "ab"} {
		if got := hosted.Cut(s, 5); got != want {
			t.Errorf("%q: %q", s, got)
		}
	}
}
