package sheet

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:embed text/*.json
var texts embed.FS

// words are the instructions in one language.
type words struct {
	Heading string `json:"heading"`
	Step1   string `json:"step1"`
	Step2   string `json:"step2"`
	Step3   string `json:"step3"`
	Opens   string `json:"opens"`    // with {host}
	Reach   string `json:"distance"` // with {metres}
	Glue    string `json:"glue"`
	Decimal string `json:"decimal"`
}

// wordsIn reads the instructions in a language, English for one without.
func wordsIn(language string) (w words, err error) {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	if !slices.Contains(Languages(), base) {
		base = "en"
	}
	raw, err := texts.ReadFile("text/" + base + ".json")
	if err == nil {
		err = json.Unmarshal(raw, &w)
	}
	if err != nil {
		return w, fmt.Errorf("sheet: words: %w", err)
	}
	return w, nil
}

// Languages lists those that there are instructions in.
func Languages() (found []string) {
	files, _ := fs.Glob(texts, "text/*.json") // the pattern is well formed
	for _, file := range files {
		found = append(found, strings.TrimSuffix(strings.TrimPrefix(file, "text/"), ".json"))
	}
	return found
}

func (w words) opens(host string) string { return strings.ReplaceAll(w.Opens, "{host}", host) }

func (w words) distance(metres float64) string {
	n := strings.Replace(strconv.FormatFloat(metres, 'f', 1, 64), ".", w.Decimal, 1)
	return strings.ReplaceAll(w.Reach, "{metres}", n)
}
